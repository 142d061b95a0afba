/**
 * How many partitions topics have: asked for each read, and hardly ever another number.
 *
 * @module
 */

import type { Admin } from "../kafka/client/admin.ts";
import { KafkaError } from "../kafka/client/error.ts";
import { MAX_PARTITIONS } from "./stream_id.ts";

/** Kafka's code for a number of partitions that is not allowed. */
const INVALID_PARTITIONS = 37;

/**
 * Number of partitions of a topic that is used as a stream; undefined if there is no such topic.
 *
 * @throws {KafkaError} when Kafka refuses it, or when there are more than ids have room for
 */
export async function streamPartitions(
  admin: Pick<Admin, "partitionsOf">,
  topic: string,
): Promise<number | undefined> {
  const count = await admin.partitionsOf(topic);
  if (count === undefined || count <= MAX_PARTITIONS) return count;
  throw new KafkaError(
    `Topic ${topic} has ${count} partitions, ids of streams have room for ${MAX_PARTITIONS}`,
    INVALID_PARTITIONS,
    "INVALID_PARTITIONS",
  );
}

/** Asks Kafka; undefined for a topic that does not exist. */
export type CountPartitions = (topic: string) => Promise<number | undefined>;

/** New partitions are read from their beginning, so that nothing is lost by not knowing them at once. */
const MAX_AGE_MS = 1_000;
/** Known topics; with more, those asked for first are forgotten. */
const MAX_TOPICS = 10_000;

interface Known {
  readonly count: Promise<number | undefined>;
  readonly askedAtMs: number;
}

/** Remembers answers for a moment; simultaneous calls share one. */
export class PartitionCounts {
  readonly #ask: CountPartitions;
  readonly #known = new Map<string, Known>();

  /** Knows nothing yet. */
  constructor(ask: CountPartitions) {
    this.#ask = ask;
  }

  /**
   * Number of partitions of a topic; undefined if there is no such topic.
   *
   * @param missingForMs for so long a topic that does not exist is not asked for again: by default it is, always
   * @throws {KafkaError} when Kafka refuses it
   */
  async of(topic: string, missingForMs = 0): Promise<number | undefined> {
    const known = this.#known.get(topic);
    const ageMs = known ? performance.now() - known.askedAtMs : Infinity;
    if (known && ageMs < MAX_AGE_MS) {
      const count = await known.count.catch(() => undefined);
      if (count !== undefined || ageMs < missingForMs) return count;
      if (this.#known.get(topic) !== known) return await this.of(topic, missingForMs);
    }
    return await this.#askFor(topic);
  }

  /** The next call asks. */
  forget(topic: string): void {
    this.#known.delete(topic);
  }

  #askFor(topic: string): Promise<number | undefined> {
    const count = this.#ask(topic);
    count.catch(() => this.forget(topic));
    this.#known.delete(topic); // to the end of the map
    this.#known.set(topic, { count, askedAtMs: performance.now() });
    if (this.#known.size > MAX_TOPICS) this.#known.delete(this.#known.keys().next().value!);
    return count;
  }
}
