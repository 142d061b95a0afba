/**
 * @module
 * What was run: behind INFO commandstats, errorstats and latencystats.
 */

import { CallCounter } from "./call_counter.ts";
import { canonicalName, type Command, isQuick } from "../commands/core/command.ts";
import type { CommandStatsView } from "../commands/core/command_stats_view.ts";

/** Counters for each command, made when it is first sent. */
export class CommandStats implements CommandStatsView {
  readonly #counters = new Map<Command, CallCounter>();
  readonly #errors = new Map<string, number>();
  /** Mostly the next command is the same. */
  #last: readonly [command: Command, counter: CallCounter] | undefined;

  /** The counters of this command. */
  of(command: Command): CallCounter {
    if (this.#last?.[0] !== command) this.#last = [command, this.#find(command)];
    return this.#last![1];
  }

  /** An error was answered; `code` is its first word. */
  errorAnswered(code: string): void {
    this.#errors.set(code, (this.#errors.get(code) ?? 0) + 1);
  }

  get commands(): (readonly [name: string, counter: CallCounter])[] {
    return [...this.#counters].filter(([, { calls, rejected }]) => calls + rejected > 0)
      .map(([command, counter]) => [canonicalName(command), counter]);
  }

  get errors(): (readonly [code: string, count: number])[] {
    return [...this.#errors];
  }

  /** Sets all of them to 0; the command that asks for it is counted afterwards. */
  reset(): void {
    for (const counter of this.#counters.values()) counter.reset();
    this.#errors.clear();
  }

  #find(command: Command): CallCounter {
    let counter = this.#counters.get(command);
    if (!counter) this.#counters.set(command, counter = new CallCounter(isQuick(command)));
    return counter;
  }
}
