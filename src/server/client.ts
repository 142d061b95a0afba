/**
 * @module
 * Who is at the other end of a connection: its name, what it has told of itself, how long it has been here. What the
 * CLIENT commands show and change.
 */

import { canonicalName, type Command } from "../commands/command.ts";
import type { Unblocked } from "../commands/command_error.ts";
import type { Identity, OwnClient, ReplyMode, TransactionView } from "../commands/context.ts";
import type { ProtocolVersion } from "../resp/reply.ts";
import type { Connection } from "./connection.ts";
import type { Gateway } from "./gateway.ts";
import { KafkaClients } from "./kafka_clients.ts";

/** The client of one connection. */
export class Client implements OwnClient {
  readonly connectionId: number;
  readonly kafka: KafkaClients;
  name: string | undefined;
  identity: Identity | undefined;
  /** What it has sent last. */
  command: Command | undefined;
  monitoring = false;
  replyMode: ReplyMode = "on";
  transaction: TransactionView | undefined;
  noEvict = false;
  noTouch = false;
  libraryName = "";
  libraryVersion = "";
  readonly #connection: Connection;
  readonly #session: { kill(): void };
  readonly #connectedAtMs = performance.now();
  #lastSentAtMs = this.#connectedAtMs;
  /** Made when a command waits, and anew when its wait was ended: most connections never need one. */
  #aborter: AbortController | undefined;
  #abortReason: Error | undefined;
  #blocked = false;

  /** Somebody who has just connected. */
  constructor(
    connectionId: number,
    connection: Connection,
    gateway: Gateway,
    session: { kill(): void },
  ) {
    this.connectionId = connectionId;
    this.#connection = connection;
    this.kafka = new KafkaClients(gateway, this);
    this.#session = session;
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

  get unwrittenBytes(): number {
    return this.#connection.output.pendingBytes;
  }

  get ended(): AbortSignal {
    return this.#signal();
  }

  kill(): void {
    this.#session.kill();
  }

  /** It has just sent something. */
  sent(): void {
    this.#lastSentAtMs = performance.now();
  }

  async block<T>(wait: (signal: AbortSignal) => Promise<T>): Promise<T> {
    this.#blocked = true;
    try {
      return await wait(this.#signal());
    } finally {
      this.#blocked = false;
    }
  }

  /** The connection ends: nothing waits any more. */
  abort(reason: Error): void {
    this.#abortReason = reason;
    this.#aborter?.abort(reason);
  }

  unblock(reason: Unblocked): boolean {
    if (!this.#blocked) return false;
    this.#aborter?.abort(reason);
    this.#aborter = undefined;
    this.#blocked = false; // it cannot be unblocked twice
    return true;
  }

  /** What RESET forgets; the name is the session's business. */
  reset(): void {
    this.replyMode = "on";
    this.transaction = undefined;
    this.noEvict = false;
    this.noTouch = false;
    this.protocol = 2;
  }

  #signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#abortReason) this.#aborter.abort(this.#abortReason);
    return this.#aborter.signal;
  }
}
