/**
 * State shared by all connections of a server.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { Deadlines } from "../async/deadlines.ts";
import { AclLog } from "../auth/acl_log.ts";
import { LoginThrottle } from "../auth/login_throttle.ts";
import { UserError, type UserLines, UserRegistry } from "../auth/user_registry.ts";
import { CommandError } from "../commands/core/command_error.ts";
import type { About } from "../commands/core/about.ts";
import { Channels } from "../pubsub/channels.ts";
import { TopicKeys } from "../commands/core/topic_keys.ts";
import { Locks } from "../commands/core/locks.ts";
import type { ClientView, GatewayView, KafkaView, TlsView } from "../commands/core/context.ts";
import { type CommandTable, commandTable, rightCatalog } from "../commands/registry.ts";
import type { ServerSettings } from "../config/schema.ts";
import type { Timeouts } from "../config/timeouts.ts";
import { type ConsumedPartition, consumedPartitions } from "../groups/consumed_partitions.ts";
import { groupLag } from "../groups/group_lag.ts";
import { LagWatch } from "../groups/lag_watch.ts";
import type { LiveGroup } from "../groups/live_group.ts";
import type { BrokerState } from "../kafka/client/broker_statistics.ts";
import type { Consumer } from "../kafka/consumer/consumer.ts";
import { MessageRun } from "../kafka/producer/message_run.ts";
import { InputBudget } from "../net/input_budget.ts";
import type { ParserLimits } from "../resp/request_parser.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Watched } from "./idle_timeout.ts";
import { Monitors } from "./monitors.ts";
import { Admission } from "./admission.ts";
import { registerGauges } from "./gauges.ts";
import type { OpenCluster, Principal } from "./principal.ts";
import { Principals, type PrincipalSource } from "./principals.ts";
import { UserAccounts } from "./user_account.ts";
import { TimeSlice } from "./time_slice.ts";

/** As Redis begins it. */
const NO_ACL_FILE =
  "This Redis instance is not configured to use an ACL file. server.aclFile names one; users in server.users are read at " +
  "the start";
const NOTHING_CHANGED =
  "WARNING: ACL errors detected, no change to the previously active ACL rules was performed";

/** Memory for incomplete requests of all clients that have not logged in: of 25, with as much as one may send. */
const GUEST_INPUT_BYTES = 4 * 1024 * 1024;

const logger = getLogger(["rafka", "server"]);

/** A connection as seen by other connections. */
export interface ConnectedSession {
  /** Neither ending nor killed. */
  readonly listed: boolean;
  /** Its client. */
  readonly client: ClientView & Watched;
  /** Users have other rights now. */
  usersReplaced(): void;
  /** Its Kafka clients. */
  readonly kafka: Pick<KafkaView, "consumer">;
}

/** Dependencies of a server. */
export interface ServerParts {
  /** The section `server` of the configuration. */
  readonly settings: ServerSettings;
  /** Kafka with the gateway's own login. */
  readonly own: OpenCluster;
  /** Users with other logins; none unless given. */
  readonly principals?: readonly PrincipalSource[];
  /** Counters and logs. */
  readonly telemetry: Telemetry;
  /** Timeouts that have no setting. */
  readonly timeouts: Timeouts;
  /** Facts about this process. */
  readonly about: About;
  /** The port that clients connect to. */
  readonly port: number;
  /** TLS for clients; none unless given. */
  readonly tls?: TlsView | undefined;
  /** The commands; all of Rafka's unless given. */
  readonly commands?: CommandTable;
  /** Who may do what; everybody everything unless given. */
  readonly users?: UserRegistry;
  /** Reads the ACL file; throws when it cannot. Absent without one. */
  readonly readUsers?: (() => UserLines) | undefined;
}

/** The shared state; commands see it as `GatewayView`. */
export class ServerState implements GatewayView {
  readonly settings: ServerSettings;
  readonly telemetry: Telemetry;
  /** Timeouts that have no setting. */
  readonly timeouts: Timeouts;
  readonly about: About;
  readonly port: number;
  readonly tls: TlsView | undefined;
  /** The command table. */
  readonly commands: CommandTable;
  readonly users: UserRegistry;
  readonly topicKeys: TopicKeys;
  readonly channels: Channels;
  readonly aclLog = new AclLog();
  readonly logins: LoginThrottle;
  /** What users take. */
  readonly accounts: UserAccounts;
  readonly loginFailureMs: number;
  /** What connections have of Kafka. */
  readonly principals: Principals;
  /** Locks that workers have taken. */
  readonly locks = new Locks();
  /** Connections that have sent MONITOR. */
  readonly monitors = new Monitors();
  /** Limits the number of connections. */
  readonly admission: Admission;
  /** Limits how long one connection occupies the event loop. */
  readonly timeSlice = new TimeSlice();
  readonly messageRun = new MessageRun();
  readonly addDeadlines: Deadlines;
  /** How far behind the groups of all consumers are. */
  readonly lagWatch: LagWatch;
  /** Memory for incomplete requests. */
  readonly inputBudget: InputBudget;
  /** The same for clients that have not logged in. */
  readonly guestInputBudget: InputBudget;
  /** Limits of one request. */
  readonly parserLimits: ParserLimits;
  /** The same for clients that have not logged in: Redis' limits. */
  readonly guestLimits: ParserLimits = {
    maxArguments: 10,
    maxBulkBytes: 16 * 1024,
    maxRequestBytes: 1024 * 1024,
    unauthenticated: true,
  };
  readonly maxMessageBytes: number;
  /** No new consumers are created. */
  shuttingDown = false;
  /** Aborted when the flush timeout of the shutdown is over, also for connections that were closing before it. */
  readonly flushEnd = new AbortController();
  readonly #sessions: Iterable<ConnectedSession>;
  readonly #readUsers: (() => UserLines) | undefined;
  readonly #startedAtMs = performance.now();

  /**
   * Creates the shared parts and registers the gauges.
   *
   * @param sessions the connections of the server, kept up to date by it
   */
  constructor(parts: ServerParts, sessions: Iterable<ConnectedSession>) {
    const { settings, own, timeouts } = parts;
    this.settings = settings;
    this.topicKeys = new TopicKeys(settings.keys);
    this.channels = new Channels(settings.pubsub);
    this.telemetry = parts.telemetry;
    this.timeouts = timeouts;
    this.about = parts.about;
    this.port = parts.port;
    this.tls = parts.tls;
    this.commands = parts.commands ?? commandTable;
    this.users = parts.users ?? new UserRegistry(rightCatalog);
    this.#readUsers = parts.readUsers;
    this.accounts = new UserAccounts(settings.userLimits);
    this.loginFailureMs = timeouts.loginFailureMs;
    this.logins = new LoginThrottle(timeouts.loginFailureMs);
    this.#sessions = sessions;
    this.principals = new Principals({
      own,
      sources: parts.principals ?? [],
      hasUser: (name) => this.users.get(name)?.enabled ?? false,
      settings,
      timeouts,
      counters: parts.telemetry.messages,
    });
    this.addDeadlines = new Deadlines(settings.streams.addTimeoutMs);
    this.admission = new Admission(
      settings.maxClients,
      parts.telemetry.connections,
      () => settings.protectedMode && !this.users.areDefined,
    );
    this.inputBudget = new InputBudget(settings.maxInputBytes, timeouts.inputStallMs);
    this.guestInputBudget = new InputBudget(GUEST_INPUT_BYTES, timeouts.inputStallMs);
    this.maxMessageBytes = own.cluster.maxMessageBytes;
    this.parserLimits = {
      ...settings,
      maxKeptBytes: this.maxMessageBytes,
      skipsLongArguments: (words) => this.commands.takesMessages(words),
    };
    this.lagWatch = new LagWatch(
      () => this.consumedPartitions,
      (group, topic) => groupLag(this.#principalOf(group).cluster.admin, group, { topic }),
    );
    registerGauges(this);
  }

  get uptimeMs(): number {
    return performance.now() - this.#startedAtMs;
  }

  get clientList(): readonly (ClientView & Watched)[] {
    const clients: (ClientView & Watched)[] = [];
    for (const { listed, client } of this.#sessions) if (listed) clients.push(client);
    return clients;
  }

  /** The stream groups that the gateway is a member of. */
  get liveGroups(): readonly LiveGroup[] {
    return this.principals.liveGroups;
  }

  /** Number of connections with a consumer. */
  get consumerCount(): number {
    return this.#consumers.length;
  }

  /** Brokers as the gateway's own clients see them. */
  get brokers(): readonly BrokerState[] {
    return this.principals.own.cluster.brokers;
  }

  /** The partitions of all consumers. */
  get consumedPartitions(): readonly ConsumedPartition[] {
    return consumedPartitions(this.#consumers, this.liveGroups);
  }

  get #consumers(): Consumer[] {
    return [...this.#sessions].flatMap(({ kafka: { consumer } }) => consumer ?? []);
  }

  /** The one that consumes as a group, which others may not ask about. */
  #principalOf(group: string): Principal {
    const { open, own } = this.principals;
    const live = open.find(({ groups }) => groups.live.some(({ name }) => name === group));
    if (live) return live;
    const session = [...this.#sessions].find(({ kafka }) => kafka.consumer?.groupId === group);
    return session ? this.principals.of(session.client.user) : own;
  }

  /** Whether there is an ACL file. */
  get canReloadUsers(): boolean {
    return this.#readUsers !== undefined;
  }

  reloadUsers(): void {
    if (!this.#readUsers) throw new CommandError("ERR", NO_ACL_FILE);
    try {
      this.users.replace([this.#readUsers()]);
    } catch (error) {
      const why = (error as Error).message;
      logger.error("The users stay as they are: {why}", { why });
      const text = error instanceof UserError ? `${why} ${NOTHING_CHANGED}` : why;
      throw new CommandError("ERR", text, { cause: error });
    }
    logger.info("Users: {names}", { names: this.users.all.map(({ name }) => name).join(", ") });
    for (const session of this.#sessions) session.usersReplaced();
  }
}
