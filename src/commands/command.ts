/**
 * @module
 * What a command is: an entry of a table, and what it may see of the connection that sent it. Commands know
 * neither the socket nor the session; the session doesn't know which commands exist.
 */

import type { KafkaSettings } from "../kafka/conf.ts";
import type { Consumer } from "../kafka/consumer.ts";
import type { Producer } from "../kafka/producer.ts";
import type { Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";

/** Where the released Rafka and its README disagree: whom to follow. */
export type Dialect = "rafka" | "readme";

/** The first word of an error: Redis' own, one of the consumer's, one of the producer's. */
export type ErrorCode = "ERR" | "CONS" | "PROD";

/** An error that the client is to see, as `<code> <message>`. */
export class CommandError extends Error {
  /** Shown in stack traces. */
  override name = "CommandError";
  /** The first word of the reply. */
  readonly code: ErrorCode;

  /** An error that is answered as `<code> <message>`. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Who a consuming connection is. */
export interface Identity {
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`, the name within the group. */
  readonly clientId: string;
}

/** Counters behind `HGETALL stats`. */
export interface StatsView {
  /** Name and value, in the order in which they are shown. */
  entries(): [name: string, value: number][];
  /** Sets all of them to 0. */
  reset(): void;
  /** A message was acked. */
  acked(): void;
  /** A message was handed out. */
  consumed(): void;
  /** A message was handed to librdkafka. */
  produced(): void;
}

/** What a command sees of the connection and of the gateway. */
export interface Context {
  /** Whom to follow in replies and in the unit of timeouts. */
  readonly dialect: Dialect;
  /** The counters of the gateway. */
  readonly stats: StatsView;
  /** The name given with CLIENT SETNAME, else the remote address `ip:port`. */
  readonly id: string;
  /** The name given with CLIENT SETNAME. */
  readonly clientName: string | undefined;
  /** The name, as group.id and client.id; undefined for a name that isn't both. */
  readonly identity: Identity | undefined;
  /**
   * Takes a name. One with an identity is this connection's alone, from now to its end.
   *
   * @throws {CommandError} when another connection has it
   */
  setName(name: string, identity: Identity | undefined): Promise<void>;
  /** The producer of this connection, if it has produced. */
  readonly producer: Producer | undefined;
  /** The same, made if it isn't there. */
  openProducer(): Producer;
  /** The consumer of this connection, if it has consumed. */
  readonly consumer: Consumer | undefined;
  /**
   * Makes the consumer of this connection.
   *
   * @throws {CommandError} when the gateway is shutting down
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when librdkafka refuses the topics; nothing is left of the consumer then
   */
  openConsumer(
    identity: Identity,
    topics: readonly string[],
    settings: KafkaSettings,
  ): Promise<Consumer>;
  /** Aborted when the gateway ends this connection, with the error to be answered as its reason. */
  readonly signal: AbortSignal;
  /** All topics of the cluster. */
  topicNames(): Promise<string[]>;
  /** From now on this connection is shown every command. */
  startMonitoring(): void;
  /** No further command of this connection is run; it ends when the replies are written. */
  quit(): void;
}

/** One command, or one subcommand ("CLIENT SETNAME"). */
export interface Command {
  /** Upper case; a subcommand's holds a space. */
  readonly name: string;
  /** As in Redis' COMMAND: how many words with the name itself; negative: at least so many. */
  readonly arity: number;
  /** How it is written, for documentation. */
  readonly usage: string;
  /** One line, for documentation. */
  readonly summary: string;
  /** What KafkaErrors are answered with. */
  readonly errorCode: ErrorCode;
  /** The error for a wrong number of arguments, where it isn't Redis' own. */
  readonly wrongArity?: (argumentCount: number) => CommandError;
  /**
   * Does what the command is for. Errors are thrown; who has called this answers them.
   *
   * @param args without the command's own words; views that are valid until the next await
   */
  run(context: Context, args: Request): Reply | Promise<Reply>;
}
