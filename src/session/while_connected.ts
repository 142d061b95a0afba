/**
 * Waiting for something on behalf of a client, as long as the client is connected.
 *
 * @module
 */

import type { Input } from "../net/input.ts";

/** What is waited for. */
export interface Wait<T> {
  /** Settles when the replies before it are written. */
  readonly written: Promise<void>;
  /** What is waited for. */
  readonly result: Promise<T>;
  /** Whether the wait ends as soon as the client disconnects: its name and its partitions are needed elsewhere. */
  readonly endsAtOnce: () => boolean;
  /** How long the wait goes on when the client has shut down its sending side only, as `nc -N` does. */
  readonly halfClosedMs: number;
}

/**
 * The result, if the client is connected until then.
 *
 * @throws {Deno.errors.ConnectionAborted} when it is not. There is no reply then: the client would take it for one, and
 *   its messages would count as consumed
 */
export async function whileConnected<T>(
  input: Input,
  { written, result, endsAtOnce, halfClosedMs }: Wait<T>,
): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const disconnected = (): void => reject(new Deno.errors.ConnectionAborted("Disconnected"));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const endWatch = input.watch(() => {
    timer = setTimeout(disconnected, halfClosedMs);
    if (endsAtOnce()) written.then(disconnected, disconnected); // the replies before it are the client's in any case
  });
  try {
    return await Promise.race([written.then(() => result), gone]);
  } finally {
    clearTimeout(timer);
    endWatch();
  }
}
