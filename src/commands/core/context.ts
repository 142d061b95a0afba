/**
 * @module
 * What a command may see of the connection that sent it, and of the gateway. Commands know neither the socket nor the
 * session; the session doesn't know which commands exist.
 */

import type { KafkaSettings } from "../../kafka/client/conf.ts";
import type { Consumer } from "../../kafka/consumer/consumer.ts";
import type { MostClients } from "../../kafka/client/client_limits.ts";
import type { ConsumerLimits } from "../../kafka/consumer/consumer_limits.ts";
import type { FirstContact } from "../../kafka/client/bootstrap_watch.ts";
import type { ProducerLease } from "../../kafka/producer/producer_lease.ts";
import type { Producers } from "../../kafka/producer/producers.ts";
import type { ProtocolVersion, Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import type { About } from "./about.ts";
import type { Unblocked } from "./command_error.ts";
import type { CommandStatsView } from "./command_stats_view.ts";
import type { ErrorCount, ErrorsView } from "../../telemetry/failed_entry.ts";
import type { LimitsView } from "./limits_view.ts";
import type { Tracking } from "./tracking_state.ts";
import type { TransactionView } from "./transaction_view.ts";

/** Where the released Rafka and its README disagree: whom to follow. */
export type Dialect = "rafka" | "readme";

/** Who a consuming connection is. */
export interface Identity {
  /** Kafka's `group.id`. */
  readonly groupId: string;
  /** Kafka's `client.id`, the name within the group. */
  readonly clientId: string;
}

/** What a command sees of the connection and of the gateway. */
export interface Context {
  /** Whom to follow in replies and in the unit of timeouts. */
  readonly dialect: Dialect;
  /** What all connections share. */
  readonly gateway: GatewayView;
  /** This connection. */
  readonly client: OwnClient;
  /** What this connection has of Kafka. */
  readonly kafka: KafkaView;
  /**
   * Takes a name. One with an identity is this connection's alone, from now to its end.
   *
   * @throws {CommandError} when another connection has it
   */
  setName(name: string, identity: Identity | undefined): Promise<void>;
  /** From now on this connection is shown every command. */
  startMonitoring(): void;
  /** As if the client had just connected: no name, no consumer, RESP2. What it has produced is still delivered. */
  reset(): Promise<void>;
  /** No further command of this connection is run; it ends when the replies are written. */
  quit(): void;
  /** EXEC runs what was kept: nothing in there may wait for ever. */
  executing: boolean;
  /** That is so: it quits, was killed, or is gone. */
  readonly quitting: boolean;
  /** Runs a request as if the client had just sent it; never rejects. */
  execute(request: Request): Reply | Promise<Reply>;
  /** Lets other connections have their turn, if this one has had its own; undefined when it may go on at once. */
  giveWay(): Promise<void> | undefined;
}

/** Where a message goes. */
export interface ProduceTarget {
  /** Name of the topic. */
  readonly topic: string;
  /** null for a message without a key; an empty one is a key. */
  readonly key: Request[number] | null;
}

/** The Kafka clients of a connection. */
export interface KafkaView {
  /** If the connection has produced. */
  readonly producer: ProducerLease | undefined;
  /** The same, made if it isn't there. */
  openProducer(): ProducerLease;
  /**
   * Where a message goes: `topics:<topic>[:<key>]`.
   *
   * @throws {CommandError} PROD
   */
  parseTarget(argument: Request[number]): ProduceTarget;
  /** If the connection has consumed. */
  readonly consumer: Consumer | undefined;
  /** What its consumer may have at most. */
  readonly consumerLimits: ConsumerLimits;
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
  /** So many messages are in the reply; they count as consumed when that is written. */
  handedOut(count: number): void;
  /** A message was refused, and the client told so. */
  refused(): void;
  /** How many messages were refused or not delivered since the last call. */
  takeFailures(): number;
}

/** What a client wants replies to (CLIENT REPLY): all, nothing, neither this command nor the next, not this one. */
export type ReplyMode = "on" | "off" | "skip" | "skipping";

/** A connection, as CLIENT LIST shows it. */
export interface ClientView {
  /** Redis' client ID: counts from 1, never used twice. */
  readonly connectionId: number;
  /** Remote address, `ip:port`. */
  readonly address: string;
  /** The gateway's side of the connection, `ip:port`. */
  readonly localAddress: string;
  /** The name given with CLIENT SETNAME. */
  readonly name: string | undefined;
  /** The name given with CLIENT SETNAME, else the remote address. */
  readonly id: string;
  /** The name, as group.id and client.id; undefined for a name that isn't both. */
  readonly identity: Identity | undefined;
  /** Since it was accepted. */
  readonly ageMs: number;
  /** Since it last sent anything. */
  readonly idleMs: number;
  /** The last command, `client|list`; "" before the first. */
  readonly lastCommand: string;
  /** What replies are written in. */
  readonly protocol: ProtocolVersion;
  /** The commands since MULTI. */
  readonly transaction: TransactionView | undefined;
  /** A command waits. */
  readonly blocked: boolean;
  /** It is shown every command. */
  readonly monitoring: boolean;
  /** What CLIENT TRACKING has asked for; undefined while it is off. */
  readonly tracking: Tracking | undefined;
  /** CLIENT NO-EVICT; without an effect, nobody is evicted. */
  readonly noEvict: boolean;
  /** CLIENT NO-TOUCH; without an effect. */
  readonly noTouch: boolean;
  /** CLIENT SETINFO lib-name */
  readonly libraryName: string;
  /** CLIENT SETINFO lib-ver */
  readonly libraryVersion: string;
  /** What it has sent behind a command that waits. */
  readonly aheadBytes: number;
  /** Replies that the client has not read. */
  readonly unwrittenBytes: number;
  /** Its Kafka clients. */
  readonly kafka: Pick<KafkaView, "producer" | "consumer">;
  /** Ends the connection at once, without a word; what it has produced is still delivered. */
  kill(): void;
  /** Ends the wait of its command; false when none waits. */
  unblock(reason: Unblocked): boolean;
}

/** The connection that sent the command: some of it can be set. */
export interface OwnClient extends ClientView {
  /** What replies are written in from now on. */
  protocol: ProtocolVersion;
  /** What it wants replies to. */
  replyMode: ReplyMode;
  /** The commands since MULTI. */
  transaction: TransactionView | undefined;
  /** CLIENT TRACKING */
  tracking: Tracking | undefined;
  /** CLIENT NO-EVICT */
  noEvict: boolean;
  /** CLIENT NO-TOUCH */
  noTouch: boolean;
  /** CLIENT SETINFO lib-name */
  libraryName: string;
  /** CLIENT SETINFO lib-ver */
  libraryVersion: string;
  /**
   * Waits, in a command that may wait for long. The signal is aborted when the connection ends, with the error to be
   * answered as its reason, and by CLIENT UNBLOCK, with `Unblocked`.
   */
  block<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /**
   * The same for a wait that may never end: the connection is read on meanwhile, so that its end is seen behind whatever
   * the client has sent. With more than `pipelineLimitBytes` the wait ends, and the connection.
   */
  blockForMessages<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The same signal for a wait that CLIENT UNBLOCK does not end: one that is to protect the gateway. */
  readonly ended: AbortSignal;
}

/** Counters behind `HGETALL stats`. */
export interface StatsView {
  /** Name and value, in the order in which they are shown. */
  entries(): [name: string, value: number][];
  /** Sets all of them to 0. */
  reset(): void;
  /** A message was acked. */
  acked(): void;
  /** Messages were handed to librdkafka. */
  produced(count: number): void;
  /** How many messages were not delivered, by topic and error, in the order in which they were first seen. */
  readonly errorCounts: readonly ErrorCount[];
}

/** What came and went since the start. */
export interface TrafficView {
  /** Accepted. */
  readonly connections: number;
  /** Turned away, since there were as many as may be. */
  readonly rejected: number;
  /** Cut off, since more waited for them than may. */
  readonly outputLimited: number;
  /** Cut off, since they had sent more behind a command that waits than may be. */
  readonly pipelineLimited: number;
  /** Cut off, since what they had begun to send did not arrive, and others waited for its memory. */
  readonly inputLimited: number;
  /** Run, whatever the reply. */
  readonly commands: number;
  /** Replies that were errors. */
  readonly errorReplies: number;
  /** Read from clients. */
  readonly inputBytes: number;
  /** Written to clients. */
  readonly outputBytes: number;
}

/** A client that is cut off. */
export interface Disconnection {
  /** Who. */
  readonly client: string;
  /** The same for all that are to be summed up. */
  readonly cause:
    | "HTTP"
    | "CLIENT KILL"
    | "no answer"
    | "outputLimitBytes"
    | "monitorBacklogBytes"
    | "maxInputBytes";
  /** In words; the cause if it needs no other. */
  readonly why?: string;
}

/** What is logged of clients. */
export interface ClientLogView {
  /** A client is cut off; those with the same cause are summed up. */
  disconnected(disconnection: Disconnection): void;
  /** A client sets these for its consumer, which means nothing here. */
  settingsIgnored(client: string, names: readonly string[]): void;
  /** The JSON of a later BLPOP is other than that of the first one. */
  settingsDiffer(client: string): void;
}

/** What all connections share. */
export interface GatewayView extends LimitsView, MostClients {
  /** What it is. */
  readonly about: About;
  /** The counters. */
  readonly stats: StatsView;
  /** The messages that were last not delivered. */
  readonly errors: ErrorsView;
  /** What came and went. */
  readonly traffic: TrafficView;
  /** What was run. */
  readonly commandStats: CommandStatsView;
  /** What is logged of clients. */
  readonly clientLog: ClientLogView;
  /** The port it listens on. */
  readonly port: number;
  /** Since the start. */
  readonly uptimeMs: number;
  /** Whether Kafka's own topics are for clients, too. */
  readonly internalTopics: boolean;
  /** How long a connection may do nothing, 0 for as long as it likes. */
  readonly idleTimeoutMs: number;
  /** How many connections there may be. */
  readonly maxClients: number;
  /** All connections that have neither ended nor been killed. */
  readonly clientList: readonly ClientView[];
  /** Those of all connections, also of those that have ended and still deliver or leave their group. */
  readonly kafkaClients: readonly Pick<KafkaView, "consumer">[];
  /** Objects of librdkafka that are open. */
  readonly nativeHandles: number;
  /** All producers, also those that nobody uses. */
  readonly producers: Omit<Producers, "lease" | "close">;
  /** Whether Kafka was ever reached. */
  readonly contact: Pick<FirstContact, "failure" | "watch">;
  /**
   * All topics of the cluster, sorted.
   *
   * @throws {KafkaError} when no broker answers in time
   */
  topicNames(): Promise<string[]>;
  /** How many there are; when Kafka does not answer soon, how many there were, 0 if it never did. */
  countTopics(): Promise<number>;
}
