/**
 * A Kafka consumer without a group: it is told which partitions to read, and from where. Commits nothing.
 *
 * @module
 */

import { ERR__PARTITION_EOF, ERR__TIMED_OUT, RD_KAFKA_CONSUMER } from "../../ffi/constants.ts";
import type { KafkaSettings } from "../client/conf.ts";
import { toCString } from "../../ffi/memory.ts";
import { checkErrorObject, type KafkaError, kafkaError } from "../client/error.ts";
import { KafkaClient, type KafkaEnvironment } from "../client/kafka_client.ts";
import { type Message, type MessageError, MessageReader } from "../client/message.ts";
import { offsetResetIn } from "../client/librdkafka_texts.ts";
import type { QueueRegistration } from "../client/queue_events.ts";
import { type TopicPartition, TopicPartitionList } from "../client/topic_partitions.ts";

/** A partition to read, and where to begin. */
export interface ReadStart extends TopicPartition {
  /** Of the first message; if Kafka no longer has it, reading begins at the first that it has. */
  readonly offset: bigint;
}

/** What is read goes to this. */
export interface ReadSink {
  /** Something has arrived: `take` passes it on. */
  onWake(): void;
  /** A message. */
  onMessage(message: Message): void;
  /** A partition is read to its end; more may follow later. */
  onEnd(place: TopicPartition): void;
  /** An error of a partition, or of the client (undefined). */
  onError(error: KafkaError, place: TopicPartition | undefined): void;
}

/** Makes a reader; what it reads goes to the sink. */
export type NewReader = (sink: ReadSink) => PartitionReader;

/** librdkafka makes no consumer without a name of a group; this one never joins it. */
const GROUP_ID = "rafka-reader";
const MAX_INT32 = 2 ** 31 - 1;
/** Messages of one call. */
const MAX_POINTERS = 64;

/** What all readers have, whatever the configuration says. */
const DECIDED: KafkaSettings = {
  "group.id": GROUP_ID,
  "enable.auto.commit": false,
  "enable.auto.offset.store": false,
  "enable.partition.eof": true,
  "auto.offset.reset": "earliest",
  "allow.auto.create.topics": false,
  // a follower may not have yet what its leader has said to have
  "client.rack": "",
};

/**
 * Owns an `rd_kafka_t` of type consumer and its queue, which has the messages, too: a queue of their own would lose them
 * when partitions are removed and added again, since librdkafka ends forwarding only when they have stopped.
 */
export class PartitionReader {
  readonly #client: KafkaClient;
  readonly #sink: ReadSink;
  readonly #reader: MessageReader;
  readonly #queue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  readonly #pointers = new BigUint64Array(MAX_POINTERS);
  #closing: Promise<void> | undefined;

  /**
   * Reads nothing yet.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the consumer
   */
  constructor(
    environment: KafkaEnvironment,
    settings: KafkaSettings,
    clientId: string,
    sink: ReadSink,
  ) {
    const { library, queueEvents } = environment;
    this.#sink = sink;
    this.#client = new KafkaClient(environment, {
      type: RD_KAFKA_CONSUMER,
      isReader: true,
      settings: { ...settings, ...DECIDED, "client.id": clientId },
      name: { clientId },
      events: 0,
      onEvent: () => {},
      onError: (error) => sink.onError(error, undefined),
      // what retention has deleted is no news
      onLog: (facility, line) => offsetResetIn(facility, line) !== undefined,
    });
    this.#queue = library.symbols.rd_kafka_queue_get_consumer(this.#client.pointer);
    library.handles.opened("rd_kafka_queue_t");
    this.#registration = queueEvents.register(this.#queue, () => sink.onWake());
    this.#reader = new MessageReader(library, { withMetadata: true });
  }

  /**
   * Begins to read these partitions beside those that are read already.
   *
   * @throws {KafkaError} when librdkafka refuses it
   */
  add(starts: readonly ReadStart[]): void {
    const { library, pointer } = this.#client;
    this.#reader.forgetTopics(); // librdkafka may reuse the addresses of topics
    using list = new TopicPartitionList(library);
    for (const { topic, partition, offset } of starts) list.addOffset(topic, partition, offset);
    const { rd_kafka_incremental_assign } = library.symbols;
    checkErrorObject(library, rd_kafka_incremental_assign(pointer, list.pointer));
  }

  /**
   * From now on a response makes at most so many messages of each partition; Infinity for all. Kafka gives whole batches,
   * of up to ten thousand messages, each of which takes a microsecond. A system's librdkafka always makes all.
   */
  limit(maxCount: number): void {
    const { library, pointer } = this.#client;
    library.symbols.rd_kafka_rafka_limit_reads?.(pointer, maxCount < MAX_INT32 ? maxCount : 0);
  }

  /**
   * Reads these partitions no longer; what has been fetched of them is dropped.
   *
   * @throws {KafkaError} when librdkafka refuses it
   */
  remove(partitions: readonly TopicPartition[]): void {
    if (partitions.length === 0) return;
    const { library, pointer } = this.#client;
    using list = new TopicPartitionList(library);
    for (const { topic, partition } of partitions) list.add(topic, partition);
    const { rd_kafka_incremental_unassign } = library.symbols;
    checkErrorObject(library, rd_kafka_incremental_unassign(pointer, list.pointer));
  }

  /**
   * The id of the topic whose messages `take` passes on; undefined as long as it is not known. A system's librdkafka
   * does not say. When it changes, messages that follow are behind an error of their partition, see
   * `KafkaError.isRecreatedTopic`.
   */
  topicId(topic: string): string | undefined {
    const { library: { symbols }, pointer } = this.#client;
    const id = new Uint8Array(16);
    const isKnown = symbols.rd_kafka_rafka_topic_id?.(pointer, toCString(topic), id);
    return isKnown ? id.toHex() : undefined;
  }

  /** Passes at most `maxCount` of what has been fetched to the sink; returns whether there may be more. */
  take(maxCount: number): boolean {
    const { symbols } = this.#client.library;
    const wanted = Math.min(maxCount, MAX_POINTERS);
    const count = Number(
      symbols.rd_kafka_consume_batch_queue(this.#queue, 0, this.#pointers, BigInt(wanted)),
    );
    this.#reader.take(this.#pointers, count, this.#pass);
    return count === wanted;
  }

  /** The error for a read that takes too long. */
  timedOut(message: string): KafkaError {
    return kafkaError(this.#client.library, ERR__TIMED_OUT, { message });
  }

  /** Destroys the consumer; idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { symbols, handles } = this.#client.library;
    this.#registration.unregister();
    symbols.rd_kafka_queue_destroy(this.#queue);
    handles.closed("rd_kafka_queue_t");
    await this.#client.close();
  }

  readonly #pass = (message: Message | MessageError): void => {
    if (!("err" in message)) this.#sink.onMessage(message);
    else if (message.err === ERR__PARTITION_EOF) this.#sink.onEnd(message);
    else {
      const { topic, partition, err, text } = message;
      const place = topic === "" ? undefined : { topic, partition };
      this.#sink.onError(kafkaError(this.#client.library, err, { message: text }), place);
    }
  };
}
