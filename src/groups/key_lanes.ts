/**
 * Keeps the messages of a key in order: the unfinished ones of each key stand in a lane, and only the first of a lane may
 * be delivered. Messages without a key have no lane.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";

interface Lane {
  readonly key: string;
  /** Offsets, increasing. */
  readonly offsets: number[];
}

/** Each byte becomes a character. */
const decoder = new TextDecoder("latin1");

/** The lanes of one partition. */
export class KeyLanes {
  readonly #byKey = new Map<string, Lane>();
  readonly #byOffset = new Map<number, Lane>();

  /** Appends a message, unless it has a lane. */
  add(message: Message): void {
    const [key, offset] = [keyOf(message), Number(message.offset)];
    if (key === null || this.#byOffset.has(offset)) return;
    const name = decoder.decode(key);
    let lane = this.#byKey.get(name);
    if (!lane) this.#byKey.set(name, lane = { key: name, offsets: [] });
    lane.offsets.push(offset);
    this.#byOffset.set(offset, lane);
  }

  /** Whether a message would be the first of its lane. */
  isFree(message: Message): boolean {
    const key = keyOf(message);
    return key === null || this.#byKey.size === 0 || !this.#byKey.has(decoder.decode(key));
  }

  /** Whether a message is the first of its lane. */
  isFirst(offset: number): boolean {
    const lane = this.#byOffset.get(offset);
    return lane === undefined || lane.offsets[0] === offset;
  }

  /** Whether a message stands in a lane, as its first. */
  isHead(message: Message): boolean {
    const offset = Number(message.offset);
    return this.#byOffset.get(offset)?.offsets[0] === offset;
  }

  /** Removes a finished message; returns the offset that has become the first of the lane. */
  remove(offset: number): number | undefined {
    const lane = this.#byOffset.get(offset);
    if (!lane) return undefined;
    this.#byOffset.delete(offset);
    const at = lane.offsets.indexOf(offset);
    lane.offsets.splice(at, 1);
    if (lane.offsets.length === 0) this.#byKey.delete(lane.key);
    return at === 0 ? lane.offsets[0] : undefined;
  }

  /** Removes all messages. */
  clear(): void {
    this.#byKey.clear();
    this.#byOffset.clear();
  }
}

function keyOf({ metadata }: Message): Uint8Array | null {
  return metadata?.key ?? null;
}
