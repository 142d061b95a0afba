/**
 * One call that takes entries of a group.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import type { NamedConsumer } from "./consumer_names.ts";
import { sizeOf } from "./message_memory.ts";
import { StreamEntry } from "./group_entries.ts";
import { compareIds, type StreamId } from "../streams/stream_id.ts";

/** What a call takes at most, whatever is asked for: it is in memory several times until it is written. */
const MAX_BYTES = 1024 * 1024;

/** Who takes, how much, and what was taken so far. */
export class Taking {
  /** Who gets the entries. */
  readonly consumer: NamedConsumer;
  /** The entries count as acked. */
  readonly noAck: boolean;
  /** Now, on the clock of `performance.now()`. */
  readonly nowMs: number;
  /** What was taken, partition after partition. */
  entries: StreamEntry[] = [];
  /** Number of entries that were delivered before. */
  again = 0;
  readonly #maxCount: number;
  #leftBytes = MAX_BYTES;

  /** Takes at most `maxCount` entries. */
  constructor(consumer: NamedConsumer, maxCount: number, noAck: boolean, nowMs: number) {
    this.consumer = consumer;
    this.#maxCount = maxCount;
    this.noAck = noAck;
    this.nowMs = nowMs;
  }

  /** How many more may be taken. */
  get left(): number {
    return this.#leftBytes > 0 ? this.#maxCount - this.entries.length : 0;
  }

  /** Brings entries of several partitions into the order of their ids; those of a partition stay in their order. */
  mix(): void {
    if (!this.#isMixed()) return;
    const latest = new Map<number, StreamId>();
    const sorted = this.entries.map((entry) => {
      const { id, message: { partition } } = entry;
      const before = latest.get(partition);
      const key = before && compareIds(before, id) > 0 ? before : id; // not before what precedes it
      latest.set(partition, key);
      return { entry, key };
    }).sort((a, b) => compareIds(a.key, b.key));
    this.entries = sorted.map(({ entry }) => entry);
  }

  #isMixed(): boolean {
    const first = this.entries[0]?.message.partition;
    return this.entries.at(-1)?.message.partition !== first;
  }

  /** Takes a message that was delivered so often before. */
  add(message: Message, deliveries: number): void {
    this.entries.push(new StreamEntry(message, deliveries));
    this.#leftBytes -= sizeOf(message);
    if (deliveries > 0) this.again++;
  }
}
