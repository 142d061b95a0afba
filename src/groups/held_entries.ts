/**
 * Entries that one consumer of a group has, by their places.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import type { OwnedPartition } from "./owned_partition.ts";
import { DELIVERED, NONE } from "./pending_entries.ts";
import type { EntryPlace, StreamGroup } from "./stream_group.ts";

/** An entry of a group. */
export interface HeldEntry {
  /** The group on its topic. */
  readonly group: StreamGroup;
  /** Where it is. */
  readonly place: EntryPlace;
}

/** Whether a consumer has an entry: it does not once that is acked, or its partition is another gateway's. */
export function holds(consumer: string, entry: HeldEntry): boolean {
  return find(consumer, entry) !== undefined;
}

/** An entry of a consumer is to be delivered again, to anyone. */
export function release(consumer: string, entry: HeldEntry): void {
  const found = find(consumer, entry);
  found?.partition.release(found.slot);
}

/** An entry of a consumer is another one's from now on. */
export function handOver(consumer: string, entry: HeldEntry, to: string): void {
  const found = find(consumer, entry);
  const nowMs = performance.now();
  found?.partition.assign(found.slot, entry.group.names.asking(to, nowMs), nowMs);
}

/**
 * Messages of entries of a consumer, those that are not in memory from Kafka; undefined for those that it no longer has.
 *
 * @throws {KafkaError} when Kafka does not answer
 */
export async function messagesOf(
  consumer: string,
  entries: readonly HeldEntry[],
): Promise<(Message | undefined)[]> {
  const messages = entries.map((entry) => {
    const found = find(consumer, entry);
    return found?.partition.pending.messages[found.slot];
  });
  const missing = entries.flatMap((entry, at) => messages[at] ? [] : [{ ...entry, at }]);
  for (const [group, some] of Map.groupBy(missing, ({ group }) => group)) {
    const read = await group.readAgain(
      some.map(({ place: { partition, offset } }) => ({ partition, offset: BigInt(offset) })),
    );
    some.forEach(({ at }, index) => messages[at] = read[index]);
  }
  return messages;
}

function find(
  consumer: string,
  { group, place: { partition: number, offset, timeMs } }: HeldEntry,
): { readonly partition: OwnedPartition; readonly slot: number } | undefined {
  if (group.ended) return undefined;
  const partition = group.partitions.get(number);
  const slot = partition?.find(offset, timeMs) ?? NONE;
  if (!partition || slot === NONE) return undefined;
  const { states, consumers } = partition.pending;
  const isHeld = states[slot] === DELIVERED &&
    consumers[slot] === group.names.get(consumer)?.number;
  return isHeld ? { partition, slot } : undefined;
}
