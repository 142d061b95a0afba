/**
 * What must not outlive the run, however it ends: brokers that run on by themselves, rules of the kernel.
 *
 * @module
 */
import { killChildren } from "../bench/process.ts";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const EXIT_SIGNAL = 130;

const pending = new Set<Undo>();

/** Something that is undone at the end of its scope, or by a signal before it. */
export class Undo implements AsyncDisposable {
  readonly #undo: () => Promise<unknown>;

  constructor(undo: () => Promise<unknown>) {
    this.#undo = undo;
    pending.add(this);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (pending.delete(this)) await this.#undo();
  }
}

/** From now on a signal undoes what is pending, the latest first, and ends the program. */
export function undoOnSignals(): void {
  for (const signal of SIGNALS) {
    Deno.addSignalListener(signal, async () => {
      await killChildren();
      for (const undo of [...pending].reverse()) await undo[Symbol.asyncDispose]();
      Deno.exit(EXIT_SIGNAL);
    });
  }
}
