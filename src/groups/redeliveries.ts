/**
 * Entries of a partition that are to be delivered again, first come, first served. One whose message is not in memory is
 * read again from Kafka first.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Message } from "../kafka/client/message.ts";
import { type MessageMemory, sizeOf } from "./message_memory.ts";
import { NONE, type PendingEntries, READING, READY } from "./pending_entries.ts";
import type { RecordPlace } from "../streams/stream_id.ts";

/** Reads messages of a topic again; undefined stands for one that Kafka no longer has. */
export type ReadAgain = (places: readonly RecordPlace[]) => Promise<(Message | undefined)[]>;

/** What redeliveries need. */
export interface RedeliveryParts {
  /** Memory of the group's messages. */
  readonly memory: MessageMemory;
  /** Reads messages at these offsets. */
  readonly read: (offsets: readonly number[]) => Promise<(Message | undefined)[]>;
  /** An entry is the next caller's. */
  readonly onReady: () => void;
  /** Kafka no longer has the message of an entry. */
  readonly onGone: (slot: number) => void;
}

/** Messages that are read again with one request. */
const MAX_READ = 100;
/** Pause after a request that has failed. */
const RETRY_MS = 1_000;

const logger = getLogger(["rafka", "groups"]);

/** The redeliveries of one partition. */
export class Redeliveries {
  readonly #pending: PendingEntries;
  readonly #parts: RedeliveryParts;
  /** Offsets; an entry that is not READY any more is skipped. */
  #ready: number[] = [];
  #readyAt = 0;
  readonly #toRead: number[] = [];
  #reading = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** None yet. */
  constructor(pending: PendingEntries, parts: RedeliveryParts) {
    this.#pending = pending;
    this.#parts = parts;
  }

  /** The next `take` gives an entry. */
  get any(): boolean {
    return this.#first() !== NONE;
  }

  /** Messages are being read again. */
  get reading(): boolean {
    return this.#toRead.length > 0;
  }

  /** Appends an entry that nobody has. */
  add(slot: number): void {
    const { states, messages, offsets } = this.#pending;
    if (messages[slot]) return this.#becomeReady(slot);
    states[slot] = READING;
    this.#toRead.push(offsets[slot]!);
    void this.#read();
  }

  /** Slot of the first entry, which the caller delivers; NONE when there is none. */
  take(): number {
    const slot = this.#first();
    if (slot !== NONE) this.#readyAt++;
    return slot;
  }

  /** Reads no more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
  }

  #first(): number {
    while (this.#readyAt < this.#ready.length) {
      const slot = this.#pending.find(this.#ready[this.#readyAt]!);
      if (slot !== NONE && this.#pending.states[slot] === READY) return slot;
      this.#readyAt++; // acked or claimed meanwhile
    }
    this.#ready = [];
    this.#readyAt = 0;
    return NONE;
  }

  #becomeReady(slot: number): void {
    this.#pending.states[slot] = READY;
    this.#ready.push(this.#pending.offsets[slot]!);
    this.#parts.onReady();
  }

  async #read(): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    await undefined; // those that are added together are read together
    while (this.#toRead.length > 0 && !this.#closed) {
      const offsets = this.#toRead.slice(0, MAX_READ);
      try {
        this.#onRead(offsets, await this.#parts.read(offsets));
      } catch (error) {
        logger.warn("Messages cannot be read again, they are delivered later: {error}", { error });
        await new Promise<void>((resolve) => this.#retry = setTimeout(resolve, RETRY_MS));
      }
    }
    this.#reading = false;
  }

  #onRead(offsets: readonly number[], messages: readonly (Message | undefined)[]): void {
    if (this.#closed) return;
    this.#toRead.splice(0, offsets.length);
    offsets.forEach((offset, at) => {
      const slot = this.#pending.find(offset);
      if (slot === NONE || this.#pending.states[slot] !== READING) return;
      const message = messages[at];
      if (!message) return this.#parts.onGone(slot);
      const bytes = sizeOf(message);
      this.#parts.memory.usedBytes += bytes; // beyond the limit, too: it is delivered next
      this.#pending.sizes[slot] = bytes;
      this.#pending.messages[slot] = message;
      this.#becomeReady(slot);
    });
  }
}
