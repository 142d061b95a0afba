/**
 * The outgoing side of a connection, in order: replies, replies that come later, and pushes. Replies behind a pending one
 * are held; with none pending they are written to the output directly.
 *
 * @module
 */

import type { LaterReceiver, LaterReply } from "../commands/core/later_reply.ts";
import type { Output } from "../net/output.ts";
import { pieces, type ProtocolVersion, type Reply } from "../resp/reply.ts";
import { encodeReply } from "../resp/reply_writer.ts";
import { heldReplyBytes } from "../resp/reply_size.ts";

/** Number of pending replies at which a connection pauses; those of requests that are run together may be more. */
export const MAX_PENDING_REPLIES = 1_024;
/**
 * Memory of the replies held behind a pending one, at which a connection pauses; one more reply of any size may follow.
 */
export const MAX_HELD_BYTES = 1024 * 1024;

/** The connection of an outbox. */
export interface OutboxOwner {
  /** Number of pops whose replies were added. */
  readonly popsReplied: number;
  /** All replies up to now are written; those of so many pops are known to be. */
  repliesWritten(popsReplied: number): void;
  /** Writing a deferred reply or a push has failed. */
  outboxFailed(error: unknown): void;
}

/** Of connections without a pending reply, which are nearly all. */
const NO_SLOTS: readonly never[] = [];

/** A reply in the order of the requests: a `LaterReply`, or one that is held behind it. */
interface Slot {
  /** undefined while pending. */
  readonly reply: Reply | undefined;
  /** The client's protocol when the command ran. */
  readonly protocol: ProtocolVersion;
  /** False when CLIENT REPLY suppresses the reply. */
  readonly wanted: boolean;
}

/** The outgoing side of one connection. */
export class Outbox implements LaterReceiver {
  readonly #output: Output;
  readonly #owner: OutboxOwner;
  #slots: readonly Slot[] = NO_SLOTS;
  #releasing = false;
  #flushing = false;
  #pending = 0;
  #heldBytes = 0;
  #room: PromiseWithResolvers<void> | undefined;
  #settled: PromiseWithResolvers<void> | undefined;

  /** Starts empty. */
  constructor(output: Output, owner: OutboxOwner) {
    this.#output = output;
    this.#owner = owner;
  }

  /** Number of pending replies. */
  get pending(): number {
    return this.#pending;
  }

  /** Bytes not yet accepted by the connection: held and buffered ones. */
  get unwrittenBytes(): number {
    return this.#heldBytes + this.#output.pendingBytes;
  }

  /**
   * Adds a reply.
   *
   * @throws {OutputLimitError} when the output exceeds its limit
   */
  add(reply: Reply): void {
    if (this.#slots.length === 0) this.#output.add(reply);
    else this.#hold(reply);
  }

  /** No reply is pending or held. */
  get isEmpty(): boolean {
    return this.#slots.length === 0;
  }

  /**
   * Adds the same reply so many times, to an empty outbox.
   *
   * @throws {OutputLimitError} when the output exceeds its limit
   */
  addTimes(reply: Reply, times: number): void {
    this.#output.add(reply, times);
  }

  /**
   * Adds a reply that comes later. The caller awaits `room` before it adds another.
   *
   * @param wanted whether the reply is written; it keeps its position in any case
   */
  defer(later: LaterReply, wanted: boolean): void {
    later.protocol = this.#output.protocol;
    later.wanted = wanted;
    this.#enqueue(later);
    this.#pending += later.replyCount;
    later.sendTo(this);
  }

  /** A pending reply has come. All that come in one turn are written together. */
  answered(later: LaterReply): void {
    this.#pending -= later.replyCount;
    if (this.#slots.length === 0) return; // abandoned meanwhile
    this.#heldBytes += heldReplyBytes(later.reply!);
    if (!this.#releasing && later === this.#slots[0]) {
      this.#releasing = true;
      queueMicrotask(this.#release);
    }
    this.#wake();
  }

  /**
   * Adds out-of-band bytes: a MONITOR line or a RESP3 push. They are written between replies.
   *
   * @param bytes encoded in the connection's protocol; they are copied
   * @param limitBytes maximum of unwritten bytes, including these
   * @returns false when the limit is exceeded, by a client that reads too slowly; nothing is added then
   */
  push(bytes: Uint8Array, limitBytes: number): boolean {
    if (this.unwrittenBytes + bytes.byteLength > limitBytes) return false;
    if (this.#slots.length === 0) this.#output.addEncoded(bytes);
    else this.#hold(pieces([bytes]));
    if (!this.#flushing) {
      this.#flushing = true;
      queueMicrotask(this.#flushPushes); // all that are added in this turn leave in one write
    }
    return true;
  }

  /** Writes the replies that are not held. Rejects when the connection is closed. */
  async flush(): Promise<void> {
    const popsReplied = this.#slots.length === 0 ? this.#owner.popsReplied : 0; // held ones are not written now
    await this.#output.flush();
    if (this.#slots.length === 0) this.#owner.repliesWritten(popsReplied);
  }

  /** Resolves when another reply may be pending; undefined if it may be now. */
  room(): Promise<void> | undefined {
    if (this.#slots.length === 0 || this.hasRoom) return undefined;
    this.#room ??= Promise.withResolvers();
    return this.#room.promise;
  }

  /** Resolves when no reply is pending; undefined if none is now. */
  settled(): Promise<void> | undefined {
    if (this.#slots.length === 0) return undefined;
    this.#settled ??= Promise.withResolvers();
    return this.#settled.promise;
  }

  /** Drops pending and held replies, after the connection has closed. */
  abandon(): void {
    this.#slots = NO_SLOTS;
    this.#heldBytes = 0;
    this.#wake();
  }

  /** Another reply may be pending. */
  get hasRoom(): boolean {
    return this.#pending < MAX_PENDING_REPLIES && this.#heldBytes < MAX_HELD_BYTES;
  }

  /** Encoded, since the reply may refer to memory that is used again. */
  #hold(reply: Reply): void {
    const { protocol } = this.#output;
    const encoded = pieces([encodeReply(reply, protocol)]);
    this.#enqueue({ reply: encoded, protocol, wanted: true });
    this.#heldBytes += heldReplyBytes(encoded);
  }

  #enqueue(slot: Slot): void {
    if (this.#slots === NO_SLOTS) this.#slots = [slot];
    else (this.#slots as Slot[]).push(slot);
  }

  /** Moves the replies before the first pending one to the output. */
  readonly #release = (): void => {
    this.#releasing = false;
    const pendingAt = this.#slots.findIndex(({ reply }) => reply === undefined);
    const released = pendingAt < 0 ? this.#slots : (this.#slots as Slot[]).splice(0, pendingAt);
    if (pendingAt < 0) this.#slots = NO_SLOTS;
    try {
      for (const slot of released) this.#write(slot);
    } catch (error) {
      return this.#owner.outboxFailed(error);
    }
    this.#wake();
    void this.#flushLater();
  };

  #write(slot: Slot): void {
    const reply = slot.reply!;
    this.#heldBytes -= heldReplyBytes(reply);
    if (!slot.wanted) return;
    const isCurrent = slot.protocol === this.#output.protocol;
    this.#output.add(isCurrent ? reply : pieces([encodeReply(reply, slot.protocol)]));
  }

  #wake(): void {
    if (this.#slots.length === 0) {
      this.#settled?.resolve();
      this.#settled = undefined;
    }
    if (this.#slots.length === 0 || this.hasRoom) {
      this.#room?.resolve();
      this.#room = undefined;
    }
  }

  readonly #flushPushes = (): void => {
    this.#flushing = false;
    void this.#flushLater();
  };

  async #flushLater(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#owner.outboxFailed(error);
    }
  }
}
