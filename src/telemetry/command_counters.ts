/**
 * What was run: behind INFO commandstats, errorstats and latencystats.
 *
 * @module
 */

import { CallCounter } from "./call_counter.ts";

/** A command, as it is counted: one object for each. */
export interface CountedCommand {
  /** In capitals, with a space before a subcommand. */
  readonly name: string;
  /** "fast" and "blocking" are timed less often. */
  readonly flags: readonly string[];
}

/** Counters for each command, made when it is first sent. */
export class CommandCounters {
  readonly #counters = new Map<CountedCommand, CallCounter>();
  readonly #errors = new Map<string, number>();
  /** Mostly the next command is the same. */
  #last: readonly [command: CountedCommand, counter: CallCounter] | undefined;

  /** The counters of this command. */
  of(command: CountedCommand): CallCounter {
    if (this.#last?.[0] !== command) this.#last = [command, this.#find(command)];
    return this.#last![1];
  }

  /** An error was answered; `code` is its first word. */
  errorAnswered(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  /** Of each command that was run or refused, by its name as `client|list`. */
  get commands(): (readonly [name: string, counter: CallCounter])[] {
    return [...this.#counters].filter(([, { calls, rejected }]) => calls + rejected > 0)
      .map(([command, counter]) => [command.name.toLowerCase().replace(" ", "|"), counter]);
  }

  /** Error replies by their first word. */
  get errors(): (readonly [code: string, count: number])[] {
    return [...this.#errors];
  }

  /** Sets all of them to 0; the command that asks for it is counted afterwards. */
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

/** Whether reading the clock for each call would cost a noticeable part of it. */
function isQuick({ flags }: CountedCommand): boolean {
  return flags.includes("fast") || flags.includes("blocking");
}
