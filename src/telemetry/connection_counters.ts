/**
 * Counters of connections and bytes since start-up: INFO stats. `DEL stats` does not reset them.
 *
 * @module
 */

import { type Counter, type Labels, MetricRegistry } from "./metrics.ts";

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
  /** Disconnects for more than `pipelineLimitBytes` behind a waiting command. */
  readonly pipelineLimited: Counter;
  /** Disconnects for a request that arrived too slowly while others waited for its memory, `maxInputBytes`. */
  readonly inputLimited: Counter;
  /** Disconnects for more than `outputLimitBytes` or `monitorBacklogBytes` of unread output. */
  readonly outputLimited: Counter;
  /** Disconnects after a request that was none. */
  readonly protocolErrors: Counter;
  /** Disconnects by CLIENT KILL. */
  readonly killed: Counter;
  /** Disconnects for `idleTimeoutMs`. */
  readonly idle: Counter;
  /** Connections that TLS has failed for, most in the handshake. */
  readonly tlsFailed: Counter;
  /** Those among them whose client certificate was missing or refused. */
  readonly certificatesRefused: Counter;

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
    const cutOff = (cause: string, field?: string): Counter =>
      this.#counter("connections_cut_off", "Connections that the gateway has ended", field, {
        cause,
      });
    this.pipelineLimited = cutOff("pipelineLimitBytes", QUERY_BUFFER);
    this.inputLimited = cutOff("maxInputBytes", QUERY_BUFFER);
    this.outputLimited = cutOff("outputLimitBytes", "client_output_buffer_limit_disconnections");
    this.protocolErrors = cutOff("protocol");
    this.killed = cutOff("CLIENT KILL");
    this.idle = cutOff("idleTimeoutMs");
    this.tlsFailed = cutOff("TLS", "tls_failed_connections");
    this.certificatesRefused = this.#counter(
      "connections_certificate_refused",
      "Connections whose client certificate was missing or refused",
      "tls_refused_certificates",
    );
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

/** INFO's field for both directions of too much input. */
const QUERY_BUFFER = "client_query_buffer_limit_disconnections";
