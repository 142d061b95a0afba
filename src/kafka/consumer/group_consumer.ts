/**
 * A Kafka consumer for many workers: it polls all the time, has a queue for each partition, and commits what its owner
 * says. It never pauses a partition: librdkafka would throw away what it has fetched. A queue that nobody takes from is
 * fetched ahead to the limits of the settings, and no further.
 *
 * @module
 */

import { ERR__ASSIGN_PARTITIONS } from "../../ffi/constants.ts";
import { fromCString } from "../../ffi/memory.ts";
import { seek } from "../client/blocking_calls.ts";
import type { KafkaEnvironment } from "../client/kafka_client.ts";
import { check, checkErrorObject, type KafkaError } from "../client/error.ts";
import { MessageReader } from "../client/message.ts";
import { Membership, type MembershipOptions } from "./membership.ts";
import { MessageQueue } from "./message_queue.ts";
import { OffsetCommits, type OffsetToCommit, type RefusedCommit } from "./offset_commits.ts";
import {
  partitionName,
  readTopicPartitionOffsets,
  readTopicPartitions,
  type TopicPartition,
  TopicPartitionList,
} from "../client/topic_partitions.ts";

/** Where a partition begins. */
export interface StartOffset extends TopicPartition {
  /** Also OFFSET_BEGINNING. */
  readonly offset: bigint;
}

/** Why partitions are given up. */
export interface Revocation {
  /** The group continues without the consumer, and takes no commit. */
  readonly lost: boolean;
  /** The rebalance takes all partitions; some of them may be assigned again at its end. */
  readonly all: boolean;
}

/** What the owner of a consumer does. */
export interface GroupConsumerOwner {
  /**
   * Says where partitions begin that are assigned to the consumer; the group waits for it.
   *
   * @param signal is aborted when the consumer ends
   */
  starting(
    partitions: readonly TopicPartition[],
    signal: AbortSignal,
  ): Promise<readonly StartOffset[]>;
  /** Messages of these partitions arrive from now on, in their queues. */
  assigned(partitions: readonly TopicPartition[]): void;
  /** Gives up partitions: commits what is to be committed; the group waits for it. */
  revoking(partitions: readonly TopicPartition[], revocation: Revocation): Promise<void>;
  /** The queue of a partition has messages, after it had none. */
  arrived(partition: TopicPartition): void;
  /** Messages of a partition were deleted before they were fetched: it goes on at this offset. */
  skipped(partition: TopicPartition, to: bigint): void;
  /**
   * A topic was deleted and created again. Its owner takes at least one message of the queue of this partition, whether
   * it wants one or not: what it has to commit is of the old topic until it has heard `recreated`.
   */
  recreating(partition: TopicPartition): void;
  /** The same, between the messages of the old topic and those of the new one. */
  recreated(partition: TopicPartition): void;
  /** There may be an error that workers must know of, with the next `throwNext` or `throwReason`. */
  failed(): void;
}

/** Settings that a consumer for many workers needs. */
const DECIDED = {
  "enable.auto.commit": false,
  // messages from before a group's first commit to a new partition would be lost else
  "auto.offset.reset": "earliest",
  // librdkafka would take the end for a message, and go on behind it after a rebalance
  "enable.partition.eof": false,
};
/** How often Kafka hears of the consumer, whatever happens. */
const POLL_MS = 1_000;

/** Where a partition begins: at its first message. */
export const OFFSET_BEGINNING: bigint = -2n;
/** Behind its last one. */
const OFFSET_END = -1n;

/** A member of a group for many workers. */
export class GroupConsumer {
  readonly #environment: KafkaEnvironment;
  readonly #owner: GroupConsumerOwner;
  readonly #member: Membership;
  readonly #reader: MessageReader;
  readonly #commits: OffsetCommits;
  readonly #queues = new Map<string, MessageQueue>();
  readonly #partitions = new Map<string, TopicPartition>();
  readonly #ending = new AbortController();
  readonly #timer: ReturnType<typeof setInterval>;
  /** Rebalances are answered one after the other. */
  #rebalancing: Promise<void> = Promise.resolve();
  /** The client must live as long. */
  #seeking: Promise<unknown> = Promise.resolve();
  #closing: Promise<void> | undefined;

  /**
   * Makes a consumer; `subscribe` makes it join its group.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the consumer
   */
  constructor(
    environment: KafkaEnvironment,
    options: MembershipOptions,
    owner: GroupConsumerOwner,
  ) {
    this.#environment = environment;
    this.#owner = owner;
    this.#member = new Membership(environment, { ...options, decided: DECIDED }, {
      onWake: () => this.poll(),
      onRebalance: (event) => this.#onRebalance(event),
      onLastRebalance: (event) => this.#answer(readRebalance(this.#member, event), []),
      onRecreated: (partition) => owner.recreating(partition),
      onMoved: (partition, to) => owner.skipped(partition, to),
      lost: () => this.lost,
    });
    const { library } = environment;
    this.#reader = new MessageReader(library, { withMetadata: true });
    this.#commits = new OffsetCommits(this.#member.client, environment.queueEvents);
    this.#timer = setInterval(() => this.poll(), POLL_MS);
  }

  /** Kafka's `group.id`. */
  get groupId(): string {
    return this.#member.groupId;
  }

  /** Kafka's `client.id`. */
  get clientId(): string {
    return this.#member.clientId;
  }

  /** Its departure need not wait for a successor. */
  get isStatic(): boolean {
    return this.#member.isStatic;
  }

  /** Its partitions. */
  get partitions(): readonly TopicPartition[] {
    return [...this.#partitions.values()];
  }

  /** Why it never gets a message again; undefined while it may. */
  get fatal(): KafkaError | undefined {
    return this.#member.errors.fatal;
  }

  /** The group continues without this consumer; true until the rebalance that reports it is served. */
  get lost(): boolean {
    const { library, pointer } = this.#member.client;
    return library.symbols.rd_kafka_assignment_lost(pointer) !== 0;
  }

  /**
   * Joins the group, or changes the topics.
   *
   * @throws {KafkaError} when librdkafka refuses the topics
   */
  subscribe(topics: readonly string[]): void {
    this.#requireOpen();
    this.#member.subscribe(topics);
  }

  /** The messages of a partition that is assigned. */
  queueOf(partition: TopicPartition): MessageQueue | undefined {
    return this.#queues.get(partitionName(partition));
  }

  /** Serves what has happened in the group. */
  poll(): void {
    if (this.#closing) return;
    this.#member.serveEvents();
    this.#member.client.drain();
    this.#member.resets.look();
    if (this.#member.errors.concern()) this.#owner.failed();
  }

  /**
   * Throws what takes precedence over messages.
   *
   * @throws {KafkaError} each error once, a fatal one every time
   */
  throwNext(): void {
    if (this.#member.errors.concern()) this.#member.errors.throwNext();
  }

  /**
   * Throws why there is no message of a topic, if there is a reason.
   *
   * @throws {KafkaError} every time while the reason holds
   */
  throwReason(topic: string): void {
    if (this.concerned(topic)) this.#member.errors.throwReason(topic);
  }

  /** Whether there may be an error for those who wait for messages of a topic. */
  concerned(topic: string): boolean {
    return this.#member.errors.concern(topic);
  }

  /** Forgets errors that the arrival of messages disproves. */
  received(partitions: readonly TopicPartition[]): void {
    this.#member.errors.received(partitions);
  }

  /**
   * Commits offsets of partitions that are assigned, when the commits before are answered. Others would be accepted,
   * too, and are the owner's care.
   *
   * @param current says what is to be committed then
   * @returns what Kafka has refused
   */
  commit(current: () => readonly OffsetToCommit[]): Promise<RefusedCommit[]> {
    return this.#commits.commit(current);
  }

  /**
   * Continues at other offsets of partitions that are assigned; what was fetched of them is dropped. Nothing may be taken
   * of them meanwhile.
   *
   * @throws {KafkaError} when it takes longer than `timeoutMs`, or a partition is not assigned any more
   */
  async seek(offsets: readonly StartOffset[], timeoutMs: number): Promise<void> {
    this.#requireOpen();
    const { client } = this.#member;
    const { library } = client;
    using list = listOf(this.#member, offsets);
    const seeking = seek(library, client.pointer, list.pointer, timeoutMs);
    this.#seeking = seeking.catch(() => {});
    checkErrorObject(library, await seeking);
    for (const { err } of readTopicPartitions(library, list.pointer)) check(library, err);
  }

  /**
   * Offsets behind what was taken of the queues of these partitions, also behind markers of transactions, which are no
   * messages; undefined where nothing was taken yet.
   */
  positions(partitions: readonly TopicPartition[]): (bigint | undefined)[] {
    const { library, pointer } = this.#member.client;
    using list = new TopicPartitionList(library);
    for (const { topic, partition } of partitions) list.add(topic, partition);
    library.symbols.rd_kafka_position(pointer, list.pointer);
    return readTopicPartitionOffsets(library, list.pointer)
      .map(({ offset }) => offset < 0n ? undefined : offset);
  }

  /** First and last offset of a partition as the last fetch has seen them; undefined when they are not known. */
  watermarks(partition: TopicPartition): { low: bigint; high: bigint } | undefined {
    return this.#member.resets.watermarks(partition);
  }

  /**
   * Leaves the group, destroys the consumer; idempotent. `revoking` is called before, for all partitions. After the abort
   * of `signal`, whose reason is for the log, or the time that Kafka waits for a member, it ends without leaving.
   */
  close(signal?: AbortSignal): Promise<void> {
    this.#closing ??= this.#close(signal);
    return this.#closing;
  }

  async #close(signal?: AbortSignal): Promise<void> {
    clearInterval(this.#timer);
    this.#ending.abort();
    await Promise.all([this.#rebalancing, this.#seeking]);
    await this.#owner.revoking(this.partitions, { lost: this.lost, all: false });
    await this.#member.close(() => {
      this.#closeQueues(this.partitions);
      this.#commits.close();
    }, signal);
    this.#partitions.clear();
  }

  #onRebalance(event: Deno.PointerValue): void {
    const rebalance = readRebalance(this.#member, event);
    this.#rebalancing = this.#rebalancing.then(() => this.#serve(rebalance))
      .catch((error) => this.#onPartitionError(error));
  }

  async #serve(rebalance: RebalanceEvent): Promise<void> {
    const { assigns, partitions } = rebalance;
    let starts: readonly StartOffset[] = [];
    if (assigns) {
      starts = await this.#owner.starting(partitions, this.#ending.signal);
    } else {
      await this.#owner.revoking(partitions, { lost: this.lost, all: !rebalance.incremental });
    }
    if (this.#ending.signal.aborted) starts = [];
    this.#answer(rebalance, starts);
    if (assigns) this.#owner.assigned(partitions);
  }

  /**
   * Assigns partitions with the offsets where they begin, or gives them up. All have to be assigned; those without a
   * start begin at their end, where nothing is fetched.
   */
  #answer(
    { assigns, incremental, partitions }: RebalanceEvent,
    starts: readonly StartOffset[],
  ): void {
    const { client } = this.#member;
    const { library, pointer } = client;
    const { symbols } = library;
    this.#reader.forgetTopics();
    if (assigns) {
      this.#openQueues(partitions);
      for (const partition of partitions) this.#partitions.set(partitionName(partition), partition);
    } else {
      this.#closeQueues(partitions);
    }
    const known = new Map(starts.map((start) => [partitionName(start), start]));
    using list = listOf(
      this.#member,
      partitions.map((place) =>
        known.get(partitionName(place)) ?? { ...place, offset: OFFSET_END }
      ),
    );
    if (!incremental) {
      check(library, symbols.rd_kafka_assign(pointer, assigns ? list.pointer : null));
    } else if (assigns) {
      checkErrorObject(library, symbols.rd_kafka_incremental_assign(pointer, list.pointer));
    } else {
      checkErrorObject(library, symbols.rd_kafka_incremental_unassign(pointer, list.pointer));
    }
    this.#member.rebalanced({ assigns, partitions, held: this.partitions });
  }

  #openQueues(partitions: readonly TopicPartition[]): void {
    const { client } = this.#member;
    for (const { topic, partition } of partitions) {
      const place = { topic, partition };
      const queue = new MessageQueue(client, this.#environment.queueEvents, {
        onWake: () => this.#onArrival(place),
        onError: (error, place) => this.#onPartitionError(error, place),
        onRecreated: (place) => this.#owner.recreated(place),
        reader: this.#reader,
      });
      queue.include([place]);
      this.#queues.set(partitionName(place), queue);
    }
  }

  #closeQueues(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#queues.get(partitionName(partition))?.close();
      this.#queues.delete(partitionName(partition));
      this.#partitions.delete(partitionName(partition));
    }
  }

  #onArrival(partition: TopicPartition): void {
    if (this.#closing) return;
    this.#member.client.drain(); // a reset is logged, on another queue, before its messages arrive
    this.#member.resets.look();
    this.#owner.arrived(partition);
  }

  #onPartitionError(error: KafkaError, place?: TopicPartition): void {
    this.#member.errors.onPollError(error, place);
    if (this.#member.errors.concern()) this.#owner.failed();
  }

  /** The C side of a closed consumer is freed memory. */
  #requireOpen(): void {
    if (this.#closing) throw new Error(`Cannot use consumer ${this.#member.name}: it is closed`);
  }
}

interface RebalanceEvent {
  readonly assigns: boolean;
  readonly incremental: boolean;
  readonly partitions: readonly TopicPartition[];
}

function readRebalance({ client }: Membership, event: Deno.PointerValue): RebalanceEvent {
  const { library, pointer } = client;
  const { symbols } = library;
  const list = symbols.rd_kafka_event_topic_partition_list(event);
  return {
    assigns: symbols.rd_kafka_event_error(event) === ERR__ASSIGN_PARTITIONS,
    incremental: fromCString(symbols.rd_kafka_rebalance_protocol(pointer)) === "COOPERATIVE",
    partitions: readTopicPartitions(library, list)
      .map(({ topic, partition }) => ({ topic, partition })),
  };
}

function listOf(
  { client }: Membership,
  starts: readonly StartOffset[],
): TopicPartitionList {
  const list = new TopicPartitionList(client.library);
  for (const { topic, partition, offset } of starts) list.addOffset(topic, partition, offset);
  return list;
}
