/**
 * The latest messages of a topic, in one order for all who read them: that in which they have arrived. Bounded: the
 * first ones are dropped when there are too many.
 *
 * @module
 */

import { type Message, messageBytes } from "../client/message.ts";

/** Where a reader of a topic goes on, by partition: all before these offsets is read; partitions beyond are unread. */
export type Positions = readonly bigint[];

/** Limits of a window. */
export interface WindowLimits {
  /** Maximum number of messages. */
  readonly maxCount: number;
  /** Maximum size. */
  readonly maxBytes: number;
}

/** Limits of what is asked for; the first message comes in any case. */
export type PageLimits = WindowLimits;

/** The messages of one partition; those before the index `from` are dropped. */
interface WindowPartition {
  /** Those that are dropped are undefined, until they are cut off. */
  readonly entries: (WindowEntry | undefined)[];
  from: number;
  /** All messages between `first` and the end are here, or have never been. */
  first: bigint;
  next: bigint;
}

interface WindowEntry {
  readonly message: Message;
  /** Counts all messages of the window. */
  readonly at: number;
}

/** Dropped entries that stay in an array until there are so many. */
const MAX_DROPPED = 1_024;

/** The latest messages; those of each partition without a gap. */
export class TailWindow {
  readonly #limits: WindowLimits;
  readonly #partitions = new Map<number, WindowPartition>();
  /** The partition of each message, in the order of arrival, those before `#from` dropped. */
  #order: number[] = [];
  #from = 0;
  #added = 0;
  #bytes = 0;

  /** Empty, without any partition. */
  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  /** Number of messages. */
  get count(): number {
    return this.#order.length - this.#from;
  }

  /** A partition whose messages will be added from this offset on. */
  begin(partition: number, offset: bigint): void {
    this.#partitions.set(partition, { entries: [], from: 0, first: offset, next: offset });
  }

  /** Whether messages of this partition are added. */
  has(partition: number): boolean {
    return this.#partitions.has(partition);
  }

  /** Adds a message behind all others, and behind those of its partition. */
  add(message: Message): void {
    const partition = this.#partitions.get(message.partition);
    if (!partition) throw new Error(`Partition ${message.partition} has not begun`);
    partition.entries.push({ message, at: this.#added++ });
    partition.next = message.offset + 1n;
    this.#order.push(message.partition);
    this.#bytes += messageBytes(message);
    while (this.count > this.#limits.maxCount || this.#bytes > this.#limits.maxBytes) this.#drop();
  }

  /** Where whoever has read the whole window goes on. */
  get positions(): bigint[] {
    const positions: bigint[] = [];
    for (const [partition, { next }] of this.#partitions) positions[partition] = next;
    return Array.from(positions, (next) => next ?? 0n);
  }

  /** Whether messages behind these positions have been dropped, or are older than the window. */
  isBehind(positions: Positions): boolean {
    for (const [partition, { first }] of this.#partitions) {
      if ((positions[partition] ?? 0n) < first) return true;
    }
    return false;
  }

  /** Whether there is nothing behind these positions, nor has been. */
  isRead(positions: Positions): boolean {
    return !this.isBehind(positions) && this.#unread(positions).length === 0;
  }

  /** The messages behind these positions, the first ones within the limits; the window must not be ahead of them. */
  after(positions: Positions, { maxCount, maxBytes }: PageLimits): Message[] {
    const unread = this.#unread(positions);
    const messages: Message[] = [];
    for (let bytes = 0; messages.length < maxCount && (bytes < maxBytes || bytes === 0);) {
      const next = firstOf(unread);
      if (!next) break;
      const { message } = next.entries[next.at++]!;
      messages.push(message);
      bytes += messageBytes(message);
    }
    return messages;
  }

  #unread(positions: Positions): UnreadPartition[] {
    const unread: UnreadPartition[] = [];
    for (const [partition, { entries, from, next }] of this.#partitions) {
      const position = positions[partition] ?? 0n;
      if (position >= next) continue;
      const at = indexOf(entries, from, position);
      if (at < entries.length) unread.push({ entries, at });
    }
    return unread;
  }

  #drop(): void {
    const partition = this.#partitions.get(this.#order[this.#from++]!)!;
    const { message } = partition.entries[partition.from]!;
    partition.entries[partition.from++] = undefined;
    partition.first = message.offset + 1n;
    this.#bytes -= messageBytes(message);
    if (partition.from > MAX_DROPPED) {
      partition.entries.splice(0, partition.from);
      partition.from = 0;
    }
    if (this.#from > MAX_DROPPED) {
      this.#order = this.#order.slice(this.#from);
      this.#from = 0;
    }
  }
}

interface UnreadPartition {
  readonly entries: readonly (WindowEntry | undefined)[];
  at: number;
}

/** The partition whose next message has arrived before those of the others. */
function firstOf(partitions: readonly UnreadPartition[]): UnreadPartition | undefined {
  let first: UnreadPartition | undefined;
  let firstAt = Infinity;
  for (const partition of partitions) {
    const at = partition.entries[partition.at]?.at ?? Infinity;
    if (at < firstAt) [first, firstAt] = [partition, at];
  }
  return first;
}

/** Index of the first entry from an offset on, by halves. */
function indexOf(
  entries: readonly (WindowEntry | undefined)[],
  from: number,
  offset: bigint,
): number {
  let [low, high] = [from, entries.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (entries[middle]!.message.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
