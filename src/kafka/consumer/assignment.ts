/**
 * The partitions of one consumer, and the acks of their messages. A rebalance may revoke a partition while a worker
 * handles its message: an ack for it would be stored and never committed, so it is an error.
 *
 * @module
 */

import { ERR__ASSIGNMENT_LOST, ERR__STATE, ERR__UNKNOWN_PARTITION } from "../../ffi/constants.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { check, type KafkaError, kafkaError } from "../client/error.ts";
import type { AckTracker } from "./ack_tracker.ts";
import type { Message } from "../client/message.ts";
import {
  partitionName,
  readTopicPartitions,
  type TopicPartition,
  TopicPartitionList,
} from "../client/topic_partitions.ts";

/** Until then librdkafka has noticed the end of `max.poll.interval.ms`: it looks every half second. */
const NOTICE_MS = 1_000;

/** Current and former partitions of a consumer. */
export class Assignment {
  readonly #client: KafkaClient;
  readonly #maxPollIntervalMs: number;
  readonly #delivered: AckTracker;
  #polledAtMs = performance.now();
  readonly #partitions = new Set<string>();
  /** Revoked partitions: for the error of a late ack. */
  readonly #taken = new Set<string>();
  /** Partitions whose topic was deleted and created again since they are assigned: for the same. */
  readonly #recreated = new Set<string>();

  /** No partitions yet. */
  constructor(client: KafkaClient, maxPollIntervalMs: number, acks: AckTracker) {
    this.#client = client;
    this.#delivered = acks;
    this.#maxPollIntervalMs = maxPollIntervalMs;
  }

  /** Time until the partitions are lost, unless the worker polls. */
  get leftMs(): number {
    return this.#polledAtMs + this.#maxPollIntervalMs - performance.now();
  }

  /** Takes note of a poll of the worker. */
  polled(): void {
    this.#polledAtMs = performance.now();
  }

  /** Takes note of messages that are delivered to the worker. */
  delivered(messages: readonly Message[]): void {
    this.#delivered.add(messages);
  }

  /** As `topic:partition`; none when they are lost. */
  get partitions(): ReadonlySet<string> {
    return this.lost ? new Set() : this.#partitions;
  }

  /** The same as objects, lost or not. */
  get held(): TopicPartition[] {
    return [...this.#partitions].map((name) => {
      const [topic, partition] = name.split(":"); // Kafka allows no colon in a topic's name
      return { topic: topic!, partition: Number(partition) };
    });
  }

  /**
   * The group continues without this consumer, which polled too seldom or could not be reached. True until the rebalance
   * that reports it is served.
   */
  get lost(): boolean {
    const { library, pointer } = this.#client;
    // with `group.protocol` consumer librdkafka leaves the group and does not say so
    return library.symbols.rd_kafka_assignment_lost(pointer) !== 0 || this.leftMs < -NOTICE_MS;
  }

  /** Adds assigned partitions; they are all of them, unless the rebalance is `incremental`. */
  add(partitions: readonly TopicPartition[], incremental: boolean): void {
    if (!incremental) this.removeAll();
    for (const partition of partitions) {
      this.#partitions.add(partitionName(partition));
      this.#taken.delete(partitionName(partition));
      this.#recreated.delete(partitionName(partition));
      this.#delivered.forget(partition);
    }
  }

  /** The topic was deleted and created again: what was delivered of the partition is not of this one. */
  recreated(partition: TopicPartition): void {
    this.#delivered.forget(partition);
    this.#recreated.add(partitionName(partition));
  }

  /** Removes revoked partitions. */
  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#partitions.delete(partitionName(partition));
      this.#taken.add(partitionName(partition));
      this.#delivered.forget(partition);
    }
  }

  /** Removes all partitions. */
  removeAll(): void {
    for (const name of this.#partitions) this.#taken.add(name);
    this.#partitions.clear();
    this.#delivered.forgetAll();
  }

  /**
   * Acks a message, and stores the offset to continue at.
   *
   * @throws {KafkaError} as `requireDelivered`
   */
  ack(topic: string, partition: number, offset: bigint): void {
    this.requireDelivered(topic, partition, offset);
    const next = this.#delivered.ack(topic, partition, offset);
    if (next === undefined) return;
    try {
      this.#store(topic, partition, next);
    } catch (error) {
      const name = partitionName({ topic, partition });
      const isOurs = (error as KafkaError).code === ERR__STATE && this.#partitions.has(name);
      if (!isOurs || this.lost) throw error;
      this.recreated({ topic, partition }); // as librdkafka knows already
      throw this.#strange(topic, partition, offset);
    }
  }

  /**
   * The message must be this consumer's.
   *
   * @throws {KafkaError} _STATE, _UNKNOWN_PARTITION or _ASSIGNMENT_LOST when the partition is not (or no longer) this
   *   consumer's; _STATE also when it has not delivered the message since the assignment
   */
  requireDelivered(topic: string, partition: number, offset: bigint): void {
    if (this.lost) throw this.#refusal(ERR__ASSIGNMENT_LOST, { topic, partition });
    const isAssigned = this.#partitions.has(partitionName({ topic, partition }));
    if (!isAssigned) this.#store(topic, partition, offset + 1n); // librdkafka refuses, and says why
    if (!this.#delivered.has(topic, partition, offset)) {
      throw this.#strange(topic, partition, offset);
    }
  }

  #strange(topic: string, partition: number, offset: bigint): KafkaError {
    const isRecreated = this.#recreated.has(partitionName({ topic, partition }));
    const message = `offset ${offset} of partition ${partition} of '${topic}' was not handed out ` +
      (isRecreated
        ? "to this consumer since the topic was deleted and created again"
        : "to this consumer since the partition is assigned to it");
    return kafkaError(this.#client.library, ERR__STATE, { message });
  }

  #store(topic: string, partition: number, offset: bigint): void {
    const { library, pointer } = this.#client;
    using list = new TopicPartitionList(library);
    list.addOffset(topic, partition, offset);
    const code = library.symbols.rd_kafka_offsets_store(pointer, list.pointer);
    const [entry] = readTopicPartitions(library, list.pointer);
    const { err } = entry!;
    if (err === ERR__STATE || err === ERR__UNKNOWN_PARTITION) throw this.#refusal(err, entry!);
    check(library, err);
    check(library, code);
  }

  #refusal(code: number, partition: TopicPartition): KafkaError {
    const name = partitionName(partition);
    const had = this.#taken.has(name) || this.#partitions.has(name);
    const whose =
      `partition ${partition.partition} of '${partition.topic}' is not assigned to this`;
    const message = `${whose} consumer${had ? " any more, it was lost in a rebalance" : ""}`;
    return kafkaError(this.#client.library, code, { message });
  }
}
