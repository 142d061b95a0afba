/**
 * Counters behind INFO commandstats, errorstats and latencystats.
 *
 * @module
 */

import { CallCounter } from "./call_counter.ts";

/** A command to count: one object for each. */
export interface CountedCommand {
  /** Upper case; a subcommand's holds a space. */
  readonly name: string;
  /** Only a sample of the "fast" and "blocking" commands is timed. */
  readonly flags: readonly string[];
}

/** Counters of each command, created when it is first sent. */
export class CommandCounters {
  readonly #counters = new Map<CountedCommand, CallCounter>();
  readonly #errors = new Map<string, number>();
  /** A cache: mostly the next command is the same. */
  #last: readonly [command: CountedCommand, counter: CallCounter] | undefined;

  /** The counters of this command. */
  of(command: CountedCommand): CallCounter {
    if (this.#last?.[0] !== command) this.#last = [command, this.#find(command)];
    return this.#last![1];
  }

  /** Counts an error reply by its code, e.g. `ERR`. */
  errorAnswered(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** Counters of each command that ran or was rejected. */
  get commands(): (readonly [command: CountedCommand, counter: CallCounter])[] {
    return [...this.#counters].filter(([, { calls, rejected }]) => calls + rejected > 0);
  }

  /** Number of error replies by code. */
  get errors(): (readonly [code: string, count: number])[] {
    return [...this.#errors];
  }

  /** Sets all counters to 0; the calling command is counted afterwards. */
  reset(): void {
    for (const counter of this.#counters.values()) counter.reset();
    this.#errors.clear();
  }

  #find(command: CountedCommand): CallCounter {
    let counter = this.#counters.get(command);
    if (!counter) this.#counters.set(command, counter = new CallCounter(isQuick(command)));
    return counter;
  }
}

/** Whether its run time depends on its arguments and messages alone: reading the clock is a noticeable part of it. */
export function isQuick({ flags }: Pick<CountedCommand, "flags">): boolean {
  return flags.includes("fast") || flags.includes("blocking");
}
