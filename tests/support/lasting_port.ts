/**
 * Ports for what comes back to the same one. The system gives a port that somebody has left to the next who asks for
 * any, also as the near end of a connection; it never does that with those below its own range.
 *
 * @module
 */

/** Linux begins at 32768, macOS at 49152; clusters of tests take those from 20000 on. */
const RANGE = { first: 10_000, last: 20_000 };

/** A port that is free now, and later as well unless a test has drawn the same. */
export function lastingPort(): number {
  for (;;) {
    const port = RANGE.first + Math.floor(Math.random() * (RANGE.last - RANGE.first));
    try {
      Deno.listen({ hostname: "127.0.0.1", port }).close();
      return port;
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
}
