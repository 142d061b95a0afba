/**
 * @module
 * Ports for programs that can't choose free ones by themselves.
 */

const FIRST_PORT = 20_000;
/** Below those that the kernel gives out. */
const PORTS = 10_000;
/** The controllers' ports are so much higher than the brokers'. */
const CONTROLLER_OFFSET = 300;
const ATTEMPTS = 5;

/** Runs `start` with the first of `count` free ports; again with others where somebody was faster. */
export async function withFreePorts<T>(
  count: number,
  start: (port: number) => Promise<T>,
): Promise<T> {
  for (let attempt = 1;; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * PORTS);
    const needed = Array.from(
      { length: count },
      (_, n) => [port + n, port + CONTROLLER_OFFSET + n],
    );
    if (!needed.flat().every(isFree)) continue;
    try {
      return await start(port);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
