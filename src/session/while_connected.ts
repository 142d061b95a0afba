/**
 * Waits on behalf of a client, as long as the client is connected.
 *
 * @module
 */

import type { Input } from "../net/input.ts";

/** The client has disconnected before the end of a wait. */
export class HungUp extends Deno.errors.ConnectionAborted {}

/** A wait on behalf of a client. */
export interface Wait<T> {
  /** Settles when earlier replies are written. */
  readonly written: Promise<void>;
  /** The awaited result. */
  readonly result: Promise<T>;
  /**
   * Whether the wait ends immediately when the client disconnects: its name and its partitions are needed elsewhere.
   */
  readonly endsAtOnce: () => boolean;
  /** How long the wait continues after the client has shut down its sending side, as `nc -N` does. */
  readonly halfClosedMs: number;
}

/**
 * Awaits the result while the client is connected.
 *
 * @throws {HungUp} when the client disconnects first. No reply is written then: its messages
 *   would count as consumed
 */
export async function whileConnected<T>(
  input: Input,
  { written, result, endsAtOnce, halfClosedMs }: Wait<T>,
): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const disconnected = (): void => reject(new HungUp("Disconnected"));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const endWatch = input.watch(() => {
    timer = setTimeout(disconnected, halfClosedMs);
    if (endsAtOnce()) written.then(disconnected, disconnected); // earlier replies are written in any case
  });
  try {
    return await Promise.race([written.then(() => result), gone]);
  } finally {
    clearTimeout(timer);
    endWatch();
  }
}
