/**
 * Counters of connections, commands and bytes since the start: INFO stats. `DEL stats` leaves them alone.
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
  /** Connections rejected: there were `maxClients` already. */
  readonly rejected: Counter;
  /** Replies that were errors. */
  readonly errorReplies: Counter;
  /** Disconnected: more than `pipelineLimitBytes` behind a command that waited. */
  readonly pipelineLimited: Counter;
  /** Disconnected: a request did not arrive while others waited for its memory, `maxInputBytes`. */
  readonly inputLimited: Counter;
  /** Disconnected: more than `outputLimitBytes` or `monitorBacklogBytes` waited for the client. */
  readonly outputLimited: Counter;

  /** Registers them. */
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
  }

  #counter(metric: string, help: string, field: string): Counter {
    return this.#registry.counter({
      metric: `rafka_${metric}_total`,
      help,
      info: ["stats", field],
    });
  }
}
