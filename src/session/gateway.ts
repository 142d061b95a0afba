/**
 * @module
 * What all connections of a gateway share, as a connection sees it.
 */

import type { ClientView, GatewayView } from "../commands/core/context.ts";
import type { ServerSettings } from "../config/schema.ts";
import type { Cluster } from "../kafka/cluster.ts";
import type { Producers } from "../kafka/producer/producers.ts";
import type { ProtocolError } from "../resp/protocol_error.ts";
import type { ParserLimits } from "../resp/request_parser.ts";
import type { ClientLog } from "../telemetry/client_log.ts";
import type { CommandStats } from "../telemetry/command_counters.ts";
import type { InputBudget } from "../net/input_budget.ts";
import type { Monitors } from "./monitors.ts";
import type { Names } from "./name_registry.ts";
import type { Stats } from "../telemetry/message_counters.ts";
import type { Traffic } from "../telemetry/connection_counters.ts";
import type { Turns } from "./time_slice.ts";

/** What all connections of a gateway share. */
export interface Gateway extends GatewayView {
  /** Our own settings. */
  readonly settings: ServerSettings;
  /** Makes consumers. */
  readonly cluster: Cluster;
  /** Where connections get their producers from. */
  readonly producers: Producers;
  /** The counters. */
  readonly stats: Stats;
  /** What came and went. */
  readonly traffic: Traffic;
  /** What was run. */
  readonly commandStats: CommandStats;
  /** What is logged of clients. */
  readonly clientLog: ClientLog;
  /** Who holds which name. */
  readonly names: Names;
  /** Who listens to MONITOR. */
  readonly monitors: Monitors;
  /** Whose turn it is. */
  readonly turns: Turns;
  /** Memory for requests that have not arrived as a whole. */
  readonly inputBudget: InputBudget;
  /** What one request may cost. */
  readonly parserLimits: ParserLimits;
  /** Whether the machine of a client is still there, as far as can be said; logs that it is not. */
  answers(client: ClientView): Promise<boolean>;
  /** No consumers are made any more. */
  readonly shuttingDown: boolean;
  /** A client was one too many. */
  reject(client: string): void;
  /** A client has sent bytes that are no request; those of a kind are summed up. */
  reportProtocolError(client: string, error: ProtocolError, kind?: string): void;
}
