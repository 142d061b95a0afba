/**
 * A partition that this gateway's member of a group has: which of its messages are delivered, pending, acked, and what
 * is delivered next.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { CommitWatermark, type WatermarkCommit } from "./commit_watermark.ts";
import type { NamedConsumer } from "./consumer_names.ts";
import { KeyLanes } from "./key_lanes.ts";
import { detached, sizeOf } from "./message_memory.ts";
import type { MessageSource, OwnedPartitionOptions } from "./partition_parts.ts";
import { DELIVERED, NONE, PendingEntries, WAITING } from "./pending_entries.ts";
import type { RecordPlace } from "../streams/stream_id.ts";
import { Redeliveries } from "./redeliveries.ts";
import type { Taking } from "./taking.ts";

/** A message that is pending for so long gets memory of its own. */
const DETACH_AFTER_MS = 2_000;

/** State of one partition of a topic in a group. */
export class OwnedPartition {
  /** Number of the partition. */
  readonly partition: number;
  /** Its unfinished entries. */
  readonly pending: PendingEntries = new PendingEntries();
  readonly #options: OwnedPartitionOptions;
  readonly #watermark: CommitWatermark;
  readonly #redeliveries: Redeliveries;
  readonly #lanes: KeyLanes | undefined;
  readonly #maxPending: number;
  #source: MessageSource;
  #suspended = false;
  /** Messages that were fetched and not delivered, last one first. */
  #fetched: Message[] = [];
  #hasDelivered = false;
  /** Somebody wanted a new entry when there were too many. */
  #isWanted = false;
  /** Where to go on when what is fetched is delivered. */
  #skipTo = NONE;
  /** Entries that were delivered before have memory of their own. */
  #detachedToMs = 0;

  /** Nothing is delivered yet. */
  constructor(options: OwnedPartitionOptions) {
    const { partition, source, offset, progress, order, maxPending } = options;
    this.#options = options;
    this.partition = partition;
    this.#source = source;
    this.#watermark = new CommitWatermark(this.pending, offset, progress);
    this.#lanes = order === "key" ? new KeyLanes() : undefined;
    this.#maxPending = order === "partition" ? 1 : maxPending;
    this.#redeliveries = new Redeliveries(this.pending, {
      memory: options.memory,
      read: (offsets) =>
        options.readAgain(offsets.map((offset) => ({ partition, offset: BigInt(offset) }))),
      onReady: options.onReady,
      onGone: (slot) => this.#drop(slot),
    });
  }

  /** The next offset to deliver; NONE when it is not known. */
  get position(): number {
    return this.#watermark.position;
  }

  /** All messages at hand are delivered. */
  get isDrained(): boolean {
    return !this.#suspended && this.#fetched.length === 0 && !this.#source.mayHaveMore;
  }

  /** It has delivered a new message. */
  get hasDelivered(): boolean {
    return this.#hasDelivered;
  }

  /** Somebody wants a new entry, and as many are pending as `streams.maxPending` allows. */
  get heldBack(): boolean {
    return this.#isWanted && this.pending.count >= this.#options.maxPending;
  }

  /** Nothing before this offset is to be fetched, or be read again, before it can be delivered. */
  hasReached(end: number): boolean {
    const isBehind = this.pending.count < this.#maxPending && this.position < end;
    return !isBehind && !this.#redeliveries.reading;
  }

  /** Whether `take` gives anything. Fetches a message for that, if there is one at hand. */
  isReady(): boolean {
    if (this.#redeliveries.any) return true;
    const message = this.#nextNew(1);
    if (message) this.#fetched.push(message);
    return message !== undefined;
  }

  /** Delivers entries, those that are delivered again first. */
  take(taking: Taking): void {
    const { left } = taking;
    this.#takeAgain(taking);
    while (taking.left > 0) {
      const message = this.#nextNew(taking.left);
      if (!message) break;
      this.#deliverNew(message, taking);
    }
    if (taking.left < left) this.changed();
  }

  /** Deliveries have changed, which are committed with the acks. */
  changed(): void {
    this.#options.onProgress();
  }

  /** Slot of an entry; NONE if it is finished, or was never delivered. */
  find(offset: number, timeMs: number): number {
    const slot = this.pending.find(offset);
    return slot !== NONE && this.pending.timesMs[slot] === timeMs ? slot : NONE;
  }

  /** An entry is done; returns whether it was. One that nobody has can be acked, too: somebody has worked on it. */
  ack(offset: number, timeMs: number): boolean {
    const slot = this.find(offset, timeMs);
    if (slot === NONE) return false;
    const { states, deliveries } = this.pending;
    if (states[slot] !== DELIVERED && deliveries[slot] === 0) return false;
    this.finish(slot);
    return true;
  }

  /** Removes an entry: it is never delivered again. */
  finish(slot: number): void {
    const { memory, consumers, onProgress } = this.#options;
    const { pending } = this;
    const offset = pending.offsets[slot]!;
    if (pending.states[slot] === DELIVERED) consumers.at(pending.consumers[slot]!).pending--;
    memory.release(pending.sizes[slot]!);
    pending.remove(slot);
    const follower = this.#lanes?.remove(offset);
    if (follower !== undefined) this.#becomeFirst(pending.find(follower));
    onProgress();
  }

  /** An entry is to be delivered again, to anyone. */
  release(slot: number): void {
    const { pending } = this;
    if (pending.states[slot] !== DELIVERED) return;
    this.#options.consumers.at(pending.consumers[slot]!).pending--;
    pending.consumers[slot] = NONE;
    pending.states[slot] = WAITING;
    if (this.#lanes?.isFirst(pending.offsets[slot]!) ?? true) this.#redeliveries.add(slot);
  }

  /** A consumer has an entry from now on. */
  assign(slot: number, consumer: NamedConsumer, deliveredAtMs: number): void {
    const { pending } = this;
    if (pending.states[slot] === DELIVERED) {
      this.#options.consumers.at(pending.consumers[slot]!).pending--;
    }
    pending.states[slot] = DELIVERED;
    pending.consumers[slot] = consumer.number;
    pending.deliveredAtMs[slot] = deliveredAtMs;
    consumer.pending++;
  }

  /** Adds an entry that is not pending, for XCLAIM with FORCE; `assign` follows. */
  force(offset: number, timeMs: number): number {
    const slot = this.pending.add(offset, timeMs);
    this.pending.deliveries[slot] = 1; // as in Redis, where XCLAIM without JUSTID makes it 2
    this.#options.onProgress(); // the commit goes back to it
    return slot;
  }

  /** Keeps the message of an entry, if there is room. */
  keep(slot: number, message: Message): void {
    const { pending } = this;
    const bytes = sizeOf(message);
    if (pending.sizes[slot] !== 0 || !this.#options.memory.reserve(bytes)) return;
    pending.sizes[slot] = bytes;
    pending.messages[slot] = message;
  }

  /**
   * Behind the messages that are fetched there is none before this offset: only markers of transactions, for example.
   */
  skipTo(offset: number): void {
    this.#skipTo = offset;
    this.#skip();
  }

  /** The topic is deleted and created again, which its source says between the messages of the two. */
  recreating(): void {
    if (this.#suspended) return this.recreated(); // it goes on with another source
    const messages = this.#source.take(1).reverse();
    this.#fetched = [...messages, ...this.#fetched];
  }

  /** Messages from now on are those of a new topic of this name. */
  recreated(): void {
    this.#fetched = [];
    this.#skipTo = NONE;
    this.#goBack(0);
    this.changed();
  }

  /** Takes nothing of its source until `resume` or `moveTo`. */
  suspend(): void {
    this.#suspended = true;
    this.#fetched = [];
  }

  /** Goes on where it was, with messages from another source. */
  resume(source: MessageSource): void {
    this.#source = source;
    this.#suspended = false;
  }

  /** Goes on at another offset, where its source is now; what is pending stays so. */
  moveTo(offset: number): void {
    this.#suspended = false;
    this.#skipTo = NONE;
    this.#watermark.moveTo(offset);
    this.changed();
  }

  /** What is to be committed, see `CommitWatermark`. */
  toCommit(maxCharacters: number): WatermarkCommit | undefined {
    return this.#watermark.toCommit(maxCharacters);
  }

  /** Where the messages before its position are that nobody has, and that are not acked. */
  undeliveredBefore(): RecordPlace[] {
    const { pending, partition } = this;
    const places: RecordPlace[] = [];
    for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
      const offset = pending.offsets[slot]!;
      if (pending.states[slot] === DELIVERED || offset >= this.position) continue;
      places.push({ partition, offset: BigInt(offset) });
    }
    return places;
  }

  /** Number of messages before `end` that are not acked. */
  unfinishedBefore(end: number): number {
    return this.#watermark.unfinishedBefore(end);
  }

  /** Number of messages before `end` that are not to be delivered for the first time. */
  readBefore(end: number): number {
    return this.#watermark.readBefore(end);
  }

  /**
   * Looks after entries that are pending for long.
   *
   * @param low the first offset that Kafka still has
   */
  tend(nowMs: number, low: number): void {
    const { pending } = this;
    const oldMs = nowMs - DETACH_AFTER_MS;
    for (let slot = pending.first; slot !== NONE;) {
      const next = pending.after(slot);
      const message = pending.messages[slot];
      const atMs = pending.deliveredAtMs[slot]!;
      if (!message && pending.offsets[slot]! < low) this.#drop(slot);
      else if (message && atMs >= this.#detachedToMs && atMs < oldMs) {
        pending.messages[slot] = detached(message);
      }
      slot = next;
    }
    this.#detachedToMs = Math.max(this.#detachedToMs, oldMs);
    pending.trim();
    if (!this.heldBack) this.#isWanted = false;
  }

  /** Ends: gives up all entries; returns how many somebody has. */
  close(): number {
    this.#redeliveries.close();
    this.#fetched = [];
    return this.#forgetPending();
  }

  #takeAgain(taking: Taking): void {
    const { pending } = this;
    while (taking.left > 0) {
      const slot = this.#redeliveries.take();
      if (slot === NONE) return;
      this.#deliver(slot, pending.messages[slot]!, taking);
    }
  }

  /** The next message that may be delivered now; those that have to wait for others of their key become pending. */
  #nextNew(maxCount: number): Message | undefined {
    while (this.pending.count < this.#maxPending) {
      this.#skip();
      const message = this.#fetched.pop() ?? this.#fetch(maxCount);
      if (!message) return undefined;
      const offset = Number(message.offset);
      if (offset < this.#watermark.position) this.#goBack(offset);
      if (this.#watermark.isAcked(offset)) this.#watermark.advanceTo(offset + 1);
      else if (this.#mayDeliver(message)) return message;
      else if (this.pending.find(offset) === NONE) this.keep(this.#addNew(message), message);
      else this.#addNew(message); // it waits, too
    }
    this.#isWanted = true;
    return undefined;
  }

  /** No earlier message of its key is unfinished; or XGROUP SETID has gone back to the first of them. */
  #mayDeliver(message: Message): boolean {
    if (this.#lanes?.isFree(message) ?? true) return true;
    const slot = this.pending.find(Number(message.offset));
    return slot !== NONE && this.pending.states[slot] === DELIVERED && this.#lanes!.isHead(message);
  }

  #fetch(maxCount: number): Message | undefined {
    if (this.#suspended || !this.#source.mayHaveMore) return undefined;
    const room = this.#maxPending - this.pending.count;
    this.#fetched = this.#source.take(Math.min(maxCount, room)).reverse();
    return this.#fetched.pop();
  }

  #skip(): void {
    const { position } = this.#watermark;
    if (this.#fetched.length > 0) return;
    const to = this.#skipTo;
    this.#skipTo = NONE;
    if (to <= position) return;
    this.#watermark.advanceTo(to);
    if (position !== NONE) this.#options.onProgress();
  }

  #deliverNew(message: Message, taking: Taking): void {
    const offset = Number(message.offset);
    this.#hasDelivered = true;
    const known = this.pending.find(offset); // claimed before it was delivered, or XGROUP SETID has gone back
    if (known !== NONE) this.pending.deliveries[known] = 0;
    if (known !== NONE || !taking.noAck) {
      return this.#deliver(this.#addNew(message), message, taking);
    }
    this.#watermark.advanceTo(offset + 1);
    taking.add(message, 0);
  }

  /** Slot of a message that becomes pending, unless it is. */
  #addNew(message: Message): number {
    const offset = Number(message.offset);
    this.#watermark.advanceTo(offset + 1);
    this.#lanes?.add(message);
    const known = this.pending.find(offset);
    if (known !== NONE) return known;
    const slot = this.pending.add(offset, Math.max(message.metadata?.timestampMs ?? 1, 1));
    this.pending.deliveries[slot] = this.#watermark.deliveriesOf(offset);
    return slot;
  }

  #deliver(slot: number, message: Message, taking: Taking): void {
    taking.add(message, this.pending.deliveries[slot]!);
    this.pending.countDelivery(slot);
    this.assign(slot, taking.consumer, taking.nowMs);
    if (taking.noAck) this.finish(slot);
    else this.keep(slot, message);
  }

  /** An entry has become the first of its key. */
  #becomeFirst(slot: number): void {
    if (slot !== NONE && this.pending.states[slot] === WAITING) this.#redeliveries.add(slot);
  }

  /** Kafka has deleted a message that is pending. */
  #drop(slot: number): void {
    this.finish(slot);
    this.#options.onLost(1, "deleted");
  }

  /** The topic was deleted and made again, or the log has lost its end: what is known is about other messages. */
  #goBack(offset: number): void {
    const lost = this.#forgetPending();
    if (lost > 0) this.#options.onLost(lost, "recreated");
    this.#watermark.moveTo(offset);
  }

  /** Returns how many entries somebody has. */
  #forgetPending(): number {
    const { pending } = this;
    const { memory, consumers } = this.#options;
    let count = 0;
    while (pending.first !== NONE) {
      const slot = pending.first;
      if (pending.states[slot] === DELIVERED) {
        consumers.at(pending.consumers[slot]!).pending--;
        count++;
      }
      memory.release(pending.sizes[slot]!);
      pending.remove(slot);
    }
    this.#lanes?.clear();
    return count;
  }
}
