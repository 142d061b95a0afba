/**
 * What leaves a connection, in order: replies, replies that come later, and what is pushed from elsewhere. While a reply
 * is pending, everything behind it is held; as long as none is, replies go straight to the output.
 *
 * @module
 */

import type { Output } from "../net/output.ts";
import { pieces, type ProtocolVersion, type Reply } from "../resp/reply.ts";
import { NO_BYTES } from "../resp/bytes.ts";
import { encodeReply } from "../resp/reply_writer.ts";

/** Replies of one connection that are pending at the same time. */
export const MAX_PENDING_REPLIES = 1_024;
/** Memory of the replies held behind a pending one. One more may be added to that, however large. */
export const MAX_HELD_BYTES = 1024 * 1024;

/** One place in the order. */
interface Slot {
  /** The reply, encoded: a reply may refer to memory that is used again. undefined while it is pending. */
  bytes: Uint8Array | undefined;
  /** What the client had chosen when the command was run. */
  readonly protocol: ProtocolVersion;
  /** CLIENT REPLY may have turned it off. */
  readonly wanted: boolean;
}

/** What an outbox tells its connection. */
export interface OutboxEvents {
  /** Everything so far is written. */
  readonly onWritten: () => void;
  /** What came later can't be written. */
  readonly onFailure: (error: unknown) => void;
}

/** The outgoing side of one connection. */
export class Outbox {
  readonly #output: Output;
  readonly #events: OutboxEvents;
  #slots: Slot[] = [];
  #pending = 0;
  #heldBytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  /** Nothing is pending. */
  constructor(output: Output, events: OutboxEvents) {
    this.#output = output;
    this.#events = events;
  }

  /** Replies that are pending. */
  get pending(): number {
    return this.#pending;
  }

  /** Bytes that the client has not received: what is held, and what the output has buffered. */
  get unwrittenBytes(): number {
    return this.#heldBytes + this.#output.pendingBytes;
  }

  /**
   * Adds a reply.
   *
   * @throws {OutputLimitError} when more is buffered for the client than may be
   */
  add(reply: Reply): void {
    if (this.#slots.length === 0) this.#output.add(reply);
    else this.#hold(reply);
  }

  /**
   * Adds a reply that comes later. The caller makes sure that there is room.
   *
   * @param reply never rejects
   * @param wanted whether it is written; one that is not takes its place all the same
   */
  defer(reply: Promise<Reply>, wanted: boolean): void {
    const { protocol } = this.#output;
    const slot: Slot = { bytes: undefined, protocol, wanted };
    this.#slots.push(slot);
    this.#pending++;
    void reply.then((settled) => this.#settle(slot, settled));
  }

  /**
   * Adds bytes from elsewhere: a line of MONITOR, a push of RESP3. They are never written within a reply.
   *
   * @param bytes right in the protocol of this connection; not changed any more
   * @param limitBytes how much may be unwritten, these included
   * @returns false when it would be more: the client is a slow reader, and nothing is added
   */
  push(bytes: Uint8Array, limitBytes: number): boolean {
    if (this.unwrittenBytes + bytes.byteLength > limitBytes) return false;
    this.add(pieces([bytes]));
    void this.#flushLater();
    return true;
  }

  /** Writes what is not held. Rejects when the connection is closed. */
  async flush(): Promise<void> {
    await this.#output.flush();
    if (this.#slots.length === 0) this.#events.onWritten();
  }

  /** Resolves when one more reply may be pending; undefined when that is now. */
  room(): Promise<void> | undefined {
    if (this.#hasRoom) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Resolves when no reply is pending; undefined when that is now. */
  settled(): Promise<void> | undefined {
    if (this.#slots.length === 0) return undefined;
    this.#settled ??= Promise.withResolvers();
    return this.#settled.promise;
  }

  /** The connection is closed: what is pending is not written, and not waited for. */
  abandon(): void {
    this.#slots = [];
    this.#heldBytes = 0;
    this.#wake();
  }

  get #hasRoom(): boolean {
    return this.#pending < MAX_PENDING_REPLIES && this.#heldBytes < MAX_HELD_BYTES;
  }

  #hold(reply: Reply): void {
    const slot: Slot = { bytes: undefined, protocol: this.#output.protocol, wanted: true };
    this.#slots.push(slot);
    this.#keep(slot, reply);
  }

  #keep(slot: Slot, reply: Reply): void {
    slot.bytes = slot.wanted ? encodeReply(reply, slot.protocol) : NO_BYTES;
    this.#heldBytes += slot.bytes.byteLength;
  }

  #settle(slot: Slot, reply: Reply): void {
    this.#pending--;
    if (this.#slots.length === 0) return; // it was abandoned
    this.#keep(slot, reply);
    if (slot === this.#slots[0]) this.#release();
    this.#wake();
  }

  /** Gives to the output what is not held any more. */
  #release(): void {
    const pendingAt = this.#slots.findIndex(({ bytes }) => bytes === undefined);
    const released = this.#slots.splice(0, pendingAt < 0 ? this.#slots.length : pendingAt);
    const parts = released.map(({ bytes }) => bytes!);
    this.#heldBytes -= parts.reduce((sum, { byteLength }) => sum + byteLength, 0);
    try {
      this.#output.add(pieces(parts));
    } catch (error) {
      return this.#events.onFailure(error);
    }
    void this.#flushLater();
  }

  #wake(): void {
    if (this.#slots.length === 0) {
      this.#settled?.resolve();
      this.#settled = undefined;
    }
    if (this.#slots.length === 0 || this.#hasRoom) {
      this.#room?.resolve();
      this.#room = undefined;
    }
  }

  async #flushLater(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#events.onFailure(error);
    }
  }
}
