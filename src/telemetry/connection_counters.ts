/**
 * Counters of connections and bytes since start-up: INFO stats. `DEL stats` does not reset them.
 *
 * @module
 */

import { type Counter, type Labels, MetricRegistry } from "./metrics.ts";

/** Why the gateway has ended a connection: what it has exceeded, or what was done to it. */
export type CutOffCause =
  | "pipelineLimitBytes"
  | "maxInputBytes"
  | "outputLimitBytes"
  | "monitorBacklogBytes"
  | "protocol"
  | "CLIENT KILL"
  | "no answer"
  | "idleTimeoutMs"
  | "TLS";

const INPUT_LIMITED = "client_query_buffer_limit_disconnections";
const OUTPUT_LIMITED = "client_output_buffer_limit_disconnections";
/** Each cause with its field of INFO. */
const CUT_OFF: Readonly<Record<CutOffCause, string | undefined>> = {
  pipelineLimitBytes: INPUT_LIMITED,
  maxInputBytes: INPUT_LIMITED,
  outputLimitBytes: OUTPUT_LIMITED,
  monitorBacklogBytes: OUTPUT_LIMITED,
  protocol: undefined,
  "CLIENT KILL": undefined,
  "no answer": undefined,
  idleTimeoutMs: undefined,
  TLS: "tls_failed_connections",
};

/** Counters over all connections. */
export class ConnectionCounters {
  readonly #registry: MetricRegistry;
  /** Connections accepted. */
  readonly connections: Counter;
  /** Bytes read from clients. */
  readonly inputBytes: Counter;
  /** Bytes written to clients. */
  readonly outputBytes: Counter;
  /** Connections rejected for `maxClients`. */
  readonly rejected: Counter;
  /** Connections of other machines, rejected in protected mode. */
  readonly protectedMode: Counter;
  /** Connections that TLS has failed for whose client certificate was missing or refused. */
  readonly certificatesRefused: Counter;
  readonly #cutOff: Readonly<Record<CutOffCause, Counter>>;

  /** Registers the counters. */
  constructor(registry: MetricRegistry = new MetricRegistry()) {
    this.#registry = registry;
    this.connections = this.#counter(
      "connections_accepted",
      "Connections accepted",
      "total_connections_received",
    );
    this.inputBytes = this.#counter(
      "input_bytes",
      "Bytes read from clients",
      "total_net_input_bytes",
    );
    this.outputBytes = this.#counter(
      "output_bytes",
      "Bytes written to clients",
      "total_net_output_bytes",
    );
    const rejected = (cause: string): Counter =>
      this.#counter("connections_rejected", "Connections rejected", "rejected_connections", {
        cause,
      });
    this.rejected = rejected("maxClients");
    this.protectedMode = rejected("protectedMode");
    const cutOff = ([cause, field]: [string, string | undefined]): [string, Counter] => [
      cause,
      this.#counter("connections_cut_off", "Connections that the gateway has ended", field, {
        cause,
      }),
    ];
    this.#cutOff = Object.fromEntries(Object.entries(CUT_OFF).map(cutOff)) as Record<
      CutOffCause,
      Counter
    >;
    this.certificatesRefused = this.#counter(
      "connections_certificate_refused",
      "Connections whose client certificate was missing or refused",
      "tls_refused_certificates",
    );
  }

  /** Counts a connection that the gateway ends; each has one cause. */
  cutOff(cause: CutOffCause): void {
    this.#cutOff[cause].total++;
  }

  #counter(metric: string, help: string, field?: string, labels?: Labels): Counter {
    return this.#registry.counter({
      metric: `rafka_${metric}_total`,
      help,
      ...(labels && { labels }),
      ...(field !== undefined && { info: ["stats", field] as const }),
    });
  }
}
