/**
 * Lists to which workers move what they work on (LMOVE, BRPOPLPUSH), each a consumer of the groups that its entries are
 * of. They are in the memory of this gateway: at its end, and when a partition is another gateway's, their entries are
 * delivered again.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { handOver, type HeldEntry, holds, messagesOf, release } from "./held_entries.ts";
import type { StreamEntry, StreamGroup } from "./stream_group.ts";

/** An end of a list. */
export type ListEnd = "LEFT" | "RIGHT";

/** An entry with its message. */
export interface ReadHeldEntry {
  /** The entry. */
  readonly entry: HeldEntry;
  /** Its message. */
  readonly message: Message;
}

/** Number of names that are remembered. */
const MAX_NAMES = 10_000;

/** One list. */
export class ProcessingList {
  /** Its name in each group. */
  readonly consumer: string;
  readonly #onUnused: () => void;
  /** From left to right. */
  #entries: HeldEntry[] = [];
  /** Those that it has entries of, also of removed ones. */
  readonly #groups = new Set<StreamGroup>();

  /** Empty. */
  constructor(key: string, onUnused: () => void) {
    this.consumer = consumerOf(key);
    this.#onUnused = onUnused;
  }

  /** Its entries from left to right, without those that are not its own any more. */
  get entries(): readonly HeldEntry[] {
    this.#forgetLost();
    return this.#entries;
  }

  /** The groups that its entries are of. */
  get groups(): readonly StreamGroup[] {
    return [...new Set(this.entries.map(({ group }) => group))];
  }

  /** Adds an entry that its consumer has. */
  add(entry: HeldEntry, end: ListEnd): void {
    entry.group.attach(this.consumer);
    this.#groups.add(entry.group);
    if (end === "LEFT") this.#entries.unshift(entry);
    else this.#entries.push(entry);
  }

  /** Removes entries from one of its ends; the caller acks them, gives them back, or puts them back. */
  remove(end: ListEnd, count: number): HeldEntry[] {
    const { length } = this.entries;
    if (end === "LEFT") return this.#entries.splice(0, count);
    return this.#entries.splice(Math.max(0, length - count)).reverse();
  }

  /** Takes back what was removed from this end. */
  putBack(entries: readonly HeldEntry[], end: ListEnd): void {
    for (const entry of entries.toReversed()) this.add(entry, end);
  }

  /** Entries are done, removed ones or not; returns how many it still had. */
  ack(entries: readonly HeldEntry[]): number {
    const own = entries.filter((entry) => holds(this.consumer, entry));
    for (const { group, place } of own) group.ackPlaces([place]);
    this.#forgetLost();
    return own.length;
  }

  /** A removed entry is to be delivered again. */
  giveBack(entry: HeldEntry): void {
    release(this.consumer, entry);
    this.#forgetLost();
  }

  /** A removed entry is another list's from now on. */
  handOver(entry: HeldEntry, to: ProcessingList, end: ListEnd): void {
    handOver(this.consumer, entry, to.consumer);
    to.add(entry, end);
    this.#forgetLost();
  }

  /**
   * Messages of entries that it has; those that Kafka no longer has are left out.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async read(entries: readonly HeldEntry[]): Promise<ReadHeldEntry[]> {
    const messages = await messagesOf(this.consumer, entries);
    return entries.flatMap((entry, at) => {
      const message = messages[at];
      return message ? [{ entry, message }] : [];
    });
  }

  /** Forgets what it does not have any more, and the groups of that. */
  #forgetLost(): void {
    this.#entries = this.#entries.filter((entry) => holds(this.consumer, entry));
    for (const group of this.#groups) {
      if (!group.ended && group.names.get(this.consumer)?.pending) continue;
      group.detach(this.consumer);
      this.#groups.delete(group);
    }
    if (this.#groups.size === 0) this.#onUnused();
  }
}

/** All lists of a gateway. */
export class ProcessingLists {
  readonly #lists = new Map<string, ProcessingList>();
  /** Names of lists that there were. */
  readonly #names = new Set<string>();

  /** The list, if it has entries. */
  find(key: string): ProcessingList | undefined {
    const list = this.#lists.get(key);
    return list && list.entries.length > 0 ? list : undefined;
  }

  /** Whether something was moved to such a list: it is one that is empty now. */
  was(key: string): boolean {
    return this.#names.has(key);
  }

  /**
   * Takes the next entry of a group to a list; none if there is none at hand.
   *
   * @throws {KafkaError} for what the client must know of
   */
  take(key: string, group: StreamGroup, end: ListEnd): StreamEntry[] {
    const entries = group.take(consumerOf(key), 1, false);
    for (const { place } of entries) this.of(key).add({ group, place }, end);
    return entries;
  }

  /** The list, to which the caller adds an entry. */
  of(key: string): ProcessingList {
    const known = this.#lists.get(key);
    if (known) return known;
    const list: ProcessingList = new ProcessingList(key, () => {
      if (this.#lists.get(key) === list) this.#lists.delete(key);
    });
    this.#lists.set(key, list);
    this.#remember(key);
    return list;
  }

  #remember(key: string): void {
    this.#names.delete(key);
    this.#names.add(key);
    const [oldest] = this.#names;
    if (this.#names.size > MAX_NAMES) this.#names.delete(oldest!);
  }
}

function consumerOf(key: string): string {
  return `processing:${key}`;
}
