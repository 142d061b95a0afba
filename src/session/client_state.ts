/**
 * Who is at the other end of a connection: its name, what it has told of itself, how long it has been here. What the
 * CLIENT commands show and change.
 *
 * @module
 */

import type { CallCounter } from "../telemetry/call_counter.ts";
import {
  canonicalName,
  type Command,
  isQuick,
  waitsForMessages,
} from "../commands/core/command.ts";
import { CommandError, type Unblocked } from "../commands/core/command_error.ts";
import type { RunObserver } from "../commands/dispatch.ts";
import type { Identity, OwnClient, ReplyMode } from "../commands/core/context.ts";
import type { Tracking } from "../commands/core/tracking_state.ts";
import type { TransactionView } from "../commands/core/transaction_view.ts";
import { ProtocolError } from "../resp/protocol_error.ts";
import { Memo } from "../commands/core/memo.ts";
import { array, bulk, pieces, type ProtocolVersion, type Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import type { Connection } from "../net/connection.ts";
import type { Watched } from "./idle_timeout.ts";
import { KafkaClients } from "./kafka_clients.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Outbox } from "./outbox.ts";
import { isReservedFor, REJECTED } from "./reserve.ts";
import type { ServerState } from "./server_state.ts";

/** A push of RESP3, but for the keys. */
const INVALIDATE = new TextEncoder().encode(">2\r\n$10\r\ninvalidate\r\n");

/** What a client is connected by. */
export interface ClientParts {
  /** Bytes in and out. */
  readonly connection: Connection;
  /** What ends the connection. */
  readonly lifecycle: Lifecycle;
  /** What leaves it. */
  readonly outbox: Outbox;
  /** What all connections share. */
  readonly server: ServerState;
}

/** The client of one connection. */
export class ClientState implements OwnClient, RunObserver, Watched {
  readonly connectionId: number;
  readonly kafka: KafkaClients;
  name: string | undefined;
  identity: Identity | undefined;
  /** What it has sent last. */
  command: Command | undefined;
  /** It is connected above `maxClients`. */
  reserved = false;
  monitoring = false;
  replyMode: ReplyMode = "on";
  transaction: TransactionView | undefined;
  tracking: Tracking | undefined;
  noEvict = false;
  noTouch = false;
  libraryName = "";
  libraryVersion = "";
  /** Counts and logs that this client was one too many. */
  onRejected: () => void = () => {};
  readonly #connection: Connection;
  readonly #lifecycle: Lifecycle;
  readonly #outbox: Outbox;
  readonly #server: ServerState;
  readonly #connectedAtMs = performance.now();
  #lastSentAtMs = this.#connectedAtMs;
  #memo: Memo | undefined;
  #blocked = false;
  #waiting = false;
  #commands = 0;

  /** A client that has just connected. */
  constructor(connectionId: number, { connection, lifecycle, outbox, server }: ClientParts) {
    this.connectionId = connectionId;
    this.#connection = connection;
    this.#lifecycle = lifecycle;
    this.#outbox = outbox;
    this.#server = server;
    this.kafka = new KafkaClients(server, this);
  }

  /** Most connections that only consume or only produce need half of it, idle ones none. */
  get memo(): Memo {
    return this.#memo ??= new Memo();
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
   * When it hangs up now it is gone at once: what it waits for, messages or room to produce, is wanted by others, or its
   * partitions are, and the wait can be long.
   */
  get endsAtHangUp(): boolean {
    if (this.identity === undefined || this.command === undefined) return false;
    return waitsForMessages(this.command) || (this.kafka.producer?.held ?? false);
  }

  get unwrittenBytes(): number {
    return this.#outbox.unwrittenBytes;
  }

  get ended(): AbortSignal {
    return this.#lifecycle.signal;
  }

  get attended(): boolean {
    return this.#waiting || this.monitoring || this.#outbox.pending > 0;
  }

  get progress(): number {
    return this.#commands + this.#connection.output.writes;
  }

  kill(): void {
    this.#server.telemetry.clientLog.disconnected({ client: this.id, cause: "CLIENT KILL" });
    this.disconnect();
  }

  disconnect(): void {
    this.#lifecycle.disconnect();
    this.#outbox.abandon();
  }

  /** It has just sent something. */
  sent(): void {
    this.#lastSentAtMs = performance.now();
  }

  /** It has sent a whole command. */
  commanded(): void {
    this.#commands++;
  }

  /**
   * A command is about to run.
   *
   * @throws {CommandError} when it may not: the client is one too many, and has the last word now
   */
  onRun(command: Command, request: Request): void {
    this.command = command;
    if (this.reserved && !isReservedFor(command)) this.#rejectLate();
    this.tracking?.onRun(command, request);
    const { telemetry, monitors, timeSlice } = this.#server;
    telemetry.connections.commands.total++;
    if (!isQuick(command)) timeSlice.chargeAll();
    if (monitors.listening) monitors.show(this.id, command.redact?.(request) ?? request);
  }

  #rejectLate(): never {
    this.onRejected();
    this.#lifecycle.quit();
    throw new CommandError("ERR", REJECTED);
  }

  counterOf(command: Command): CallCounter {
    return this.#server.telemetry.commands.of(command);
  }

  onError(code: string): void {
    this.#server.telemetry.connections.errorReplies.total++;
    this.#server.telemetry.commands.errorAnswered(code);
  }

  /** CLIENT REPLY SKIP is not answered itself, nor is the command after it. */
  wantsReply(): boolean {
    if (this.replyMode === "skip") this.replyMode = "skipping";
    else if (this.replyMode === "skipping") this.replyMode = "on";
    else return this.replyMode === "on";
    return false;
  }

  /**
   * What a client that caches is told behind the reply to a command: that what it has read is no longer valid. Only RESP3
   * has a way to say it.
   */
  invalidation(): Reply | undefined {
    if (!this.tracking) return undefined;
    const inTransaction = this.transaction || this.command?.name.startsWith("CLIENT ");
    if (!inTransaction) this.tracking.caching = false; // it was for this command
    const keys = this.tracking.takeRead();
    if (keys.length === 0 || this.protocol < 3) return undefined;
    return pieces([INVALIDATE, array(keys.map(bulk))]);
  }

  /** Its command waits, for whatever. */
  async whileWaiting<T>(reply: Promise<T>): Promise<T> {
    this.#waiting = true;
    try {
      return await reply;
    } finally {
      this.#waiting = false;
      this.#commands++; // from here on it may be idle
    }
  }

  async block<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#blocked = true;
    try {
      return await wait(this.#lifecycle.signal);
    } finally {
      this.#blocked = false;
    }
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

  /** It has sent too much: what waits is answered so, and is the last one. */
  refuse(error: ProtocolError, kind: string): void {
    this.#lifecycle.refuse(error, kind);
  }

  /** It does not read its replies, and others wait for the memory of its request. */
  cutOff(why: string): void {
    this.#lifecycle.cutOff("maxInputBytes", why);
  }

  unblock(reason: Unblocked): boolean {
    if (!this.#blocked) return false;
    this.#lifecycle.abortWait(reason);
    this.#blocked = false; // it cannot be unblocked twice
    return true;
  }

  /** What RESET forgets; the name is the session's business. */
  reset(): void {
    if (this.replyMode !== "skipping") this.replyMode = "on"; // RESET itself may be what is skipped
    this.transaction = undefined;
    this.tracking = undefined;
    this.#memo = undefined;
    this.noEvict = false;
    this.noTouch = false;
    this.protocol = 2;
  }
}
