/**
 * The messages that were last not delivered, within so many bytes: what RAFKA ERRORS lists.
 *
 * @module
 */

import type { KafkaError } from "../kafka/client/error.ts";
import type { FailedMessage } from "../kafka/client/observer.ts";

/** A message that was not delivered. */
export interface FailedEntry {
  /** Unix time at which it was known. */
  readonly timeMs: number;
  /** Name or address of the connection that produced it. */
  readonly client: string;
  /** Name of the topic. */
  readonly topic: string;
  /** -1 when none was chosen yet. */
  readonly partition: number;
  /** null for none, and for one that is too large to be kept. */
  readonly key: Uint8Array | null;
  /** Name of the error. */
  readonly error: string;
  /** The error in words. */
  readonly reason: string;
  /** It may be in Kafka all the same. */
  readonly possiblyPersisted: boolean;
  /** Size of the value. */
  readonly valueBytes: number;
  /** null when it is too large to be kept. */
  readonly value: Uint8Array | null;
}

/** What an entry takes beside its texts and bytes, measured with small ones. */
const ENTRY_BYTES = 512;

type Texts = Pick<FailedEntry, "client" | "topic" | "reason">;

/** Drops the oldest when there is no room for the latest. */
export class FailedMessages {
  readonly #maxBytes: number;
  /** By number, counted up: unlike an array, a map gives its first entry away without moving the others. */
  readonly #entries = new Map<number, FailedEntry>();
  #oldest = 0;
  #next = 0;
  #bytes = 0;

  /** Keeps at most `maxBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** How many are kept. */
  get count(): number {
    return this.#entries.size;
  }

  /** Their memory. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The last `count`, the latest first. */
  latest(count: number): FailedEntry[] {
    const length = Math.min(count, this.#entries.size);
    return Array.from({ length }, (_, back) => this.#entries.get(this.#next - 1 - back)!);
  }

  /**
   * Keeps a message, without what is larger than all the room there is.
   *
   * @returns how many are not kept for it, itself or older ones
   */
  add(message: FailedMessage, error: KafkaError, client: string): number {
    const { topic, partition, keyBytes, valueBytes, following } = message;
    const room = this.#maxBytes - leastSizeOf({ client, topic, reason: error.message });
    if (room < 0) return 1;
    if (following * ENTRY_BYTES > room) return 1; // those will need all of it, and copies are dear
    const key = keyBytes <= room ? message.key : null;
    const value = (key?.byteLength ?? 0) + valueBytes <= room ? message.value : null;
    const entry: FailedEntry = {
      timeMs: Date.now(),
      client,
      topic,
      partition,
      key,
      error: error.codeName,
      reason: error.message,
      possiblyPersisted: message.possiblyPersisted,
      valueBytes,
      value,
    };
    this.#entries.set(this.#next++, entry);
    this.#bytes += sizeOf(entry);
    return this.#makeRoom();
  }

  /** How many had to go. */
  #makeRoom(): number {
    const before = this.#oldest;
    while (this.#bytes > this.#maxBytes) {
      this.#bytes -= sizeOf(this.#entries.get(this.#oldest)!);
      this.#entries.delete(this.#oldest++);
    }
    return this.#oldest - before;
  }
}

function sizeOf(entry: FailedEntry): number {
  const { key, value } = entry;
  return leastSizeOf(entry) + (key?.byteLength ?? 0) + (value?.byteLength ?? 0);
}

/** Without key and value. */
function leastSizeOf({ client, topic, reason }: Texts): number {
  return ENTRY_BYTES + client.length + topic.length + reason.length;
}
