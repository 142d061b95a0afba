/**
 * The queue of the messages of a consumer's partitions (rd_kafka_queue_forward in rdkafka.h), from which many can be taken
 * at a time. By default they are in the consumer's queue, between rebalances; but taking many from there makes librdkafka
 * answer the rebalances among them by itself, with "no partitions".
 *
 * @module
 */

import { ERR_UNKNOWN_TOPIC_ID } from "../../ffi/constants.ts";
import { toCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import { type Message, type MessageError, MessageReader } from "../client/message.ts";
import { isSamePartition, type TopicPartition } from "../client/topic_partitions.ts";
import type { QueueEvents, QueueRegistration } from "../client/queue_events.ts";
import { ReplyEncoder } from "../client/reply_encoder.ts";
import { TakenMessages } from "../client/taken_messages.ts";

/**
 * Maximum size of a batch, whatever is asked for: it is in memory three times (librdkafka's, ours, the reply) before it is
 * written, and for all connections at the same time.
 */
const MAX_BATCH_BYTES = 1024 * 1024;
/** Cost of a message beside its value: it matters for many small ones. */
const MESSAGE_BYTES = 100;
/** The same of a header. */
const HEADER_BYTES = 50;
/** Maximum number of messages of one call: they may be larger than those before, and exceed the size of the batch. */
const MAX_POINTERS = 64;

/** Who uses a queue. */
export interface MessageQueueOptions {
  /** Is called when messages have arrived. */
  readonly onWake: () => void;
  /** Gets the errors of partitions, while messages are taken. */
  readonly onError: OnPartitionError;
  /**
   * The topic was deleted and created again: messages that are taken from now on are those of the new one. Those before
   * them that were taken by the same call can't be acked any more.
   */
  readonly onRecreated: (place: TopicPartition) => void;
  /** Messages have keys, headers and timestamps. */
  readonly withMetadata?: boolean;
  /** Reads the messages, in place of a reader of this queue's own. */
  readonly reader?: MessageReader;
}

/** Gets an error of a partition. */
export type OnPartitionError = (error: KafkaError, place: TopicPartition) => void;

/** Owns an `rd_kafka_queue_t`. */
export class MessageQueue {
  readonly #client: KafkaClient;
  readonly #queue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  readonly #options: MessageQueueOptions;
  readonly #reader: MessageReader;
  /** Where messages are replied with as they are. */
  readonly #encoder: ReplyEncoder | undefined;
  #mayHaveMore = true;
  /** `rd_kafka_message_t *[]` */
  readonly #pointers = new BigUint64Array(MAX_POINTERS);

  /** An empty queue. */
  constructor(client: KafkaClient, queueEvents: QueueEvents, options: MessageQueueOptions) {
    const { symbols, handles } = client.library;
    this.#client = client;
    this.#queue = symbols.rd_kafka_queue_new(client.pointer);
    handles.opened("rd_kafka_queue_t");
    this.#options = options;
    this.#registration = queueEvents.register(this.#queue, () => {
      this.#mayHaveMore = true;
      options.onWake();
    });
    const { withMetadata = false } = options;
    this.#reader = options.reader ?? new MessageReader(client.library, { withMetadata });
    this.#encoder = withMetadata ? undefined : ReplyEncoder.of(client.library, this.#reader);
  }

  /** False when the queue was empty after the last `take`; `onWake` tells when it is not any more. */
  get mayHaveMore(): boolean {
    return this.#mayHaveMore;
  }

  /** Forwards the messages of these partitions to this queue; called before they are assigned. */
  include(partitions: readonly TopicPartition[]): void {
    const { library: { symbols }, pointer } = this.#client;
    for (const { topic, partition } of partitions) {
      const queue = symbols.rd_kafka_queue_get_partition(pointer, toCString(topic), partition);
      symbols.rd_kafka_queue_forward(queue, this.#queue);
      symbols.rd_kafka_queue_destroy(queue);
    }
  }

  /** Takes note of a rebalance: librdkafka may reuse the addresses of topics. */
  forgetTopics(): void {
    this.#reader.forgetTopics();
  }

  /**
   * Takes messages from the queue, at most `maxCount`, and fewer when they are large: a message that is taken and not
   * delivered would be missing. librdkafka drops those of partitions that were revoked meanwhile.
   *
   * @param maxBytes with these no further one is taken, which costs a call for each; without, about `MAX_BATCH_BYTES`
   */
  take(maxCount: number, maxBytes?: number): Message[] {
    const mostBytes = maxBytes ?? MAX_BATCH_BYTES;
    const mostAtOnce = maxBytes === undefined ? MAX_POINTERS : 1;
    let batch: Message[] = [];
    let [bytes, taken, wanted] = [0, 0, 1]; // wanted is no more than taken: the next ones may be larger by far
    while (wanted > 0) {
      const count = this.#fetch(wanted);
      this.#reader.take(this.#pointers, count, (message) => {
        bytes += MESSAGE_BYTES;
        if ("err" in message) {
          if (this.#onError(message)) batch = batch.filter((one) => !isSamePartition(one, message));
          return;
        }
        batch.push(message);
        bytes += bytesOf(message);
      });
      if (count < wanted) {
        this.#mayHaveMore = false;
        break;
      }
      taken += count;
      const fitting = Math.ceil((mostBytes - bytes) * taken / bytes); // if they go on like this
      wanted = Math.min(maxCount - batch.length, fitting, taken, mostAtOnce);
    }
    return batch;
  }

  /**
   * The same, with messages as BLPOP replies with them where that is possible.
   *
   * @param maxBytes with these no further one is taken; without, with `MAX_BATCH_BYTES`
   */
  takeReplies(maxCount: number, maxBytes?: number): TakenMessages {
    const encoder = this.#encoder;
    if (!encoder) return TakenMessages.of(this.take(maxCount, maxBytes));
    const taken = new TakenMessages();
    let leftBytes = maxBytes ?? MAX_BATCH_BYTES;
    while (taken.count < maxCount && leftBytes > 0) {
      const wanted = Math.min(maxCount - taken.count, MAX_POINTERS);
      const count = encoder.consume(this.#queue, this.#pointers, wanted, leftBytes);
      if (count === 0) {
        this.#mayHaveMore = false;
        break;
      }
      leftBytes -= encoder.encode(this.#pointers, count, taken, (error) => {
        if (this.#onError(error)) taken.outdate(error);
      });
    }
    return taken;
  }

  /** Drops messages that are left, and the queue; the client must still be open. */
  close(): void {
    const { symbols, handles } = this.#client.library;
    this.#registration.unregister();
    symbols.rd_kafka_queue_destroy(this.#queue);
    handles.closed("rd_kafka_queue_t");
  }

  #fetch(count: number): number {
    const { symbols } = this.#client.library;
    return Number(
      symbols.rd_kafka_consume_batch_queue(this.#queue, 0, this.#pointers, BigInt(count)),
    );
  }

  /** Whether the messages of the partition before this one are those of an old topic. */
  #onError(error: MessageError): boolean {
    const { err, text } = error;
    if (err === ERR_UNKNOWN_TOPIC_ID) {
      this.#options.onRecreated(error);
      return true;
    }
    this.#options.onError(kafkaError(this.#client.library, err, { message: text }), error);
    return false;
  }
}

function bytesOf({ value, metadata }: Message): number {
  let bytes = value?.byteLength ?? 0;
  if (!metadata) return bytes;
  bytes += metadata.key?.byteLength ?? 0;
  for (const [name, content] of metadata.headers) {
    bytes += HEADER_BYTES + name.length + (content?.byteLength ?? 0);
  }
  return bytes;
}
