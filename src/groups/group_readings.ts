/**
 * Which groups a connection reads streams as, and as which of their consumers: for CLIENT LIST.
 *
 * @module
 */

import type { StreamGroup } from "./stream_group.ts";

/** A group on a topic that a connection reads. */
export interface GroupReading {
  /** Name of the topic. */
  readonly topic: string;
  /** Kafka's group.id. */
  readonly group: string;
  /** The consumer that the connection has read as, last. */
  readonly consumer: string;
  /** Number of pending entries of that consumer. */
  readonly pending: number;
  /** Number of partitions of this gateway that `streams.maxPending` holds up. */
  readonly paused: number;
  /** Messages of this gateway's partitions that are not acked, as of the last fetch; undefined before the first one. */
  readonly lag: number | undefined;
}

/** A connection that reads more groups, as a proxy may, is shown with the latest ones. */
const MAX_READINGS = 100;

/** What one connection reads. */
export class GroupReadings {
  readonly #consumers = new Map<StreamGroup, string>();

  /** The connection has asked for entries of a group. */
  note(group: StreamGroup, consumer: string): void {
    if (this.#consumers.get(group) === consumer) return;
    if (!this.#consumers.has(group)) this.#makeRoom();
    this.#consumers.set(group, consumer);
  }

  /** The groups that are still in use here, in the order of their first reads. */
  list(): GroupReading[] {
    return [...this.#consumers].filter(([group]) => !group.ended)
      .map(([group, consumer]) => ({
        topic: group.topic,
        group: group.name,
        consumer,
        pending: group.names.get(consumer)?.pending ?? 0,
        paused: group.heldBack.length,
        lag: group.lag,
      }));
  }

  #makeRoom(): void {
    for (const group of this.#consumers.keys()) {
      if (group.ended) this.#consumers.delete(group);
    }
    const [oldest] = this.#consumers.keys();
    if (oldest && this.#consumers.size >= MAX_READINGS) this.#consumers.delete(oldest);
  }
}
