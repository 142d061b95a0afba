/**
 * The unfinished entries of one partition, in the order of their offsets: those that somebody has, and those that are to
 * be delivered again. Columns of numbers instead of objects: an entry takes about 50 bytes beside its message, and
 * adding, finding and removing one take constant time.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";

/** No entry, no consumer. */
export const NONE: number = -1;

/** What an entry is doing, a value of `PendingEntries.states`: a consumer has it. */
export const DELIVERED: number = 0;
/** It waits for an earlier entry of its key, or of its partition. */
export const WAITING: number = 1;
/** It is the next caller's. */
export const READY: number = 2;
/** It is the next caller's when its message is read again. */
export const READING: number = 3;

/** A count of deliveries does not go beyond it: what XNACK FATAL sets. */
export const MAX_DELIVERIES: number = 2 ** 32 - 1;

const FIRST_CAPACITY = 16;
/** The index has so many cells for an entry: more make it faster, fewer smaller. */
const CELLS_PER_ENTRY = 2;

/** 2^32 divided by the golden ratio, for Fibonacci hashing. */
const GOLDEN_RATIO = 0x9e37_79b1;

/** A table of entries; each has a slot, a number that is valid until the entry is removed. `add` may replace the columns. */
export class PendingEntries {
  /** Offset in the partition. */
  offsets: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Milliseconds of the id. */
  timesMs: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Time of the last delivery, on the clock of `performance.now()`. */
  deliveredAtMs: Float64Array = new Float64Array(FIRST_CAPACITY);
  /** Number of deliveries. */
  deliveries: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** Number of the consumer that has it, NONE unless its state is DELIVERED. */
  consumers: Int32Array = new Int32Array(FIRST_CAPACITY);
  /** DELIVERED, WAITING, READY or READING. */
  states: Uint8Array = new Uint8Array(FIRST_CAPACITY);
  /** Size of the message as it counts for the limit of memory; 0 where it is not kept. */
  sizes: Uint32Array = new Uint32Array(FIRST_CAPACITY);
  /** The message, where it is kept. */
  messages: (Message | undefined)[] = [];
  #next = new Int32Array(FIRST_CAPACITY); // by offset; of free slots: the next free one
  #previous = new Int32Array(FIRST_CAPACITY);
  #index = new Int32Array(FIRST_CAPACITY * CELLS_PER_ENTRY).fill(NONE);
  #shift = shiftFor(this.#index.length);
  #first = NONE;
  #last = NONE;
  #free = NONE;
  #used = 0; // slots from here on were never used
  #count = 0;

  /** Number of entries. */
  get count(): number {
    return this.#count;
  }

  /** Slot of the entry with the smallest offset; NONE if there is none. */
  get first(): number {
    return this.#first;
  }

  /** Slot of the entry with the largest offset. */
  get last(): number {
    return this.#last;
  }

  /** Slot of the entry behind this one. */
  after(slot: number): number {
    return this.#next[slot]!;
  }

  /** Slot of the entry with this offset. */
  find(offset: number): number {
    const mask = this.#index.length - 1;
    for (let cell = this.#cellOf(offset);; cell = (cell + 1) & mask) {
      const slot = this.#index[cell]!;
      if (slot === NONE || this.offsets[slot] === offset) return slot;
    }
  }

  /**
   * Adds an entry that nobody has, WAITING, without a message. There must be none with its offset.
   *
   * @returns its slot
   */
  add(offset: number, timeMs: number): number {
    const slot = this.#newSlot();
    this.offsets[slot] = offset;
    this.timesMs[slot] = timeMs;
    this.deliveredAtMs[slot] = 0;
    this.deliveries[slot] = 0;
    this.consumers[slot] = NONE;
    this.states[slot] = WAITING;
    this.sizes[slot] = 0;
    this.messages[slot] = undefined;
    this.#link(slot, offset);
    this.#enter(slot, offset);
    this.#count++;
    return slot;
  }

  /** Removes an entry. */
  remove(slot: number): void {
    const [next, previous] = [this.#next[slot]!, this.#previous[slot]!];
    if (previous === NONE) this.#first = next;
    else this.#next[previous] = next;
    if (next === NONE) this.#last = previous;
    else this.#previous[next] = previous;
    this.#vacate(this.offsets[slot]!);
    this.messages[slot] = undefined;
    this.#next[slot] = this.#free;
    this.#free = slot;
    this.#count--;
  }

  /** An entry is delivered once more. */
  countDelivery(slot: number): void {
    if (this.deliveries[slot]! < MAX_DELIVERIES) this.deliveries[slot]!++;
  }

  /** Gives back memory that many entries needed and few do not. */
  trim(): void {
    if (this.#count > 0 || this.offsets.length === FIRST_CAPACITY) return;
    this.#used = 0;
    this.#free = NONE;
    this.#resize(FIRST_CAPACITY);
    this.messages = [];
  }

  #newSlot(): number {
    if (this.#free !== NONE) {
      const slot = this.#free;
      this.#free = this.#next[slot]!;
      return slot;
    }
    if (this.#used === this.offsets.length) this.#resize(2 * this.#used);
    return this.#used++;
  }

  /** Almost always it is the last: entries are delivered in the order of their offsets. */
  #link(slot: number, offset: number): void {
    let previous = this.#last;
    while (previous !== NONE && this.offsets[previous]! > offset) {
      previous = this.#previous[previous]!;
    }
    const next = previous === NONE ? this.#first : this.#next[previous]!;
    this.#previous[slot] = previous;
    this.#next[slot] = next;
    if (previous === NONE) this.#first = slot;
    else this.#next[previous] = slot;
    if (next === NONE) this.#last = slot;
    else this.#previous[next] = slot;
  }

  #enter(slot: number, offset: number): void {
    const mask = this.#index.length - 1;
    let cell = this.#cellOf(offset);
    while (this.#index[cell] !== NONE) cell = (cell + 1) & mask;
    this.#index[cell] = slot;
  }

  /** Moves entries up, so that no search ends at the cell that becomes empty (linear probing, backward shift). */
  #vacate(offset: number): void {
    const mask = this.#index.length - 1;
    let hole = this.#cellOf(offset);
    while (this.offsets[this.#index[hole]!] !== offset) hole = (hole + 1) & mask;
    for (let cell = (hole + 1) & mask;; cell = (cell + 1) & mask) {
      const slot = this.#index[cell]!;
      if (slot === NONE) break;
      const home = this.#cellOf(this.offsets[slot]!);
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue; // a search would not find it there
      this.#index[hole] = slot;
      hole = cell;
    }
    this.#index[hole] = NONE;
  }

  /** Neighbours are far from each other: among their full cells `#vacate` would search all of them. */
  #cellOf(offset: number): number {
    // of a number above 2^32 `imul` takes the lowest bits
    return Math.imul(offset, GOLDEN_RATIO) >>> this.#shift;
  }

  #resize(capacity: number): void {
    this.offsets = resized(this.offsets, new Float64Array(capacity));
    this.timesMs = resized(this.timesMs, new Float64Array(capacity));
    this.deliveredAtMs = resized(this.deliveredAtMs, new Float64Array(capacity));
    this.deliveries = resized(this.deliveries, new Uint32Array(capacity));
    this.consumers = resized(this.consumers, new Int32Array(capacity));
    this.states = resized(this.states, new Uint8Array(capacity));
    this.sizes = resized(this.sizes, new Uint32Array(capacity));
    this.#next = resized(this.#next, new Int32Array(capacity));
    this.#previous = resized(this.#previous, new Int32Array(capacity));
    this.#index = new Int32Array(capacity * CELLS_PER_ENTRY).fill(NONE);
    this.#shift = shiftFor(this.#index.length);
    for (let slot = this.#first; slot !== NONE; slot = this.#next[slot]!) {
      this.#enter(slot, this.offsets[slot]!);
    }
  }
}

type Column = Float64Array | Uint32Array | Int32Array | Uint8Array;

function resized<T extends Column>(column: T, larger: T): T {
  larger.set(column.subarray(0, larger.length));
  return larger;
}

/** What leaves as many bits of a hash as a power of two has cells for. */
function shiftFor(cells: number): number {
  return Math.clz32(cells) + 1;
}
