/**
 * The latest failed messages, within a limit of memory: the list of RAFKA ERRORS.
 *
 * @module
 */

import type { KafkaError } from "../kafka/client/error.ts";
import type { FailedMessage } from "../kafka/client/observer.ts";

/** A failed message. */
export interface FailedEntry {
  /** Unix time of the failure. */
  readonly timeMs: number;
  /** Name or address of the connection that produced it. */
  readonly client: string;
  /** The principal that it was produced as; undefined for the gateway's own. */
  readonly principal: string | undefined;
  /** Name of the topic. */
  readonly topic: string;
  /** -1 before a partition was chosen. */
  readonly partition: number;
  /** null for none, and for a key too large to keep. */
  readonly key: Uint8Array | null;
  /** Name of the error. */
  readonly error: string;
  /** Description of the error. */
  readonly reason: string;
  /** The message may be in Kafka nevertheless. */
  readonly possiblyPersisted: boolean;
  /** Size of the value. */
  readonly valueBytes: number;
  /** null for a value too large to keep. */
  readonly value: Uint8Array | null;
}

/** Memory of an entry beside its texts and bytes, measured with small ones. */
const ENTRY_BYTES = 512;

type Texts = Pick<FailedEntry, "client" | "topic" | "reason">;

/** Drops the oldest entries to make room for the latest. */
export class FailedMessages {
  readonly #maxBytes: number;
  /** By consecutive numbers: unlike an array, a map removes its first entry without moving the others. */
  readonly #entries = new Map<number, FailedEntry>();
  #oldest = 0;
  #next = 0;
  #bytes = 0;

  /** Keeps at most `maxBytes`. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Number of entries. */
  get count(): number {
    return this.#entries.size;
  }

  /** Memory of the entries. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The latest `count` entries that are shown, newest first. */
  latest(
    count: number,
    isShown: (entry: FailedEntry) => boolean = () => true,
  ): FailedEntry[] {
    const latest: FailedEntry[] = [];
    for (let at = this.#next - 1; at >= this.#oldest && latest.length < count; at--) {
      const entry = this.#entries.get(at)!;
      if (isShown(entry)) latest.push(entry);
    }
    return latest;
  }

  /**
   * Adds a message, without a key or value that is larger than the whole memory.
   *
   * @returns number of messages dropped for it, itself or older ones
   */
  add(message: FailedMessage, error: KafkaError, client: string, principal?: string): number {
    const { topic, partition, keyBytes, valueBytes, following } = message;
    const room = this.#maxBytes - leastSizeOf({ client, topic, reason: error.message });
    if (room < 0) return 1;
    if (following * ENTRY_BYTES > room) return 1; // those will need all the memory, and copies are expensive
    const key = keyBytes <= room ? message.key : null;
    const value = (key?.byteLength ?? 0) + valueBytes <= room ? message.value : null;
    const entry: FailedEntry = {
      timeMs: Date.now(),
      client,
      principal,
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

  /** @returns number of entries dropped */
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
