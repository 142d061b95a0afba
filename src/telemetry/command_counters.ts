/**
 * Counters of commands: INFO commandstats, errorstats and latencystats, and the same for Prometheus.
 *
 * @module
 */

import { CallCounter } from "./call_counter.ts";
import { CounterFamily } from "./counter_family.ts";
import { secondsOf } from "./duration_histogram.ts";
import { type MetricNames, MetricRegistry } from "./metrics.ts";

/** From 16 microseconds to 17 seconds. */
const DURATIONS = { from: 4, to: 24 };

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
  readonly #errors: CounterFamily;
  /** A cache: mostly the next command is the same. */
  #last: readonly [command: CountedCommand, counter: CallCounter] | undefined;

  /** Registers the metrics. */
  constructor(registry: MetricRegistry = new MetricRegistry()) {
    this.#register(registry, "commands_total", "Commands run, whatever the reply", "calls", [
      "stats",
      "total_commands_processed",
    ]);
    this.#register(
      registry,
      "command_errors_total",
      "Commands run that returned an error",
      "failed",
    );
    this.#register(
      registry,
      "commands_rejected_total",
      "Commands not run: the number of arguments, or the state, was wrong",
      "rejected",
    );
    registry.add({
      names: {
        metric: "rafka_command_duration_seconds",
        help:
          "Time that commands take, without what a blocking one waits for; of quick ones a sample of 64 is timed",
        labelNames: ["command"],
      },
      type: "histogram",
      samples: () => [],
      histograms: () =>
        [...this.#counters]
          .map(([command, { totals }]) => ({ command: labelOf(command), ...totals }))
          .filter(({ latencies }) => latencies.count > 0)
          .map(({ command, latencies }) => secondsOf(latencies, { command }, DURATIONS)),
    });
    this.#errors = registry.add(
      new CounterFamily({
        metric: "rafka_error_replies_total",
        help: "Replies that were errors, by their first word",
        labelNames: ["code"],
        info: ["stats", "total_error_replies"],
      }),
    );
  }

  /** The counters of this command. */
  of(command: CountedCommand): CallCounter {
    if (this.#last?.[0] !== command) this.#last = [command, this.#find(command)];
    return this.#last![1];
  }

  /** Number of commands that ran or wait, since start-up. */
  get total(): number {
    let sum = 0;
    for (const counter of this.#counters.values()) sum += counter.totals.calls;
    return sum;
  }

  /** Counts an error reply by its code, e.g. `ERR`. */
  errorAnswered(code: string): void {
    this.#errors.of(code).total++;
  }

  /** Counters of each command that ran or was rejected. */
  get commands(): (readonly [command: CountedCommand, counter: CallCounter])[] {
    return [...this.#counters].filter(([, { calls, rejected }]) => calls + rejected > 0);
  }

  /** Number of error replies by code. */
  get errors(): (readonly [code: string, count: number])[] {
    return this.#errors.samples().filter(({ value }) => value > 0)
      .map(({ labels, value }) => [labels.code!, value] as const);
  }

  /** Sets all counters to 0; the calling command is counted afterwards. */
  reset(): void {
    for (const counter of this.#counters.values()) counter.reset();
    this.#errors.reset();
  }

  #register(
    registry: MetricRegistry,
    name: string,
    help: string,
    count: "calls" | "failed" | "rejected",
    info?: MetricNames["info"],
  ): void {
    registry.add({
      names: { metric: `rafka_${name}`, help, labelNames: ["command"], ...(info && { info }) },
      type: "counter",
      samples: () =>
        [...this.#counters].map(([command, counter]) => ({
          labels: { command: labelOf(command) },
          total: counter.totals[count],
          value: counter[count],
        })),
    });
  }

  #find(command: CountedCommand): CallCounter {
    let counter = this.#counters.get(command);
    if (!counter) this.#counters.set(command, counter = new CallCounter(isQuick(command)));
    return counter;
  }
}

/** As in INFO: `client|list`. */
function labelOf({ name }: CountedCommand): string {
  return name.toLowerCase().replace(" ", "|");
}

/** Whether its run time depends on its arguments and messages alone: reading the clock is a noticeable part of it. */
export function isQuick({ flags }: Pick<CountedCommand, "flags">): boolean {
  return flags.includes("fast") || flags.includes("blocking");
}
