/**
 * The metrics, failed messages and client logs of one gateway.
 *
 * @module
 */

import { ClientLog, type Disconnection } from "./client_log.ts";
import { Denials } from "./denials.ts";
import { CommandCounters } from "./command_counters.ts";
import { ConnectionCounters, type CutOffCause } from "./connection_counters.ts";
import { FailedMessages } from "./failed_messages.ts";
import { MessageCounters } from "./message_counters.ts";
import { MetricRegistry } from "./metrics.ts";

/** Telemetry of one gateway. */
export class Telemetry {
  /** All metrics. */
  readonly registry = new MetricRegistry();
  /** Counters of messages; `DEL stats` resets them. */
  readonly messages = new MessageCounters(this.registry);
  /** Counters of connections, commands and bytes. */
  readonly connections = new ConnectionCounters(this.registry);
  /** Refused logins, commands and keys. */
  readonly denials = new Denials(this.registry);
  /** Counters of each command. */
  readonly commands = new CommandCounters(this.registry);
  /** The latest failed messages. */
  readonly failedMessages: FailedMessages;
  /** Log lines about clients. */
  readonly clientLog = new ClientLog();

  /**
   * Registers all metrics.
   *
   * @param errorRingBytes memory for failed messages
   */
  constructor(errorRingBytes: number) {
    this.failedMessages = new FailedMessages(errorRingBytes);
    const { registry, failedMessages } = this;
    registry.gauge({
      metric: "rafka_failed_messages_kept",
      help: "Failed messages that RAFKA ERRORS can list",
      info: ["kafka", "errors_kept"],
    }, () => failedMessages.count);
    registry.gauge({
      metric: "rafka_failed_messages_kept_bytes",
      help: "Memory of the failed messages that RAFKA ERRORS can list",
      info: ["kafka", "errors_kept_bytes"],
    }, () => failedMessages.bytes);
  }

  /** Counts and logs that the gateway ends a connection. */
  cutOff(disconnection: Disconnection & { readonly cause: CutOffCause }): void {
    this.connections.cutOff(disconnection.cause);
    this.clientLog.disconnected(disconnection);
  }

  /**
   * Counts and logs that TLS with a client has failed.
   *
   * @param error errors with the same message share a summary
   */
  tlsFailed(client: string, error: Error & { readonly isCertificateRefused: boolean }): void {
    this.connections.cutOff("TLS");
    if (error.isCertificateRefused) this.connections.certificatesRefused.total++;
    this.clientLog.tlsFailed(client, error);
  }
}
