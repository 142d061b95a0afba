/**
 * Where the partitions begin that a group gets: behind what is committed, without what is acked beyond that.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { KafkaError } from "../kafka/client/error.ts";
import { partitionName, type TopicPartition } from "../kafka/client/topic_partitions.ts";
import { OFFSET_BEGINNING, type StartOffset } from "../kafka/consumer/group_consumer.ts";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";
import { NO_PROGRESS, type Progress } from "./commit_metadata.ts";
import type { GroupOffsets } from "./group_offsets.ts";
import { NONE } from "./pending_entries.ts";

/** A commit, as Kafka has it. */
export interface CommitText {
  /** The committed offset. */
  readonly offset: bigint;
  /** Its metadata. */
  readonly metadata: string;
}

/** Where a partition begins. */
export interface PartitionStart {
  /** The committed offset; NONE when nothing is committed. */
  readonly offset: number;
  /** What is known of the messages behind it. */
  readonly progress: Progress;
  /** The offset behind the last message. */
  readonly end: number;
  /** What is committed, as Kafka has it; undefined for nothing. */
  readonly committed: CommitText | undefined;
}

/** A question that Kafka does not answer. */
interface Unanswered {
  readonly topic: string;
  readonly error: KafkaError;
}

/** How soon Kafka is asked again after an error. */
const RETRY_MS = 500;

const NOTHING: PartitionStart = {
  offset: NONE,
  progress: NO_PROGRESS,
  end: 0,
  committed: undefined,
};

const logger = getLogger(["rafka", "groups"]);

/** The starts of one group's partitions. */
export class PartitionStarts {
  readonly #group: string;
  readonly #offsets: GroupOffsets;
  readonly #found = new Map<string, PartitionStart>();
  readonly #failures = new LogSummary<Unanswered>((failures) => this.#logUnanswered(failures));

  /** None are known. */
  constructor(group: string, offsets: GroupOffsets) {
    this.#group = group;
    this.#offsets = offsets;
  }

  /** Asks Kafka until it answers, or `signal` is aborted; keeps what it says for `take`. */
  async find(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StartOffset[]> {
    const topics = new Set(partitions.map(({ topic }) => topic));
    const { promise: aborted, resolve } = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => resolve(), { once: true });
    const found = Promise.all([...topics].map((topic) => this.#find(topic, signal)));
    await Promise.race([found, aborted]);
    return partitions.map((place) => {
      const { offset } = this.#found.get(partitionName(place)) ?? NOTHING;
      return { ...place, offset: offset === NONE ? OFFSET_BEGINNING : BigInt(offset) };
    });
  }

  /** Where a partition begins. */
  get(place: TopicPartition): PartitionStart {
    return this.#found.get(partitionName(place)) ?? NOTHING;
  }

  /** The same; it is forgotten. */
  take(place: TopicPartition): PartitionStart {
    const start = this.get(place);
    this.#found.delete(partitionName(place));
    return start;
  }

  /** Asks nothing more. */
  close(): void {
    this.#failures.close();
  }

  async #find(topic: string, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await this.#ask(topic);
      } catch (error) {
        if (!(error instanceof KafkaError)) throw error;
        this.#failures.note(`${topic} ${error.codeName}`, { topic, error });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  async #ask(topic: string): Promise<void> {
    const [committed, ends] = await Promise.all([
      this.#offsets.committed(this.#group, topic),
      this.#offsets.ends(topic),
    ]);
    for (const { partition, offset, metadata, progress } of committed) {
      const start = Number(offset);
      const reach = progress.runs.reduce((sum, run) => sum + run, start);
      // acks beyond the end are of messages that are gone: the topic was made again, or has lost its end
      const end = ends[partition] ?? 0;
      const isOfThese = reach <= end;
      if (!isOfThese) this.#logDropped({ topic, partition });
      this.#found.set(partitionName({ topic, partition }), {
        offset: start,
        progress: isOfThese ? progress : NO_PROGRESS,
        end,
        committed: { offset, metadata },
      });
    }
  }

  #logUnanswered({ latest: { topic, error }, count }: Occurrences<Unanswered>): void {
    logger.warn(
      "Group {group}: Kafka does not say what is acked of {topic}: {error}" +
        (count > 1 ? "; {count} like this since the last line" : ""),
      { group: this.#group, topic, error: error.message, count },
    );
  }

  #logDropped(place: TopicPartition): void {
    logger.warn(
      "Group {group}: {topic}[{partition}] ends before what is acked of it; all behind the committed offset is " +
        "delivered again",
      { group: this.#group, ...place },
    );
  }
}
