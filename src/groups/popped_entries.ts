/**
 * What one connection has popped of lists and not acked: it is a consumer of their groups. `next`: its next pop acks
 * what was written before; `sent`: writing the reply does. What is left at its end is given back to the groups.
 *
 * @module
 */

import type { EntryPlace, StreamEntry, StreamGroup } from "./stream_group.ts";

/** When what was popped is acked, see above. */
export type ListAck = "next" | "sent";

/** What one pop has taken. */
interface Popped {
  /** Counts pops. */
  readonly number: number;
  readonly group: StreamGroup;
  readonly places: readonly EntryPlace[];
}

/** The unacked entries of one connection. */
export class PoppedEntries {
  /** Its name in each group. */
  readonly consumer: string;
  readonly #ack: ListAck;
  readonly #groups = new Set<StreamGroup>();
  /** In replies that are not written yet. */
  #unwritten: Popped[] = [];
  /** In replies that are written. */
  #written: Popped[] = [];
  /** Number of pops. */
  #pops = 0;
  /** Of these, how many are in replies that are on their way. */
  #replied = 0;
  #acksAtEnd = false;

  /** Of a connection with this number. */
  constructor(connectionId: number, ack: ListAck) {
    this.consumer = `list:${connectionId}`;
    this.#ack = ack;
  }

  /**
   * Takes entries, which are in the next reply. The caller makes sure that the connection has not ended.
   *
   * @throws {KafkaError} for what the client must know of
   */
  take(group: StreamGroup, count: number): StreamEntry[] {
    const entries = this.takeInHand(group, count);
    if (entries.length > 0) {
      this.#unwritten.push({
        number: ++this.#pops,
        group,
        places: entries.map(({ place }) => place),
      });
    }
    return entries;
  }

  /**
   * Takes entries that the caller acks or gives back, whatever the connection pops; its end gives them back.
   *
   * @throws {KafkaError} for what the client must know of
   */
  takeInHand(group: StreamGroup, count: number): StreamEntry[] {
    this.#join(group);
    return group.take(this.consumer, count, false);
  }

  /** Number of pops in replies that are on their way: between a pop and that, EXEC may run other commands. */
  get replied(): number {
    return this.#replied;
  }

  /** The reply of the command is on its way, and with it that of all that was popped. */
  reply(): void {
    this.#replied = this.#pops;
  }

  /** The replies of so many pops, the first ones, are written. */
  written(replied: number): void {
    const written = this.#unwritten.filter(({ number }) => number <= replied);
    if (written.length === 0) return;
    this.#written.push(...written);
    this.#unwritten = this.#unwritten.slice(written.length);
    if (this.#ack === "sent") this.ackWritten();
  }

  /** The client is done with what it has got: it pops again. */
  ackWritten(): void {
    if (this.#written.length === 0) return;
    for (const { group, places } of this.#written) if (!group.ended) group.ackPlaces(places);
    this.#written = [];
  }

  /** QUIT: the client is done with all that it gets. */
  ackAtEnd(): void {
    this.#acksAtEnd = true;
  }

  /** The connection ends, or is another one from now on: what is not acked is delivered again, to whom it may be. */
  leave(): void {
    if (this.#acksAtEnd) this.ackWritten();
    this.#unwritten = [];
    this.#written = [];
    for (const group of this.#groups) group.detach(this.consumer);
    this.#groups.clear();
  }

  #join(group: StreamGroup): void {
    if (this.#groups.has(group)) return;
    for (const one of this.#groups) if (one.ended) this.#groups.delete(one);
    group.attach(this.consumer);
    this.#groups.add(group);
  }
}
