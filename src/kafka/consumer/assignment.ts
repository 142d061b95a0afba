/**
 * The partitions of one consumer, and how it acks messages of them. A rebalance may take a partition while its
 * message is worked on: an ack for it would be stored and never committed, so it is an error.
 *
 * @module
 */

import { ERR__ASSIGNMENT_LOST, ERR__STATE, ERR__UNKNOWN_PARTITION } from "../../ffi/constants.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { check, type KafkaError, kafkaError } from "../client/error.ts";
import { DeliveredOffsets } from "./delivered_offsets.ts";
import type { Message } from "../client/message.ts";
import {
  readTopicPartitions,
  type TopicPartition,
  TopicPartitionList,
} from "../client/topic_partitions.ts";

/** After `max.poll.interval.ms` librdkafka has seen that it is over: it looks every half second. */
const NOTICE_MS = 1_000;

/** Knows which partitions a consumer has, and had. */
export class Assignment {
  readonly #client: KafkaClient;
  readonly #maxPollIntervalMs: number;
  readonly #delivered = new DeliveredOffsets();
  #polledAtMs = performance.now();
  readonly #partitions = new Set<string>();
  /** Those that a rebalance has taken: for the error of an ack that comes too late. */
  readonly #taken = new Set<string>();

  /** No partitions yet. */
  constructor(client: KafkaClient, maxPollIntervalMs: number) {
    this.#client = client;
    this.#maxPollIntervalMs = maxPollIntervalMs;
  }

  /** How long it keeps its partitions, if the worker does not ask for messages. */
  get leftMs(): number {
    return this.#polledAtMs + this.#maxPollIntervalMs - performance.now();
  }

  /** The worker asks for messages. */
  polled(): void {
    this.#polledAtMs = performance.now();
  }

  /** The worker gets these. */
  handOut(messages: readonly Message[]): void {
    this.#delivered.add(messages);
  }

  /** As `topic:partition`; none when they are lost. */
  get partitions(): ReadonlySet<string> {
    return this.lost ? new Set() : this.#partitions;
  }

  /** The same one by one, whether they are lost or not. */
  get held(): TopicPartition[] {
    return [...this.#partitions].map((name) => {
      const [topic, partition] = name.split(":"); // Kafka allows no colon in a topic's name
      return { topic: topic!, partition: Number(partition) };
    });
  }

  /**
   * The group has gone on without this consumer, which asked too seldom or could not be reached. Stays so until the
   * rebalance that says it is served.
   */
  get lost(): boolean {
    const { library, pointer } = this.#client;
    // with `group.protocol` consumer librdkafka leaves the group and does not say so
    return library.symbols.rd_kafka_assignment_lost(pointer) !== 0 || this.leftMs < -NOTICE_MS;
  }

  /** Partitions were given to the consumer: all that it has, unless the rebalance is `incremental`. */
  add(partitions: readonly TopicPartition[], incremental: boolean): void {
    if (!incremental) this.removeAll();
    for (const partition of partitions) {
      this.#partitions.add(nameOf(partition));
      this.#taken.delete(nameOf(partition));
      this.#delivered.forget(partition);
    }
  }

  /** Partitions were taken from it. */
  remove(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#partitions.delete(nameOf(partition));
      this.#taken.add(nameOf(partition));
      this.#delivered.forget(partition);
    }
  }

  /** All were taken. */
  removeAll(): void {
    for (const name of this.#partitions) this.#taken.add(name);
    this.#partitions.clear();
    this.#delivered.forgetAll();
  }

  /**
   * Stores `offset + 1` as the place to go on from.
   *
   * @throws {KafkaError} _STATE, _UNKNOWN_PARTITION or _ASSIGNMENT_LOST when the partition is not (or no longer) this
   *   consumer's; _STATE also when it has not handed out the message since the partition is
   */
  ack(topic: string, partition: number, offset: bigint): void {
    const { library, pointer } = this.#client;
    if (this.lost) throw this.#refusal(ERR__ASSIGNMENT_LOST, { topic, partition });
    const isAssigned = this.#partitions.has(nameOf({ topic, partition }));
    if (isAssigned && !this.#delivered.has(topic, partition, offset)) {
      const message =
        `offset ${offset} of partition ${partition} of '${topic}' was not handed out ` +
        "to this consumer since the partition is assigned to it";
      throw kafkaError(library, ERR__STATE, { message });
    }
    using list = new TopicPartitionList(library);
    list.addOffset(topic, partition, offset + 1n);
    const code = library.symbols.rd_kafka_offsets_store(pointer, list.pointer);
    const [entry] = readTopicPartitions(library, list.pointer);
    const { err } = entry!;
    if (err === ERR__STATE || err === ERR__UNKNOWN_PARTITION) throw this.#refusal(err, entry!);
    check(library, err);
    check(library, code);
  }

  #refusal(code: number, partition: TopicPartition): KafkaError {
    const name = nameOf(partition);
    const had = this.#taken.has(name) || this.#partitions.has(name);
    const whose =
      `partition ${partition.partition} of '${partition.topic}' is not assigned to this`;
    const message = `${whose} consumer${had ? " any more, it was lost in a rebalance" : ""}`;
    return kafkaError(this.#client.library, code, { message });
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}:${partition}`;
}
