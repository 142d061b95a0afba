/**
 * What XPENDING, XCLAIM, XAUTOCLAIM and reads of history do with the pending entries of a group on a topic.
 *
 * @see https://redis.io/docs/latest/commands/xclaim/
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import type { ConsumerNames, NamedConsumer } from "./consumer_names.ts";
import { entriesBetween, type EntryRef, idOf } from "./entry_order.ts";
import type { OwnedPartition } from "./owned_partition.ts";
import { DELIVERED, MAX_DELIVERIES, NONE } from "./pending_entries.ts";
import type {
  AutoClaimed,
  ClaimedEntry,
  ClaimOptions,
  PendingEntry,
  PendingQuery,
  PendingSummary,
} from "./group_entries.ts";
import {
  MAX_ID,
  MIN_ID,
  nextId,
  placeOf,
  recordId,
  type RecordPlace,
  type StreamId,
} from "../streams/stream_id.ts";

/** The options of XAUTOCLAIM. */
export interface AutoClaimOptions {
  /** Only entries idle for so long. */
  readonly minIdleMs: number;
  /** At most so many. */
  readonly count: number;
  /** Neither counts a delivery nor reads messages. */
  readonly justId: boolean;
}

/** What Kafka has of the topic. */
export interface ClaimSource {
  /** Reads messages again; undefined stands for one that is gone. */
  readonly read: (places: readonly RecordPlace[]) => Promise<(Message | undefined)[]>;
  /** The first offset of a partition. */
  readonly low: (partition: number) => number;
}

/** Entries that XAUTOCLAIM looks at for each that it may return, as in Redis. */
const ATTEMPTS = 10;

/** The pending entries of one group on one topic. */
export class Claims {
  readonly #partitions: ReadonlyMap<number, OwnedPartition>;
  readonly #consumers: ConsumerNames;
  readonly #source: ClaimSource;

  /** Of these partitions, which change. */
  constructor(
    partitions: ReadonlyMap<number, OwnedPartition>,
    consumers: ConsumerNames,
    source: ClaimSource,
  ) {
    this.#partitions = partitions;
    this.#consumers = consumers;
    this.#source = source;
  }

  /** The entry with this id, if somebody has it. */
  find(id: StreamId): EntryRef | undefined {
    const { partition: number, offset } = placeOf(id);
    const partition = this.#partitions.get(number);
    const slot = partition?.find(Number(offset), id.ms) ?? NONE;
    return partition && slot !== NONE && partition.pending.states[slot] === DELIVERED
      ? { partition, slot }
      : undefined;
  }

  /** All entries in short. */
  summary(): PendingSummary {
    const entries = entriesBetween(this.#partitions.values(), MIN_ID, MAX_ID);
    const [first, last] = [entries[0], entries.at(-1)];
    return {
      count: entries.length,
      first: first && idOf(first),
      last: last && idOf(last),
      consumers: this.#consumers.sorted().filter(({ pending }) => pending > 0)
        .map(({ name, pending }) => [name, pending]),
    };
  }

  /** Entries in the order of their ids. */
  list({ start, end, count, minIdleMs = 0, consumer }: PendingQuery): PendingEntry[] {
    const nowMs = performance.now();
    const owner = consumer === undefined ? undefined : this.#consumers.get(consumer);
    if (consumer !== undefined && !owner) return [];
    const wanted = (entry: EntryRef): boolean =>
      (!owner || has(owner, entry)) && idleMsOf(entry, nowMs) >= minIdleMs;
    return entriesBetween(this.#partitions.values(), start, end, wanted).slice(0, count)
      .map((entry) => ({
        id: idOf(entry),
        consumer: this.#consumers.at(entry.partition.pending.consumers[entry.slot]!).name,
        idleMs: Math.floor(idleMsOf(entry, nowMs)),
        deliveries: entry.partition.pending.deliveries[entry.slot]!,
      }));
  }

  /** Entries of a consumer behind an id; they count as delivered once more. */
  async history(consumer: NamedConsumer, after: StreamId, count: number): Promise<ClaimedEntry[]> {
    const nowMs = performance.now();
    const entries = entriesBetween(
      this.#partitions.values(),
      nextId(after),
      MAX_ID,
      (entry) => has(consumer, entry),
    ).slice(0, count);
    const ids = entries.map(idOf);
    const messages = await this.#messagesOf(entries);
    consumer = this.#stillThere(consumer);
    return ids.map((id, at) => {
      const message = messages[at];
      const entry = message && this.find(id);
      if (entry && has(consumer, entry)) {
        entry.partition.pending.countDelivery(entry.slot);
        entry.partition.pending.deliveredAtMs[entry.slot] = nowMs;
        entry.partition.changed();
      }
      return { id, message };
    });
  }

  /** XCLAIM */
  async claim(
    consumer: NamedConsumer,
    ids: readonly StreamId[],
    options: ClaimOptions,
  ): Promise<ClaimedEntry[]> {
    const nowMs = performance.now();
    if (options.force) await this.#force(consumer, ids);
    consumer = this.#stillThere(consumer);
    const entries = ids.flatMap((id) => this.find(id) ?? [])
      .filter((entry) => idleMsOf(entry, nowMs) >= options.minIdleMs);
    const { kept } = await this.#give(entries, consumer, nowMs, options);
    return kept;
  }

  /** XAUTOCLAIM */
  async autoClaim(
    consumer: NamedConsumer,
    start: StreamId,
    { minIdleMs, count, justId }: AutoClaimOptions,
  ): Promise<AutoClaimed> {
    const nowMs = performance.now();
    const all = entriesBetween(this.#partitions.values(), start, MAX_ID);
    const claimed: EntryRef[] = [];
    let at = 0;
    while (at < all.length && at < count * ATTEMPTS && claimed.length < count) {
      const entry = all[at++]!;
      if (idleMsOf(entry, nowMs) >= minIdleMs) claimed.push(entry);
    }
    const cursor = at < all.length ? idOf(all[at]!) : MIN_ID;
    const { kept, deleted } = await this.#give(claimed, consumer, nowMs, { minIdleMs, justId });
    return { cursor, entries: kept, deleted };
  }

  /**
   * Takes an entry from its consumer. It stays pending with nobody, and may be claimed at once.
   *
   * @param countOf the number of deliveries from then on
   * @returns whether it was pending
   */
  giveBack(id: StreamId, countOf: (deliveries: number) => number): boolean {
    const entry = this.find(id);
    if (!entry) return false;
    const { partition, slot } = entry;
    const { deliveries } = partition.pending;
    deliveries[slot] = Math.min(countOf(deliveries[slot]!), MAX_DELIVERIES);
    partition.assign(slot, this.#consumers.nobody, -Infinity);
    partition.changed();
    return true;
  }

  /** All entries of a consumer are to be delivered again. */
  releaseAll(consumer: NamedConsumer): void {
    for (const partition of this.#partitions.values()) {
      const { pending } = partition;
      for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
        if (pending.consumers[slot] === consumer.number) partition.release(slot);
      }
    }
  }

  /** Gives entries to a consumer, at once, then looks whether Kafka has them. */
  async #give(
    entries: readonly EntryRef[],
    consumer: NamedConsumer,
    nowMs: number,
    { idleMs = 0, deliveries, justId = false }: ClaimOptions,
  ): Promise<{ kept: ClaimedEntry[]; deleted: StreamId[] }> {
    for (const { partition, slot } of entries) {
      partition.assign(slot, consumer, nowMs - idleMs);
      if (deliveries !== undefined) {
        partition.pending.deliveries[slot] = Math.min(deliveries, MAX_DELIVERIES);
      } else if (!justId) partition.pending.countDelivery(slot);
      partition.changed();
    }
    const ids = entries.map(idOf);
    const messages = justId ? undefined : await this.#messagesOf(entries);
    const kept: ClaimedEntry[] = [];
    const deleted: StreamId[] = [];
    ids.forEach((id, at) => {
      const { partition, offset } = placeOf(id);
      const entry = this.find(id);
      const isThere = messages
        ? messages[at] !== undefined
        : offset >= this.#source.low(partition) || entry?.partition.pending.messages[entry.slot];
      if (isThere) return kept.push({ id, message: messages?.[at] });
      deleted.push(id);
      if (entry) entry.partition.finish(entry.slot);
    });
    return { kept, deleted };
  }

  /** Makes entries pending that are not, if Kafka has them; they may be claimed at once. */
  async #force(consumer: NamedConsumer, ids: readonly StreamId[]): Promise<void> {
    const places = ids.map(placeOf);
    const missing = places.flatMap((place, at) => {
      const partition = this.#partitions.get(place.partition);
      if (!partition || partition.pending.find(Number(place.offset)) !== NONE) return [];
      return [{ place, id: ids[at]! }];
    });
    if (missing.length === 0) return;
    const messages = await this.#source.read(missing.map(({ place }) => place));
    consumer = this.#stillThere(consumer);
    missing.forEach(({ place: { partition: number, offset }, id }, at) => {
      const message = messages[at];
      const partition = this.#partitions.get(number);
      if (!message || !partition || partition.pending.find(Number(offset)) !== NONE) return;
      if (recordId(message.metadata?.timestampMs, number, offset).ms !== id.ms) return;
      const slot = partition.force(Number(offset), id.ms);
      partition.assign(slot, consumer, -Infinity);
      partition.keep(slot, message);
    });
  }

  /** XGROUP DELCONSUMER may have removed it meanwhile, and its number be another's: the command makes it again. */
  #stillThere({ name }: NamedConsumer): NamedConsumer {
    return this.#consumers.asking(name, performance.now());
  }

  /** Messages of entries, those that are not in memory from Kafka. */
  async #messagesOf(entries: readonly EntryRef[]): Promise<(Message | undefined)[]> {
    const messages = entries.map(({ partition, slot }) => partition.pending.messages[slot]);
    const missing = entries.flatMap(({ partition, slot }, at) =>
      messages[at] ? [] : [{
        at,
        place: {
          partition: partition.partition,
          offset: BigInt(partition.pending.offsets[slot]!),
        },
      }]
    );
    if (missing.length === 0) return messages;
    const read = await this.#source.read(missing.map(({ place }) => place));
    missing.forEach(({ at }, index) => messages[at] = read[index]);
    return messages;
  }
}

function has({ number }: NamedConsumer, { partition, slot }: EntryRef): boolean {
  return partition.pending.consumers[slot] === number;
}

function idleMsOf({ partition, slot }: EntryRef, nowMs: number): number {
  return Math.max(0, nowMs - partition.pending.deliveredAtMs[slot]!);
}
