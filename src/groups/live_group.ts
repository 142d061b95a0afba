/**
 * A group that this gateway is a member of: one Kafka consumer for all topics and workers. Hands partitions to the
 * group's topics, and commits what they have acked.
 *
 * @module
 */

import type { KafkaError } from "../kafka/client/error.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import type { Message } from "../kafka/client/message.ts";
import type { TopicPartition } from "../kafka/client/topic_partitions.ts";
import type { MessageCounters } from "../telemetry/message_counters.ts";
import type {
  GroupConsumer,
  GroupConsumerOwner,
  Revocation,
  StartOffset,
} from "../kafka/consumer/group_consumer.ts";
import { groupEnded } from "../kafka/consumer/group_errors.ts";
import { commitNow, type ConsumerOwner } from "./consumer_owner.ts";
import { GroupCommits } from "./group_commits.ts";
import type { GroupOffsets } from "./group_offsets.ts";
import { type GroupReport, type ReportedGroup, reportOn } from "./group_report.ts";
import { FirstMessages } from "./first_messages.ts";
import { HoldUps } from "./hold_ups.ts";
import { MessageMemory } from "./message_memory.ts";
import type { DeliveryOrder } from "./partition_parts.ts";
import { Ownership } from "./ownership.ts";
import { PartitionStarts } from "./partition_starts.ts";
import type { StreamEntry } from "./group_entries.ts";
import { Starvation } from "./starvation.ts";
import { type GroupHost, StreamGroup } from "./stream_group.ts";
import type { RecordPlace } from "../streams/stream_id.ts";

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
export type GroupCounters = Pick<
  MessageCounters,
  "acked" | "redelivered" | "lostPending" | "refusedAcks"
>;

/** What live groups share. */
export interface LiveGroupParts {
  /** Settings. */
  readonly settings: GroupSettings;
  /** Makes the consumers, and makes them leave. */
  readonly consumers: ConsumerOwner;
  /** What is committed. */
  readonly offsets: GroupOffsets;
  /** Counters. */
  readonly counters: GroupCounters;
  /** Number of partitions of the first topic. */
  readonly partitions: number;
  /** A group can't go on: it has to be left, and joined again. */
  readonly onBroken: (group: LiveGroup, error: KafkaError) => void;
  /** Reads messages again. */
  readonly readAgain: (
    topic: string,
    places: readonly RecordPlace[],
  ) => Promise<(Message | undefined)[]>;
}

/** How often entries that are pending for long are looked after. */
const TEND_MS = 1_000;
/** How long librdkafka may take to go to another offset. */
const SEEK_MS = 3_000;
/** How long partitions that are given up wait for their last commit. */
const LAST_COMMIT_MS = 3_000;

/** A member of a group, with the topics that it is used for. */
export class LiveGroup implements GroupHost, GroupConsumerOwner {
  readonly name: string;
  /** It is not left. */
  readonly isStatic = false;
  /** Its topics. */
  readonly topics: Map<string, StreamGroup> = new Map();
  readonly #parts: LiveGroupParts;
  readonly #consumer: GroupConsumer;
  readonly #commits: GroupCommits;
  readonly #memory: MessageMemory;
  readonly #starts: PartitionStarts;
  readonly #ownership: Ownership;
  readonly #holdUps: HoldUps;
  readonly #starvation: Starvation;
  /** Topics that are not subscribed to any more, and have partitions. */
  readonly #retiring = new Set<string>();
  readonly #first = new FirstMessages();
  readonly #tending: ReturnType<typeof setInterval>;
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
    this.#holdUps = new HoldUps(name);
    this.#starvation = new Starvation(name);
    this.#consumer = parts.consumers.openShared(name, parts.partitions, this);
    this.#commits = new GroupCommits(name, this.#consumer);
    this.#starts = new PartitionStarts(name, parts.offsets);
    this.#ownership = new Ownership({
      name,
      topics: this.topics,
      consumer: this.#consumer,
      commits: this.#commits,
      starts: this.#starts,
      settings: parts.settings,
      memory: this.#memory,
      readAgain: (topic) => (places) => parts.readAgain(topic, places),
      onOwned: (...owned) => this.#first.expect(...owned),
      onLost: (count) => parts.counters.lostPending.total += count,
    });
    this.#tending = setInterval(() => this.#tend(), TEND_MS);
  }

  /** The group has an end, or is about to have one. */
  get ending(): boolean {
    return this.#closing !== undefined;
  }

  /** Size of the pending messages that are kept in memory. */
  get keptBytes(): number {
    return this.#memory.usedBytes;
  }

  /** How long nobody has asked for anything of any topic. */
  get idleMs(): number {
    return Math.min(...[...this.topics.values()].map(({ idleMs }) => idleMs));
  }

  /** The group on a topic, if it is in use. */
  find(topic: string): StreamGroup | undefined {
    return this.#retiring.has(topic) ? undefined : this.topics.get(topic);
  }

  /**
   * The group on a topic, which is subscribed to if it isn't yet. Resolves when the first messages are there, or
   * `timeoutMs` is over.
   */
  async use(topic: string, timeoutMs: number): Promise<StreamGroup> {
    const known = this.find(topic);
    if (known) return known;
    const group = this.topics.get(topic) ?? new StreamGroup(this, topic);
    this.topics.set(topic, group);
    this.#retiring.delete(topic);
    this.#subscribe();
    await group.joined(this.#first.wait(topic, timeoutMs));
    return group;
  }

  /** Gives up topics that nobody has asked for so long: others may have readers for their partitions. */
  retireIdle(idleMs: number): void {
    const idle = [...this.topics.values()].filter((group) => group.idleMs > idleMs);
    if (idle.every(({ topic }) => this.#retiring.has(topic))) return;
    for (const { topic } of idle) this.#retiring.add(topic);
    this.#subscribe();
    this.#forgetRetired();
  }

  /** Ends the use of a topic; what is acked of it and not committed is not committed any more. */
  drop(topic: string): void {
    const group = this.topics.get(topic);
    if (!group) return;
    group.end(groupEnded(this.name));
    for (const partition of [...group.partitions.values()]) {
      this.#commits.forget(partition);
      group.remove(partition); // a claim that waits for Kafka must not find it
      partition.close();
    }
    this.topics.delete(topic);
    this.#retiring.delete(topic);
    this.#subscribe();
  }

  /**
   * Commits offsets of a topic that is not used yet.
   *
   * @throws {KafkaError} when Kafka refuses
   */
  commit(offsets: readonly CommittedOffset[]): Promise<void> {
    return commitNow(this.#consumer, offsets);
  }

  /**
   * Goes on at other offsets; what is pending stays so.
   *
   * @returns false, without doing anything, when a partition is another member's
   * @throws {KafkaError} when librdkafka does not go there
   */
  async moveTo(topic: string, offsets: readonly CommittedOffset[]): Promise<boolean> {
    const group = this.topics.get(topic);
    if (!group || offsets.some(({ partition }) => !group.partitions.has(partition))) return false;
    const owned = offsets.map(({ partition }) => group.partitions.get(partition)!);
    for (const partition of owned) partition.suspend();
    try {
      await this.#consumer.seek(offsets, SEEK_MS);
    } catch (error) {
      this.#parts.onBroken(this, error as KafkaError); // nobody knows where it is now
      throw error;
    }
    offsets.forEach(({ offset }, at) => owned[at]!.moveTo(Number(offset)));
    await this.#commits.now(owned, LAST_COMMIT_MS);
    group.wakeNext();
    return true;
  }

  /** Callers of its topics get this error from now on. */
  end(error: KafkaError): void {
    for (const group of this.topics.values()) group.end(error);
  }

  /** Commits acks and leaves the group. */
  close(signal?: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(signal);
    return this.#closing;
  }

  async #close(signal?: AbortSignal): Promise<void> {
    clearInterval(this.#tending);
    this.end(groupEnded(this.name));
    await this.#consumer.close(signal);
    this.#ownership.close();
    this.#commits.close();
    this.#starts.close();
  }

  throwError(topic?: string): void {
    if (topic === undefined) this.#consumer.throwNext();
    else this.#consumer.throwReason(topic);
  }

  delivered(topic: string, entries: readonly StreamEntry[], again: number): void {
    this.#consumer.received(entries.map(({ message }) => message));
    if (again > 0) this.#parts.counters.redelivered.of(this.name, topic).total += again;
  }

  acked(topic: string, count: number, notOwned: number): void {
    const { acked, refusedAcks } = this.#parts.counters;
    acked.of(this.name, topic).total += count;
    if (notOwned > 0) refusedAcks.of(this.name, topic).total += notOwned;
  }

  readAgain(topic: string, places: readonly RecordPlace[]): Promise<(Message | undefined)[]> {
    return this.#parts.readAgain(topic, places);
  }

  lowOffset(topic: string, partition: number): number {
    return Number(this.#consumer.watermarks({ topic, partition })?.low ?? 0n);
  }

  endOffset(topic: string, partition: number): number | undefined {
    const high = this.#consumer.watermarks({ topic, partition })?.high;
    return high === undefined ? undefined : Number(high);
  }

  report(group: ReportedGroup): Promise<GroupReport> {
    this.skipMarkers();
    return reportOn(group, this.#parts.offsets, (places) => this.readAgain(group.topic, places));
  }

  starting(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StartOffset[]> {
    return this.#ownership.starting(partitions, signal);
  }

  assigned(partitions: readonly TopicPartition[]): void {
    this.#ownership.assigned(partitions);
    this.#forgetRetired();
    this.#first.look();
  }

  async revoking(partitions: readonly TopicPartition[], revocation: Revocation): Promise<void> {
    await this.#ownership.revoking(partitions, revocation);
    this.#forgetRetired();
  }

  arrived({ topic }: TopicPartition): void {
    this.topics.get(topic)?.wakeNext();
    this.#first.look();
  }

  skipped({ topic, partition }: TopicPartition, to: bigint): void {
    this.topics.get(topic)?.partitions.get(partition)?.skipTo(Number(to));
  }

  recreating({ topic, partition }: TopicPartition): void {
    const group = this.topics.get(topic);
    group?.partitions.get(partition)?.recreating();
    group?.wakeNext();
  }

  recreated({ topic, partition }: TopicPartition): void {
    this.topics.get(topic)?.partitions.get(partition)?.recreated();
  }

  failed(): void {
    const { fatal } = this.#consumer;
    if (fatal) return this.#parts.onBroken(this, fatal);
    for (const { topic, waiting } of this.topics.values()) {
      if (this.#consumer.concerned(topic)) waiting.wakeAll();
    }
  }

  #subscribe(): void {
    const topics = [...this.topics.keys()].filter((topic) => !this.#retiring.has(topic));
    if (topics.length > 0) this.#consumer.subscribe(topics);
  }

  /** Topics that are given up are forgotten when their partitions are committed. */
  #forgetRetired(): void {
    for (const topic of this.#retiring) {
      const group = this.topics.get(topic)!;
      if (group.partitions.size > 0) continue;
      group.end(groupEnded(this.name));
      this.topics.delete(topic);
      this.#retiring.delete(topic);
    }
  }

  #tend(): void {
    const nowMs = performance.now();
    this.skipMarkers();
    for (const [topic, group] of this.topics) {
      const { partitions, names } = group;
      for (const partition of partitions.values()) {
        partition.tend(nowMs, this.lowOffset(topic, partition.partition));
        this.#holdUps.look(topic, partition, names);
      }
      this.#starvation.look(group, nowMs);
    }
    this.#first.look();
  }

  /** Markers of transactions have offsets and are no messages: what ends with them is not left. */
  skipMarkers(): void {
    const drained = [...this.topics.values()].flatMap(({ topic, partitions }) =>
      [...partitions.values()].filter((partition) => !partition.isReady() && partition.isDrained)
        .map((owned) => ({ topic, partition: owned.partition, owned }))
    );
    if (drained.length === 0) return;
    const positions = this.#consumer.positions(drained);
    positions.forEach((position, at) => {
      if (position !== undefined) drained[at]!.owned.skipTo(Number(position));
    });
  }
}
