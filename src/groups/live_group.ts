/**
 * A group that this gateway is a member of: one Kafka consumer for all topics and workers. Hands partitions to the
 * group's topics, and commits what they have acked.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { Admin } from "../kafka/client/admin.ts";
import type { KafkaError } from "../kafka/client/error.ts";
import type { Message } from "../kafka/client/message.ts";
import type { TopicPartition } from "../kafka/client/topic_partitions.ts";
import type {
  GroupConsumer,
  GroupConsumerOwner,
  StartOffset,
} from "../kafka/consumer/group_consumer.ts";
import { decodeProgress, NO_PROGRESS, type Progress } from "./commit_metadata.ts";
import { GroupCommits } from "./group_commits.ts";
import { MessageMemory } from "./message_memory.ts";
import { type DeliveryOrder, OwnedPartition } from "./owned_partition.ts";
import { NONE } from "./pending_entries.ts";
import type { GroupInfo } from "./stream_entry.ts";
import { type GroupHost, StreamGroup } from "./stream_group.ts";
import type { RecordPlace } from "./stream_id.ts";

/** Settings of groups, `server.streams` of the configuration. */
export interface GroupSettings {
  /** Maximum number of groups of a gateway. */
  readonly maxGroups: number;
  /** A group that nobody has asked for so long is left. */
  readonly groupIdleMs: number;
  /** Maximum number of pending entries of a partition. */
  readonly maxPending: number;
  /** Maximum size of the pending messages of a group that are kept in memory. */
  readonly pendingBytes: number;
  /** Which messages have to wait for others. */
  readonly order: DeliveryOrder;
}

/** Counters of stream groups. */
export interface GroupCounters {
  /** Entries were delivered, so many of them not for the first time. */
  delivered(count: number, again: number): void;
  /** Entries were acked; so many other ids belong to partitions of another gateway. */
  acked(count: number, notOwned: number): void;
  /** Pending entries are gone. */
  lost(count: number): void;
}

/** What live groups share. */
export interface LiveGroupParts {
  /** Settings. */
  readonly settings: GroupSettings;
  /** Asks Kafka. */
  readonly admin: Admin;
  /** Counters. */
  readonly counters: GroupCounters;
  /** Reads messages again. */
  readonly readAgain: (
    topic: string,
    places: readonly RecordPlace[],
  ) => Promise<(Message | undefined)[]>;
  /** What Kafka knows of a group and a topic. */
  readonly describe: (group: StreamGroup) => Promise<
    Pick<GroupInfo, "entriesRead" | "lag" | "lastDelivered">
  >;
  /** Makes the consumer of a group. */
  readonly newConsumer: (groupId: string, owner: GroupConsumerOwner) => GroupConsumer;
}

/** How soon Kafka is asked again after an error. */
const RETRY_MS = 500;
/** How often entries that are pending for long are looked after. */
const TEND_MS = 1_000;
/** How long partitions that are given up wait for their last commit. */
const LAST_COMMIT_MS = 5_000;

const logger = getLogger(["rafka", "groups"]);

/** A member of a group, with the topics that it is used for. */
export class LiveGroup implements GroupHost, GroupConsumerOwner {
  readonly name: string;
  /** Its topics. */
  readonly topics: Map<string, StreamGroup> = new Map();
  /** When somebody last asked for something, on the clock of `performance.now()`. */
  askedAtMs: number = performance.now();
  readonly #parts: LiveGroupParts;
  readonly #consumer: GroupConsumer;
  readonly #commits: GroupCommits;
  readonly #memory: MessageMemory;
  readonly #starts = new Map<string, { readonly offset: number; readonly progress: Progress }>();
  readonly #tending: ReturnType<typeof setInterval>;
  /** Callers that wait for the first messages of a topic. */
  #starting: { readonly topic: string; readonly resolve: () => void }[] = [];
  #closing: Promise<void> | undefined;

  /**
   * Makes the consumer; the first `use` makes it join.
   *
   * @throws {KafkaError} when there are too many consumers
   */
  constructor(name: string, parts: LiveGroupParts) {
    this.name = name;
    this.#parts = parts;
    this.#memory = new MessageMemory(parts.settings.pendingBytes);
    this.#consumer = parts.newConsumer(name, this);
    this.#commits = new GroupCommits(name, this.#consumer);
    this.#tending = setInterval(() => this.#tend(), TEND_MS);
  }

  /** The group has an end, or is about to have one. */
  get ending(): boolean {
    return this.#closing !== undefined;
  }

  /** Somebody waits for entries. */
  get isWaitedFor(): boolean {
    return [...this.topics.values()].some(({ waiting }) => waiting.count > 0);
  }

  /**
   * The group on a topic, which is subscribed to if it isn't yet. Resolves when the first messages are there, or
   * `timeoutMs` is over.
   */
  async use(topic: string, timeoutMs: number): Promise<StreamGroup> {
    const known = this.topics.get(topic);
    if (known) return known;
    const group = new StreamGroup(this, topic);
    this.topics.set(topic, group);
    this.#consumer.subscribe([...this.topics.keys()]);
    await this.#started(topic, timeoutMs);
    return group;
  }

  /** Leaves the group; the callers of its topics get `error`. */
  close(error: KafkaError, signal?: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(error, signal);
    return this.#closing;
  }

  async #close(error: KafkaError, signal?: AbortSignal): Promise<void> {
    clearInterval(this.#tending);
    for (const group of this.topics.values()) group.end(error);
    await this.#consumer.close(signal);
    this.#commits.close();
  }

  asked(nowMs: number): void {
    this.askedAtMs = nowMs;
  }

  throwError(topic?: string): void {
    if (topic === undefined) this.#consumer.throwNext();
    else this.#consumer.throwReason(topic);
  }

  received(topic: string, partition: number): void {
    this.#consumer.received([{ topic, partition }]);
  }

  delivered(count: number, again: number): void {
    this.#parts.counters.delivered(count, again);
  }

  acked(count: number, notOwned: number): void {
    this.#parts.counters.acked(count, notOwned);
  }

  readAgain(topic: string, places: readonly RecordPlace[]): Promise<(Message | undefined)[]> {
    return this.#parts.readAgain(topic, places);
  }

  lowOffset(topic: string, partition: number): number {
    return Number(this.#consumer.watermarks({ topic, partition })?.low ?? 0n);
  }

  describe(group: StreamGroup): ReturnType<LiveGroupParts["describe"]> {
    return this.#parts.describe(group);
  }

  async starting(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StartOffset[]> {
    const topics = new Set(partitions.map(({ topic }) => topic));
    const found = await Promise.all([...topics].map((topic) => this.#findStarts(topic, signal)));
    const starts = new Map(found.flat().map((start) => [placeName(start), start]));
    return partitions.map(({ topic, partition }) => {
      const start = starts.get(placeName({ topic, partition }));
      this.#starts.set(placeName({ topic, partition }), {
        offset: start ? Number(start.offset) : NONE,
        progress: start?.progress ?? NO_PROGRESS,
      });
      return { topic, partition, offset: start?.offset ?? -1n };
    });
  }

  assigned(partitions: readonly TopicPartition[]): void {
    for (const place of partitions) this.#own(place);
    this.#resolveStarted();
  }

  async revoking(partitions: readonly TopicPartition[], lost: boolean): Promise<void> {
    const owned = partitions.flatMap(({ topic, partition }) => {
      const removed = this.topics.get(topic)?.remove(partition);
      return removed ? [{ topic, partition: removed }] : [];
    });
    if (!lost) await this.#commits.last(owned, LAST_COMMIT_MS);
    const count = owned.reduce((sum, { topic, partition }) => {
      this.#commits.forget(topic, partition);
      return sum + partition.close();
    }, 0);
    if (count === 0) return;
    this.#parts.counters.lost(count);
    logger.info(
      "Group {group}: {count} pending entries are delivered again by whoever gets their partitions",
      { group: this.name, count },
    );
  }

  arrived({ topic }: TopicPartition): void {
    this.topics.get(topic)?.wakeNext();
    this.#resolveStarted();
  }

  reachedEnd({ topic, partition }: TopicPartition, offset: bigint): void {
    this.topics.get(topic)?.partitions.get(partition)?.skipTo(Number(offset));
  }

  skipped({ topic, partition }: TopicPartition, to: bigint): void {
    this.topics.get(topic)?.partitions.get(partition)?.skipTo(Number(to));
  }

  failed(): void {
    for (const group of this.topics.values()) group.waiting.wakeAll();
  }

  #own({ topic, partition }: TopicPartition): void {
    const group = this.topics.get(topic);
    const source = this.#consumer.queueOf({ topic, partition });
    const start = this.#starts.get(placeName({ topic, partition }));
    this.#starts.delete(placeName({ topic, partition }));
    if (!group || !source || !start) return;
    const { order, maxPending } = this.#parts.settings;
    const owned: OwnedPartition = new OwnedPartition({
      partition,
      source,
      ...start,
      order,
      maxPending,
      memory: this.#memory,
      consumers: group.names,
      readAgain: (places) => this.readAgain(topic, places),
      onProgress: () => this.#commits.soon(topic, owned),
      onReady: () => group.wakeNext(),
      onLost: (count, cause) => this.#onLost({ topic, partition }, count, cause),
    });
    group.add(owned);
    group.wakeNext();
  }

  #onLost(place: TopicPartition, count: number, cause: "deleted" | "recreated"): void {
    this.#parts.counters.lost(count);
    const why = cause === "deleted"
      ? "Kafka has deleted their messages"
      : "the topic was made again, or has lost its latest messages";
    logger.warn(
      "Group {group}: {count} pending entries of {topic}[{partition}] are gone, {why}",
      { group: this.name, count, ...place, why },
    );
  }

  async #findStarts(
    topic: string,
    signal: AbortSignal,
  ): Promise<(StartOffset & { readonly progress: Progress })[]> {
    for (;;) {
      try {
        const committed = await this.#parts.admin.listGroupOffsets(this.name, topic);
        return committed.map(({ partition, offset, metadata }) => ({
          topic,
          partition,
          offset,
          progress: decodeProgress(Number(offset), metadata),
        }));
      } catch (error) {
        if (signal.aborted) return [];
        logger.warn("Group {group}: Kafka does not say what is acked of {topic}: {error}", {
          group: this.name,
          topic,
          error: (error as Error).message,
        });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  }

  /** Waits until the partitions of a topic have their first messages, or are known to have none. */
  #started(topic: string, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#starting.push({ topic, resolve: done });
    });
  }

  #resolveStarted(): void {
    this.#starting = this.#starting.filter(({ topic, resolve }) => {
      const { partitions } = this.topics.get(topic)!;
      if (partitions.size === 0) return true;
      for (const partition of partitions.values()) {
        if (!partition.isReady() && partition.position === NONE) return true;
      }
      resolve();
      return false;
    });
  }

  #tend(): void {
    const nowMs = performance.now();
    for (const [topic, { partitions }] of this.topics) {
      for (const partition of partitions.values()) {
        partition.tend(nowMs, this.lowOffset(topic, partition.partition));
      }
    }
  }
}

function placeName({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`;
}
