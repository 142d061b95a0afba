/**
 * Messages of a consumer that are delivered and not acked, each by itself: the group continues at the first of them. They
 * can be given back, to be delivered again after a while, so they are kept, up to a limit.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { partitionName, type TopicPartition } from "../kafka/client/topic_partitions.ts";
import type { SingleAcks } from "../kafka/consumer/ack_tracker.ts";
import { detached, sizeOf } from "./message_memory.ts";

/** Maximum number of pending messages of a consumer. */
export const MAX_PENDING_MESSAGES = 10_000;
/** Maximum of their size; the last may exceed it. */
export const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** Acks for single messages. */
export class PendingMessages implements SingleAcks {
  readonly #partitions = new Map<string, PendingPartition>();
  /** Those that are given back, and when they are due, on the clock of `performance.now()`. */
  readonly #returned = new Map<Message, number>();
  #count = 0;
  #bytes = 0;

  get isFull(): boolean {
    return this.#count >= MAX_PENDING_MESSAGES || this.#bytes >= MAX_PENDING_BYTES;
  }

  get dueInMs(): number {
    let firstMs = Infinity;
    for (const dueAtMs of this.#returned.values()) firstMs = Math.min(firstMs, dueAtMs);
    return Math.max(0, firstMs - performance.now());
  }

  add(messages: readonly Message[]): void {
    for (const message of messages) {
      let partition = this.#partitions.get(partitionName(message));
      if (partition && message.offset < partition.first) { // the topic was deleted and created again
        this.forget(message);
        partition = undefined;
      }
      partition ??= new PendingPartition(message.offset);
      this.#partitions.set(partitionName(message), partition);
      if (partition.pending.has(message.offset)) continue; // delivered again
      partition.next = message.offset + 1n;
      partition.pending.set(message.offset, detached(message));
      this.#count++;
      this.#bytes += sizeOf(message);
    }
  }

  has(topic: string, partition: number, offset: bigint): boolean {
    const known = this.#partitions.get(partitionName({ topic, partition }));
    return known !== undefined && known.first <= offset && offset < known.next;
  }

  ack(topic: string, partition: number, offset: bigint): bigint | undefined {
    const known = this.#partitions.get(partitionName({ topic, partition }))!;
    const message = known.pending.get(offset);
    if (!message) return undefined;
    const before = known.unfinished;
    known.pending.delete(offset);
    this.#drop(message);
    return known.unfinished > before ? known.unfinished : undefined;
  }

  giveBack(topic: string, partition: number, offset: bigint, delayMs: number): boolean {
    const message = this.#partitions.get(partitionName({ topic, partition }))?.pending.get(offset);
    if (!message) return false;
    this.#returned.set(message, performance.now() + delayMs);
    return true;
  }

  takeDue(maxCount: number): Message[] {
    const nowMs = performance.now();
    const due: Message[] = [];
    for (const [message, dueAtMs] of this.#returned) {
      if (due.length === maxCount) break;
      if (dueAtMs > nowMs) continue;
      this.#returned.delete(message);
      due.push(message);
    }
    return due;
  }

  forget(partition: TopicPartition): void {
    const known = this.#partitions.get(partitionName(partition));
    if (!known) return;
    for (const message of known.pending.values()) this.#drop(message);
    this.#partitions.delete(partitionName(partition));
  }

  forgetAll(): void {
    this.#partitions.clear();
    this.#returned.clear();
    this.#count = 0;
    this.#bytes = 0;
  }

  #drop(message: Message): void {
    this.#count--;
    this.#bytes -= sizeOf(message);
    this.#returned.delete(message);
  }
}

/** The pending messages of one partition. */
class PendingPartition {
  /** Offset of the first message that was delivered. */
  readonly first: bigint;
  /** Behind the last. */
  next: bigint;
  /** In the order of their offsets. */
  readonly pending = new Map<bigint, Message>();

  constructor(first: bigint) {
    this.first = first;
    this.next = first;
  }

  /** The first offset that is not acked. */
  get unfinished(): bigint {
    for (const offset of this.pending.keys()) return offset;
    return this.next;
  }
}
