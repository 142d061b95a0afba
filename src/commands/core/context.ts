/**
 * What a command may see of the connection that sent it, and of the gateway. Commands know neither the socket nor the
 * session; the session doesn't know which commands exist.
 *
 * @module
 */

import type { Deadlines } from "../../async/deadlines.ts";
import type { AclLog } from "../../auth/acl_log.ts";
import type { LoginThrottle } from "../../auth/login_throttle.ts";
import type { RequestUses } from "../../auth/selector.ts";
import type { User } from "../../auth/user.ts";
import type { UserRegistry } from "../../auth/user_registry.ts";
import type { ServerSettings } from "../../config/schema.ts";
import type { GroupReadings } from "../../groups/group_readings.ts";
import type { PoppedEntries } from "../../groups/popped_entries.ts";
import type { ProcessingLists } from "../../groups/processing_lists.ts";
import type { StreamGroups } from "../../groups/stream_groups.ts";
import type { Cluster } from "../../kafka/cluster.ts";
import type { Streams } from "../../streams/streams.ts";
import type { KafkaSettings } from "../../kafka/client/conf.ts";
import type { Consumer } from "../../kafka/consumer/consumer.ts";
import type { ConsumerLimits } from "../../kafka/consumer/consumer_limits.ts";
import type { MessageRun } from "../../kafka/producer/message_run.ts";
import type { ProducerLease } from "../../kafka/producer/producer_lease.ts";
import type { ChannelKind } from "../../pubsub/channel.ts";
import type { Channels } from "../../pubsub/channels.ts";
import type { Subscriptions } from "../../pubsub/subscriptions.ts";
import type { TopicFeeds } from "../../pubsub/topic_feeds.ts";
import type { ProtocolVersion } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import type { About } from "./about.ts";
import type { Unblocked } from "./command_error.ts";
import type { Identity } from "./identity.ts";
import type { Answer } from "./later_reply.ts";
import type { Telemetry } from "../../telemetry/telemetry.ts";
import type { Memo } from "./memo.ts";
import type { TopicKeys } from "./topic_keys.ts";
import type { Tracking } from "./tracking_state.ts";
import type { Locks } from "./locks.ts";
import type { TransactionView } from "./transaction_view.ts";

/** Where the released Rafka and its README disagree: whom to follow. */
export type Dialect = "rafka" | "readme";

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
  /** From now on the connection is a user's. What it has of Kafka as another user ends, its name in a group too. */
  logIn(user: User): Promise<void>;
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
  execute(request: Request): Answer | Promise<Answer>;
  /** Lets other connections have their turn, if this one has had its own; undefined when it may go on at once. */
  giveWay(): Promise<void> | undefined;
}

/** How to make the consumer of a connection. */
export interface NewConsumer {
  /** Names, or regular expressions that begin with `^`. */
  readonly topics: readonly string[];
  /** The client's, for librdkafka. */
  readonly settings: KafkaSettings;
  /** Messages have key, headers and timestamp. */
  readonly withMetadata: boolean;
  /** Acks stand for single messages. */
  readonly acksEach: boolean;
}

/** The Kafka clients of a connection, and Kafka as the principal of its user sees it. */
export interface KafkaView {
  /** Topics, groups and brokers. */
  readonly cluster: Pick<Cluster, "admin" | "bootstrap" | "isEmbedded" | "topicNames">;
  /** Topics as streams, without groups. */
  readonly streams: Streams;
  /** Topics as channels. */
  readonly feeds: TopicFeeds;
  /** Consumer groups of streams. */
  readonly groups: StreamGroups;
  /** Lists of what workers work on. */
  readonly processing: ProcessingLists;
  /** Number of topics that are counted; of the last known ones when Kafka does not answer soon, 0 if it never did. */
  countTopics(isCounted: (topic: string) => boolean): Promise<number>;
  /** The producer of the connection, made on first use. */
  openProducer(): ProducerLease;
  /** Its producer for messages whose delivery is the reply, made on first use; in no order with the other's. */
  openDurableProducer(): ProducerLease;
  /** Number of its messages that are neither delivered nor failed. */
  readonly outstanding: number;
  /** A message waits for room in a producer. */
  readonly held: boolean;
  /**
   * Waits until none of its messages is outstanding.
   *
   * @param timeoutMs maximum wait; the abort of `signal` ends it, too
   * @returns number of messages that are still outstanding
   */
  flush(timeoutMs: number, signal?: AbortSignal): Promise<number>;
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
  openConsumer(identity: Identity, options: NewConsumer): Promise<Consumer>;
  /** What the connection has popped of plain lists. */
  readonly popped: PoppedEntries;
  /** QUIT: what it has popped is acked when the replies are written. */
  ackPoppedAtEnd(): void;
  /** So many messages of a topic are in the reply; they count as consumed by a group when that is written. */
  replying(group: string, topic: string, count: number): void;
  /** So many messages are in the reply and stay where they are: they count for the rate of the user only. */
  showing(count: number): void;
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
  /** Whose rights it has: those of `default` until it logs in. */
  readonly user: User;
  /** The principal that its user is to Kafka; undefined for the gateway's own. */
  readonly principal: string | undefined;
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
  /** The groups that it reads streams as. */
  readonly readings: Pick<GroupReadings, "list"> | undefined;
  /** Its Kafka clients. */
  readonly kafka: Pick<KafkaView, "outstanding" | "held" | "consumer">;
  /** Number of its subscriptions of a kind. */
  subscriptionCount(kind: ChannelKind): number;
  /** Ends the connection at once, without a word; what it has produced is still delivered. */
  kill(): void;
  /** Ends the wait of its command; false when none waits. */
  unblock(reason: Unblocked): boolean;
}

/** The connection that sent the command: some of it can be set. */
export interface OwnClient extends ClientView {
  /** It has logged in, or need not. */
  readonly authenticated: boolean;
  /** How often it has failed to log in. */
  failedLogins: number;
  /** What its last command that may wait was allowed for; unknown for a user without restrictions. */
  waitsWith: RequestUses | undefined;
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
  /** Its subscriptions, made on first use. */
  readonly pubsub: PubSubView;
  /** It subscribes to something. */
  readonly isSubscribed: boolean;
  /** What was parsed last. */
  readonly memo: Memo;
  /** The groups that it reads streams as; made on first use, as most connections read none. */
  readings: GroupReadings | undefined;
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

/** Pub/sub of a connection. */
export interface PubSubView {
  /** What it subscribes to. */
  readonly subscriptions: Subscriptions;
  /** Messages from now on come behind the reply of the present command. */
  hold(): void;
}

/** A certificate in use. */
export interface CertificateView {
  /** Hexadecimal. */
  readonly serial: string;
  /** Its end. */
  readonly notAfter: Date;
}

/** TLS for clients as INFO shows it. */
export interface TlsView {
  /** `server.tls.port`, or the one that the system chose. */
  readonly port: number;
  /** The gateway's own. */
  readonly certificate: CertificateView;
  /** The one of the CAs for clients that ends first; undefined without any. */
  readonly clientCa: CertificateView | undefined;
}

/** One of the principals that the gateway is to Kafka. */
export interface PrincipalView {
  /** The name of its first user; undefined for the gateway's own. */
  readonly name: string | undefined;
  /** Number of connections that act as it. */
  readonly connections: number;
  /** Number of its messages that are neither delivered nor failed. */
  readonly outstanding: number;
  /** Whether Kafka takes its login. */
  readonly cluster: Pick<Cluster, "bootstrap">;
  /** Its consumer groups of streams. */
  readonly groups: Pick<StreamGroups, "live">;
  /** What is published to its topics. */
  readonly feeds: Pick<TopicFeeds, "of">;
}

/** What all connections share. */
export interface GatewayView {
  /** TLS for clients; undefined without it. */
  readonly tls: TlsView | undefined;
  /** Facts about this process. */
  readonly about: About;
  /** The section `server` of the configuration. */
  readonly settings: ServerSettings;
  /** Which topics keys stand for. */
  readonly topicKeys: TopicKeys;
  /** Counters, failed messages, log lines about clients. */
  readonly telemetry: Telemetry;
  /** It shuts down: no new consumers, no groups. */
  readonly shuttingDown: boolean;
  /** Channels that are no topics. */
  readonly channels: Channels;
  /** Locks that workers have taken. */
  readonly locks: Locks;
  /** Those with clients of Kafka, and who is which. */
  readonly principals: {
    /** The gateway's own is the first. */
    readonly open: readonly PrincipalView[];
    /** The name of the one that a user is; undefined for the gateway's own. */
    nameOf(user: { readonly name: string }): string | undefined;
  };
  /** Who may do what. */
  readonly users: UserRegistry;
  /** The latest refusals. */
  readonly aclLog: AclLog;
  /**
   * Reads the ACL file again, and ends what users may do no more.
   *
   * @throws {CommandError} ERR when there is none, or it is wrong: nothing changes then
   */
  reloadUsers(): void;
  /** How many passwords may be tried. */
  readonly logins: LoginThrottle;
  /** How long a failed login takes to be answered. */
  readonly loginFailureMs: number;
  /** Where commands put messages together. */
  readonly messageRun: MessageRun;
  /** How long commands wait for the delivery of their messages. */
  readonly addDeadlines: Deadlines;
  /** The largest message that producers take: `message.max.bytes`. */
  readonly maxMessageBytes: number;
  /** The port that clients connect to. */
  readonly port: number;
  /** Since the start. */
  readonly uptimeMs: number;
  /** All connections that have neither ended nor been killed, the oldest first. */
  readonly clientList: readonly ClientView[];
}
