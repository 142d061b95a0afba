/**
 * The client of a connection as the CLIENT commands show and change it: name, identity, library, age, modes.
 *
 * @module
 */

import type { RequestUses } from "../auth/selector.ts";
import type { User } from "../auth/user.ts";
import type { CallCounter } from "../telemetry/call_counter.ts";
import { canonicalName, type Command, waitsForMessages } from "../commands/core/command.ts";
import { noPermission } from "../commands/core/authorize.ts";
import { CommandError, type Unblocked } from "../commands/core/command_error.ts";
import type { RunObserver } from "../commands/dispatch.ts";
import type { OwnClient, ReplyMode } from "../commands/core/context.ts";
import type { Identity } from "../commands/core/identity.ts";
import type { Tracking } from "../commands/core/tracking_state.ts";
import type { TransactionView } from "../commands/core/transaction_view.ts";
import { ProtocolError } from "../resp/protocol_error.ts";
import { Memo } from "../commands/core/memo.ts";
import type { ChannelKind } from "../pubsub/channel.ts";
import { array, bulk, pieces, type ProtocolVersion, type Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import type { Connection } from "../net/connection.ts";
import type { UserAccount } from "./user_account.ts";
import type { ClientParts } from "./client_parts.ts";
import { ClientPubSub } from "./client_pubsub.ts";
import type { Watched } from "./idle_timeout.ts";
import { KafkaClients } from "./kafka_clients.ts";
import { DISCONNECTED, type Lifecycle } from "./lifecycle.ts";
import { Metering } from "./metering.ts";
import type { Outbox } from "./outbox.ts";
import { isQuick } from "../telemetry/command_counters.ts";
import type { CutOffCause } from "../telemetry/connection_counters.ts";
import { lostWait } from "./lost_right.ts";
import { isReservedFor, REJECTED } from "./reserve.ts";
import type { ServerState } from "./server_state.ts";

/** A RESP3 push up to its list of keys. */
const INVALIDATE = new TextEncoder().encode(">2\r\n$10\r\ninvalidate\r\n");

/** The client of one connection. */
export class ClientState implements OwnClient, RunObserver, Watched {
  readonly connectionId: number;
  readonly kafka: KafkaClients;
  name: string | undefined;
  identity: Identity | undefined;
  /** The latest command. */
  command: Command | undefined;
  /** Connected above `maxClients`. */
  reserved = false;
  monitoring = false;
  replyMode: ReplyMode = "on";
  transaction: TransactionView | undefined;
  tracking: Tracking | undefined;
  waitsWith: RequestUses | undefined;
  failedLogins = 0;
  noEvict = false;
  noTouch = false;
  libraryName = "";
  libraryVersion = "";
  readings: OwnClient["readings"];
  #pubsub: ClientPubSub | undefined;
  readonly #parts: ClientParts;
  readonly #connection: Connection;
  readonly #lifecycle: Lifecycle;
  readonly #outbox: Outbox;
  readonly #server: ServerState;
  readonly #connectedAtMs = performance.now();
  #lastSentAtMs = this.#connectedAtMs;
  #memo: Memo | undefined;
  #user: User;
  readonly #metering: Metering;
  #authenticated = false;
  #blocked = false;
  #waiting = false;
  #commands = 0;

  /** State of a new connection. */
  constructor(connectionId: number, parts: ClientParts) {
    const { server } = parts;
    this.connectionId = connectionId;
    this.#parts = parts;
    this.#connection = parts.connection;
    this.#lifecycle = parts.lifecycle;
    this.#outbox = parts.outbox;
    this.#server = server;
    this.#user = server.users.default;
    this.#metering = new Metering(server.accounts);
    this.kafka = new KafkaClients(server, this);
    this.arrive();
  }

  get user(): User {
    return this.#user;
  }

  get principal(): string | undefined {
    return this.#server.principals.nameOf(this.#user);
  }

  get authenticated(): boolean {
    return this.#authenticated;
  }

  /** What its user takes of the gateway; undefined before a login. */
  get account(): UserAccount | undefined {
    return this.#metering.account;
  }

  /**
   * The connection is a user's from now on, with the rights of the moment.
   *
   * @throws {CommandError} ERR when the user has too many; nothing changes then
   */
  logIn(user: User): void {
    if (!this.#lifecycle.listed) throw DISCONNECTED; // it would leave no account again
    this.#metering.enter(user);
    this.#authenticated = true;
    this.failedLogins = 0;
    this.waitsWith = undefined;
    this.rightsChanged(user);
  }

  /** The same user may do other things from now on. */
  rightsChanged(user: User): void {
    this.#user = user;
    if (this.#memo) this.#memo.granted = undefined;
  }

  /**
   * As a connection that has just been accepted: of the default user, if that needs no login.
   *
   * @throws {CommandError} ERR when the default user has too many; the connection is nobody's then
   */
  logOut(): void {
    this.leave();
    this.#authenticated = false;
    this.rightsChanged(this.#server.users.default);
    if (this.#server.users.isOpen) this.logIn(this.#server.users.default);
  }

  /** A certificate is a login, too. Who cannot enter now has to log in. */
  arrive(): void {
    const certified = this.#server.users.ofCertificate(this.#connection.peerNames);
    try {
      if (certified) this.logIn(certified);
      else this.logOut();
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
    }
  }

  /** The connection is not counted any more. */
  leave(): void {
    this.#pubsub?.subscriptions.clear();
    this.#metering.leave();
  }

  /** A user who has taken more than its limits is not read from for a while; undefined when it may go on at once. */
  pause(byteLength: number): Promise<void> | undefined {
    return this.#metering.pause(byteLength, this.kafka, this.#lifecycle);
  }

  /** Created on first use: idle connections need none, and those that only consume or only produce half of one. */
  get memo(): Memo {
    return this.#memo ??= new Memo();
  }

  /** Created on first use: few connections subscribe. */
  get pubsub(): ClientPubSub {
    return this.#pubsub ??= new ClientPubSub(this.#parts);
  }

  /** Pub/sub, if it has been used. */
  get subscriber(): ClientPubSub | undefined {
    return this.#pubsub;
  }

  get isSubscribed(): boolean {
    return this.#pubsub !== undefined && this.#pubsub.subscriptions.total > 0;
  }

  subscriptionCount(kind: ChannelKind): number {
    return this.#pubsub?.subscriptions.count(kind) ?? 0;
  }

  get address(): string {
    return this.#connection.address;
  }

  get localAddress(): string {
    return this.#connection.localAddress;
  }

  get id(): string {
    return this.name ?? this.#connection.address;
  }

  get ageMs(): number {
    return performance.now() - this.#connectedAtMs;
  }

  get idleMs(): number {
    return performance.now() - this.#lastSentAtMs;
  }

  get lastCommand(): string {
    return this.command ? canonicalName(this.command) : "";
  }

  get protocol(): ProtocolVersion {
    return this.#connection.output.protocol;
  }

  set protocol(version: ProtocolVersion) {
    this.#connection.output.protocol = version;
  }

  get blocked(): boolean {
    return this.#blocked;
  }

  get aheadBytes(): number {
    return this.#connection.input.aheadBytes;
  }

  /**
   * Whether a disconnect ends the present wait immediately: other clients need the messages, the room to produce or the
   * partitions, and the wait can be long.
   */
  get endsAtHangUp(): boolean {
    if (this.waitsForMessages) return true; // XREADGROUP needs no identity
    if (this.identity === undefined || this.command === undefined) return false;
    return waitsForMessages(this.command) || this.kafka.held;
  }

  /** A command waits for messages that others of its group could have. */
  get waitsForMessages(): boolean {
    return this.#blocked && this.command !== undefined && waitsForMessages(this.command);
  }

  get unwrittenBytes(): number {
    return this.#outbox.unwrittenBytes;
  }

  get ended(): AbortSignal {
    return this.#lifecycle.signal;
  }

  get attended(): boolean {
    return this.#waiting || this.monitoring || this.isSubscribed || this.#outbox.pending > 0;
  }

  get progress(): number {
    return this.#commands + this.#connection.output.writes;
  }

  kill(): void {
    this.#server.telemetry.cutOff({ client: this.id, cause: "CLIENT KILL" });
    this.disconnect();
  }

  disconnect(): void {
    this.#lifecycle.disconnect();
    this.#outbox.abandon();
  }

  /** Bytes have arrived from the client. */
  sent(): void {
    this.#lastSentAtMs = performance.now();
  }

  /** Complete commands have arrived. */
  commanded(count: number = 1): void {
    this.#commands += count;
  }

  /**
   * Called before a command runs.
   *
   * @throws {CommandError} when a reserved connection may not run it; the connection closes after the reply
   */
  onRun(command: Command, request: Request): void {
    this.command = command;
    if (this.reserved && !isReservedFor(command)) this.#rejectLate();
    this.tracking?.onRun(command, request);
    const { monitors, timeSlice } = this.#server;
    if (!isQuick(command)) timeSlice.chargeAll();
    if (monitors.listening) {
      monitors.show(this, command.redact?.(request) ?? request);
    }
  }

  #rejectLate(): never {
    this.#server.admission.noteRejection(this.id);
    this.#lifecycle.quit();
    throw new CommandError("ERR", REJECTED);
  }

  counterOf(command: Command): CallCounter {
    return this.#server.telemetry.commands.of(command);
  }

  onError(code: string): void {
    this.#server.telemetry.commands.errorAnswered(code);
  }

  /** CLIENT REPLY SKIP suppresses its own reply and the next one. */
  wantsReply(): boolean {
    if (this.replyMode === "skip") this.replyMode = "skipping";
    else if (this.replyMode === "skipping") this.replyMode = "on";
    else return this.replyMode === "on";
    return false;
  }

  /** The push that invalidates the keys just read, for client-side caching. RESP2 has no such push. */
  invalidation(): Reply | undefined {
    if (!this.tracking) return undefined;
    const inTransaction = this.transaction || this.command?.name.startsWith("CLIENT ");
    if (!inTransaction) this.tracking.caching = false; // it was for this command
    const keys = this.tracking.takeRead();
    if (keys.length === 0 || this.protocol < 3) return undefined;
    return pieces([INVALIDATE, array(keys.map(bulk))]);
  }

  /** Marks the client as waiting until `reply` settles. */
  async whileWaiting<T>(reply: Promise<T>): Promise<T> {
    this.#waiting = true;
    try {
      return await reply;
    } finally {
      this.#waiting = false;
      this.#commands++; // idle time starts here
    }
  }

  async block<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#requireStillAllowed();
    this.#blocked = true;
    try {
      return await wait(this.#lifecycle.signal);
    } finally {
      this.#blocked = false;
    }
  }

  /** Before it waits a command may have asked Kafka for some time. */
  #requireStillAllowed(): void {
    if (!this.command?.flags.includes("blocking")) return;
    const lost = lostWait(this, this.#user);
    if (lost) throw noPermission(lost);
  }

  async blockForMessages<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limitBytes = this.#server.settings.pipelineLimitBytes;
    const endReading = this.#connection.input.readFurther(limitBytes, (aheadBytes) => {
      const text = `Protocol error: ${aheadBytes} bytes behind a command that waits, ` +
        `pipelineLimitBytes is ${limitBytes}`;
      this.#lifecycle.refuse(new ProtocolError(text), "pipelineLimitBytes");
    });
    try {
      return await this.block(wait);
    } finally {
      endReading();
    }
  }

  /** The client has sent too much: the waiting command is answered with `error`, then the connection closes. */
  refuse(error: ProtocolError, cause: CutOffCause): void {
    this.#lifecycle.refuse(error, cause);
  }

  /** The client does not read its replies, and other connections wait for the memory of its request. */
  cutOff(why: string): void {
    this.#lifecycle.cutOff("maxInputBytes", why);
  }

  unblock(reason: Unblocked): boolean {
    if (!this.#blocked) return false;
    this.#lifecycle.abortWait(reason);
    this.#blocked = false; // it cannot be unblocked twice
    return true;
  }

  /** Clears the state that RESET resets, except for the name: the session releases that. */
  reset(): void {
    if (this.replyMode !== "skipping") this.replyMode = "on"; // RESET's own reply may be skipped
    this.transaction = undefined;
    this.tracking = undefined;
    this.#pubsub?.subscriptions.clear();
    this.#memo = undefined;
    this.readings = undefined;
    this.noEvict = false;
    this.noTouch = false;
    this.protocol = 2;
    this.arrive();
  }
}
