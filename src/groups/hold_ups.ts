/**
 * Partitions that `streams.maxPending` holds up: the log says once whose entries they are.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { ConsumerNames } from "./consumer_names.ts";
import type { OwnedPartition } from "./owned_partition.ts";
import { DELIVERED, NONE } from "./pending_entries.ts";

const logger = getLogger(["rafka", "groups"]);

/** Who has most of the entries that hold a partition up. */
export interface HoldUp {
  /** Name of the consumer; undefined when nobody has any. */
  readonly consumer: string | undefined;
  /** Number of its entries in the partition. */
  readonly count: number;
}

/** The hold-ups of one group. */
export class HoldUps {
  readonly #group: string;
  readonly #logged = new WeakSet<OwnedPartition>();

  /** None so far. */
  constructor(group: string) {
    this.#group = group;
  }

  /** Logs what has changed. */
  look(topic: string, partition: OwnedPartition, consumers: ConsumerNames): void {
    const { heldBack, pending } = partition;
    if (heldBack === this.#logged.has(partition)) return;
    const place = { group: this.#group, topic, partition: partition.partition };
    if (!heldBack) {
      this.#logged.delete(partition);
      return logger.info("Group {group}: {topic}[{partition}] is not held up any more", place);
    }
    this.#logged.add(partition);
    const { consumer, count } = holdUpOf(partition, consumers);
    logger.warn(
      "Group {group}: {topic}[{partition}] is held up, {pending} entries are pending (server.streams.maxPending); " +
        "{consumer} has {count} of them",
      { ...place, pending: pending.count, consumer: consumer ?? "nobody", count },
    );
  }
}

/** The consumer with most entries of a partition. */
export function holdUpOf({ pending }: OwnedPartition, consumers: ConsumerNames): HoldUp {
  const counts = new Map<number, number>();
  let [most, count] = [NONE, 0];
  for (let slot = pending.first; slot !== NONE; slot = pending.after(slot)) {
    if (pending.states[slot] !== DELIVERED) continue;
    const number = pending.consumers[slot]!;
    const sum = (counts.get(number) ?? 0) + 1;
    counts.set(number, sum);
    if (sum > count) [most, count] = [number, sum];
  }
  return { consumer: most === NONE ? undefined : consumers.at(most).name, count };
}
