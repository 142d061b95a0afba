/**
 * @module
 * What becomes of a command that waits when its client hangs up.
 */

import type { Input } from "../net/input.ts";

/** How long a command may go on waiting for a client that has ended its half of the connection. */
const HALF_CLOSED_TIMEOUT_MS = 5_000;

/** A command that waits. */
export interface Waiting<T> {
  /** Settles when the replies before it are written. */
  readonly written: Promise<void>;
  /** Its own. */
  readonly reply: Promise<T>;
  /** Whether who hangs up now is gone at once: its name and its partitions are wanted elsewhere. */
  readonly atOnce: () => boolean;
}

/**
 * Waits for the reply, as long as the client is there to get it. A client that hangs up may have ended its half of the
 * connection only (as `nc -N` does), and has a while to get its reply.
 *
 * @throws {Deno.errors.ConnectionAborted} when it is gone. No reply: the client would take it for one, and its
 *   messages would count as consumed
 */
export async function whileConnected<T>(
  input: Input,
  { written, reply, atOnce }: Waiting<T>,
): Promise<T> {
  const { promise: gone, reject } = Promise.withResolvers<never>();
  const hungUp = (): void => reject(new Deno.errors.ConnectionAborted("Hung up"));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const endWatch = input.watch(() => {
    timer = setTimeout(hungUp, HALF_CLOSED_TIMEOUT_MS);
    if (atOnce()) written.then(hungUp, hungUp); // the replies before it are the client's, wherever it is
  });
  try {
    return await Promise.race([written.then(() => reply), gone]);
  } finally {
    clearTimeout(timer);
    endWatch();
  }
}
