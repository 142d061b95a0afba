/**
 * Counters of connections, commands and bytes since start-up: INFO stats. `DEL stats` does not reset them.
 *
 * @module
 */

import { type Counter, MetricRegistry } from "./metrics.ts";

/** Counters over all connections. */
export class ConnectionCounters {
  readonly #registry: MetricRegistry;
  /** Connections accepted. */
  readonly connections: Counter;
  /** Commands run, whatever the reply. */
  readonly commands: Counter;
  /** Bytes read from clients. */
  readonly inputBytes: Counter;
  /** Bytes written to clients. */
  readonly outputBytes: Counter;
  /** Connections rejected for `maxClients`. */
  readonly rejected: Counter;
  /** Error replies. */
  readonly errorReplies: Counter;
  /** Disconnects for more than `pipelineLimitBytes` behind a waiting command. */
  readonly pipelineLimited: Counter;
  /** Disconnects for a request that arrived too slowly while others waited for its memory, `maxInputBytes`. */
  readonly inputLimited: Counter;
  /** Connections that TLS has failed for, most in the handshake. */
  readonly tlsFailed: Counter;
  /** Those among them whose client certificate was missing or refused. */
  readonly certificatesRefused: Counter;
  /** Disconnects for more than `outputLimitBytes` or `monitorBacklogBytes` of unread output. */
  readonly outputLimited: Counter;

  /** Registers the counters. */
  constructor(registry: MetricRegistry = new MetricRegistry()) {
    this.#registry = registry;
    this.connections = this.#counter(
      "connections_accepted",
      "Connections accepted",
      "total_connections_received",
    );
    this.commands = this.#counter("commands_run", "Commands run", "total_commands_processed");
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
    this.rejected = this.#counter(
      "connections_rejected",
      "Connections rejected for maxClients",
      "rejected_connections",
    );
    this.errorReplies = this.#counter(
      "error_replies",
      "Replies that were errors",
      "total_error_replies",
    );
    this.pipelineLimited = this.#counter(
      "connections_pipeline_limited",
      "Connections disconnected for pipelineLimitBytes",
      "client_query_buffer_limit_disconnections",
    );
    this.inputLimited = this.#counter(
      "connections_input_limited",
      "Connections disconnected for maxInputBytes",
      "client_query_buffer_limit_disconnections",
    );
    this.outputLimited = this.#counter(
      "connections_output_limited",
      "Connections disconnected for outputLimitBytes or monitorBacklogBytes",
      "client_output_buffer_limit_disconnections",
    );
    this.tlsFailed = this.#counter(
      "connections_tls_failed",
      "Connections that TLS has failed for",
      "tls_failed_connections",
    );
    this.certificatesRefused = this.#counter(
      "connections_certificate_refused",
      "Connections whose client certificate was missing or refused",
      "tls_refused_certificates",
    );
  }

  #counter(metric: string, help: string, field: string): Counter {
    return this.#registry.counter({
      metric: `rafka_${metric}_total`,
      help,
      info: ["stats", field],
    });
  }
}
