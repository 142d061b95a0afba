/**
 * A partition that this gateway's member of a group has: which of its messages are delivered, pending, acked; what is
 * delivered next, and what is committed.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { AckedAhead } from "./acked_ahead.ts";
import { encodeProgress, type Progress } from "./commit_metadata.ts";
import type { ConsumerNames, NamedConsumer } from "./consumer_names.ts";
import { KeyLanes } from "./key_lanes.ts";
import { detached, type MessageMemory, sizeOf } from "./message_memory.ts";
import { DELIVERED, NONE, PendingEntries, READY, WAITING } from "./pending_entries.ts";
import { type ReadAgain, Redeliveries } from "./redeliveries.ts";

/** Which messages have to wait for others, see `streams.order`. */
export type DeliveryOrder = "none" | "key" | "partition";

/** Where the messages of a partition come from. */
export interface MessageSource {
  /** Messages at hand, at most so many. */
  take(maxCount: number): Message[];
  /** False when there is none at hand. */
  readonly mayHaveMore: boolean;
}

/** What a partition needs. */
export interface OwnedPartitionOptions {
  /** Number of the partition. */
  readonly partition: number;
  /** Its messages from `offset` on. */
  readonly source: MessageSource;
  /** The committed offset; NONE when nothing is committed. */
  readonly offset: number;
  /** What is known of the messages behind it. */
  readonly progress: Progress;
  /** `streams.order` */
  readonly order: DeliveryOrder;
  /** `streams.maxPending` */
  readonly maxPending: number;
  /** Memory of the group's messages. */
  readonly memory: MessageMemory;
  /** The consumers of the group on the topic. */
  readonly consumers: ConsumerNames;
  /** Reads messages again. */
  readonly readAgain: ReadAgain;
  /** What is to be committed has changed. */
  readonly onProgress: () => void;
  /** There may be something to deliver. */
  readonly onReady: () => void;
  /** Pending entries are gone: Kafka has deleted them, or the partition was made again. */
  readonly onLost: (count: number, cause: "deleted" | "recreated") => void;
}

/** A call of `take`. */
export interface Taking {
  /** Who gets the entries. */
  readonly consumer: NamedConsumer;
  /** They count as acked. */
  readonly noAck: boolean;
  /** On the clock of `performance.now()`. */
  readonly nowMs: number;
  /** Gets each entry; the first delivery of most of them. */
  readonly deliver: (message: Message, isFirst: boolean) => void;
}

/** What one call takes at most, whatever is asked for: it is in memory several times until it is written. */
const MAX_TAKE_BYTES = 1024 * 1024;

/** The size of what one call takes. */
export class TakeBudget {
  #leftBytes = MAX_TAKE_BYTES;

  /** No more is to be taken. */
  get spent(): boolean {
    return this.#leftBytes <= 0;
  }

  /** Takes a message. */
  spend(message: Message): void {
    this.#leftBytes -= sizeOf(message);
  }
}

/** A message that is pending for so long gets memory of its own. */
const DETACH_AFTER_MS = 2_000;

/** State of one partition of a topic in a group. */
export class OwnedPartition {
  /** Number of the partition. */
  readonly partition: number;
  /** Its unfinished entries. */
  readonly pending: PendingEntries = new PendingEntries();
  readonly #options: OwnedPartitionOptions;
  readonly #redeliveries: Redeliveries;
  readonly #lanes: KeyLanes | undefined;
  #source: MessageSource;
  #ahead: AckedAhead;
  /** The next offset to deliver; NONE when it is not known. */
  #next: number;
  /** Messages that were fetched and not delivered, last one first. */
  #fetched: Message[] = [];
  /** Entries before this time have memory of their own. */
  #detachedToMs = 0;

  /** Nothing is delivered yet. */
  constructor(options: OwnedPartitionOptions) {
    this.#options = options;
    this.partition = options.partition;
    this.#source = options.source;
    this.#next = options.offset;
    this.#ahead = new AckedAhead(options.offset, options.progress);
    this.#lanes = options.order === "key" ? new KeyLanes() : undefined;
    this.#redeliveries = new Redeliveries(this.pending, {
      memory: options.memory,
      read: (offsets) =>
        options.readAgain(offsets.map((offset) => ({
          partition: this.partition,
          offset: BigInt(offset),
        }))),
      onReady: options.onReady,
      onGone: (slot) => this.#drop(slot),
    });
  }

  /** The next offset to deliver; NONE when it is not known. */
  get position(): number {
    return this.#next;
  }

  /** `streams.maxPending` holds delivery back. */
  get heldBack(): boolean {
    return this.pending.count >= this.#options.maxPending;
  }

  /** Whether `take` gives anything. Fetches a message for that, if there is one at hand. */
  isReady(): boolean {
    const { first, states } = this.pending;
    if (this.#options.order === "partition" && first !== NONE) return states[first] === READY;
    if (this.#redeliveries.any) return true;
    const message = this.#nextNew(1);
    if (message) this.#fetched.push(message);
    return message !== undefined;
  }

  /**
   * Delivers entries, those that are delivered again first; returns how many.
   *
   * @param maxCount at most so many
   * @param budget is not exceeded by more than one entry
   */
  take(maxCount: number, taking: Taking, budget: TakeBudget): number {
    let count = this.#takeAgain(maxCount, taking, budget);
    while (count < maxCount && !budget.spent && this.#hasRoom()) {
      const message = this.#nextNew(maxCount - count);
      if (!message) break;
      this.#deliverNew(message, taking);
      count++;
    }
    return count;
  }

  /** Slot of a pending entry; NONE if it is not pending. */
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
    this.#options.onProgress(); // the commit goes back to it
    return slot;
  }

  /** Keeps the message of an entry, if there is room. */
  keep(slot: number, message: Message): void {
    const { memory } = this.#options;
    const { pending } = this;
    const bytes = sizeOf(message);
    if (pending.sizes[slot] !== 0 || !memory.reserve(bytes)) return;
    pending.sizes[slot] = bytes;
    pending.messages[slot] = message;
  }

  /** The partition has no message before this offset that is not fetched: behind markers of transactions, for example. */
  skipTo(offset: number): void {
    const advances = this.#next !== NONE && offset > this.#next;
    if (this.#next === NONE || advances) this.#next = offset;
    if (advances) this.#options.onProgress();
  }

  /** Goes on at another offset, with another source; what is pending stays so. */
  moveTo(offset: number, source: MessageSource): void {
    this.#source = source;
    this.#fetched = [];
    this.#ahead = new AckedAhead();
    this.#next = offset;
    this.#options.onProgress();
  }

  /**
   * The offset to commit and its metadata; undefined as long as no offset is known.
   *
   * @param maxCharacters of the metadata
   */
  toCommit(maxCharacters: number): { offset: number; metadata: string } | undefined {
    if (this.#next === NONE) return undefined;
    const offset = this.#firstUnfinished();
    const metadata = encodeProgress(offset, this.#progressFrom(offset), maxCharacters);
    return { offset, metadata };
  }

  /** Number of messages before `end` that are not acked. */
  unfinishedBefore(end: number): number {
    const { pending } = this;
    const next = this.#next === NONE ? end : this.#next;
    let count = Math.max(0, end - next);
    for (const [start, stop] of this.#ahead.stretchesFrom(next)) {
      count -= Math.max(0, Math.min(stop, end) - start);
    }
    const isBehind = pending.last === NONE || pending.offsets[pending.last]! < next;
    if (isBehind) return count + pending.count;
    for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
      if (pending.offsets[slot]! < next) count++;
    }
    return count;
  }

  /**
   * Looks after entries that are pending for long.
   *
   * @param low the first offset that Kafka still has
   */
  tend(nowMs: number, low: number): void {
    const { pending } = this;
    for (let slot = pending.first; slot !== NONE;) {
      const next = pending.after(slot);
      const message = pending.messages[slot];
      const atMs = pending.deliveredAtMs[slot]!;
      if (!message && pending.offsets[slot]! < low) this.#drop(slot);
      else if (message && atMs >= this.#detachedToMs && atMs < nowMs - DETACH_AFTER_MS) {
        pending.messages[slot] = detached(message);
      }
      slot = next;
    }
    this.#detachedToMs = Math.max(this.#detachedToMs, nowMs - DETACH_AFTER_MS);
    pending.trim();
  }

  /** Ends: gives up all entries; returns how many somebody has. */
  close(): number {
    this.#redeliveries.close();
    const count = this.#forgetPending();
    this.#fetched = [];
    return count;
  }

  #takeAgain(maxCount: number, taking: Taking, budget: TakeBudget): number {
    const { pending } = this;
    if (this.#options.order === "partition") {
      const { first } = pending;
      if (maxCount === 0 || first === NONE || pending.states[first] !== READY) return 0;
      this.#deliver(first, pending.messages[first]!, taking);
      return 1;
    }
    let count = 0;
    while (count < maxCount && !budget.spent) {
      const slot = this.#redeliveries.take();
      if (slot === NONE) break;
      this.#deliver(slot, pending.messages[slot]!, taking);
      count++;
    }
    return count;
  }

  #hasRoom(): boolean {
    return this.pending.count <
      (this.#options.order === "partition" ? 1 : this.#options.maxPending);
  }

  /** The next message that may be delivered now; those that have to wait for others of their key become pending. */
  #nextNew(maxCount: number): Message | undefined {
    while (this.#hasRoom()) {
      const message = this.#fetched.pop() ?? this.#fetch(maxCount);
      if (!message) return undefined;
      const offset = Number(message.offset);
      if (offset < this.#next) this.#goBack(offset);
      if (this.#ahead.has(offset)) this.#next = offset + 1;
      else if (this.#lanes?.isFree(keyOf(message)) ?? true) return message;
      else this.keep(this.#addNew(message), message);
    }
    return undefined;
  }

  #fetch(maxCount: number): Message | undefined {
    if (!this.#source.mayHaveMore) return undefined;
    const room = this.#options.order === "partition"
      ? 1
      : this.#options.maxPending - this.pending.count;
    this.#fetched = this.#source.take(Math.min(maxCount, room)).reverse();
    return this.#fetched.pop();
  }

  #deliverNew(message: Message, taking: Taking): void {
    const offset = Number(message.offset);
    const known = this.pending.find(offset); // claimed before it was delivered, or XGROUP SETID has gone back
    if (known !== NONE) {
      this.#next = offset + 1;
      this.pending.deliveries[known] = 0;
      return this.#deliver(known, message, taking);
    }
    if (!taking.noAck) return this.#deliver(this.#addNew(message), message, taking);
    this.#next = offset + 1;
    taking.deliver(message, true);
    this.#options.onProgress();
  }

  #addNew(message: Message): number {
    const offset = Number(message.offset);
    this.#next = offset + 1;
    const slot = this.pending.add(offset, Math.max(message.metadata?.timestampMs ?? 1, 1));
    this.pending.deliveries[slot] = this.#ahead.deliveriesOf(offset);
    this.#lanes?.add(keyOf(message), offset);
    return slot;
  }

  #deliver(slot: number, message: Message, { consumer, noAck, nowMs, deliver }: Taking): void {
    deliver(message, this.pending.deliveries[slot] === 0);
    this.pending.countDelivery(slot);
    this.assign(slot, consumer, nowMs);
    if (noAck) this.finish(slot);
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
    this.#ahead = new AckedAhead();
    this.#next = offset;
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

  #firstUnfinished(): number {
    const { first, offsets } = this.pending;
    return first === NONE ? this.#next : Math.min(offsets[first]!, this.#next);
  }

  #progressFrom(offset: number): Progress {
    const { pending } = this;
    const runs: number[] = [];
    const deliveries: (readonly [number, number])[] = [];
    let end = offset;
    const extend = (to: number, isAcked: boolean): void => {
      if (to <= end) return;
      if (runs.length % 2 === (isAcked ? 0 : 1)) runs[runs.length - 1]! += to - end;
      else runs.push(to - end);
      end = to;
    };
    for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
      const at = pending.offsets[slot]!;
      if (at >= this.#next) break;
      extend(at, true);
      extend(at + 1, false);
      const count = pending.deliveries[slot]!;
      if (count !== 1) deliveries.push([at - offset, count]);
    }
    extend(this.#next, true);
    for (const [start, stop] of this.#ahead.stretchesFrom(this.#next)) {
      extend(start, false);
      extend(stop, true);
    }
    for (const [at, count] of this.#ahead.deliveriesFrom(this.#next)) {
      if (at < end) deliveries.push([at - offset, count]);
    }
    return { runs, deliveries };
  }
}

function keyOf({ metadata }: Message): Uint8Array | null {
  return metadata?.key ?? null;
}
