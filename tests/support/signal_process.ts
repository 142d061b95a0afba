/**
 * Signals to processes that may end by themselves at any time.
 *
 * @module
 */

/** Sends a signal to a process, unless that has ended already. */
export function signalProcess(process: Deno.ChildProcess, name: Deno.Signal = "SIGTERM"): void {
  try {
    process.kill(name);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // "has already terminated"
  }
}
