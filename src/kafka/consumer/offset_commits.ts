/**
 * Commits of offsets with metadata (rd_kafka_commit_queue in rdkafka.h), one at a time: while there is no coordinator
 * librdkafka keeps them, and may send an earlier one last. Kafka accepts a commit for a partition that another member
 * has; whoever commits must not.
 *
 * @module
 */

import { ERR__DESTROY, ERR_NO_ERROR, RD_KAFKA_EVENT_OFFSET_COMMIT } from "../../ffi/constants.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import type { QueueEvents, QueueRegistration } from "../client/queue_events.ts";
import {
  readTopicPartitions,
  type TopicPartition,
  TopicPartitionList,
} from "../client/topic_partitions.ts";

/** An offset to be committed. */
export interface OffsetToCommit extends TopicPartition {
  /** The first one that is not consumed. */
  readonly offset: bigint;
  /** Text that is kept with it. */
  readonly metadata: string;
}

/** A partition whose offset was not committed. */
export interface RefusedCommit extends TopicPartition {
  /** Why. */
  readonly error: KafkaError;
}

/** Owns the queue of the results. */
export class OffsetCommits {
  readonly #client: KafkaClient;
  readonly #queue: Deno.PointerValue;
  readonly #registration: QueueRegistration;
  /** Ends with the commit that was asked for last. */
  #last: Promise<unknown> = Promise.resolve();
  /** Gets the result of the commit that is under way. */
  #answer: ((event: Deno.PointerValue) => void) | undefined;
  #abandon: (() => void) | undefined;
  #closed = false;

  /** No commit is under way. */
  constructor(client: KafkaClient, queueEvents: QueueEvents) {
    const { symbols, handles } = client.library;
    this.#client = client;
    this.#queue = symbols.rd_kafka_queue_new(client.pointer);
    handles.opened("rd_kafka_queue_t");
    this.#registration = queueEvents.register(this.#queue, () => this.#drain());
  }

  /**
   * Commits offsets, when the commits before are answered.
   *
   * @param current says what is to be committed then
   * @returns what was refused; never rejects
   */
  commit(current: () => readonly OffsetToCommit[]): Promise<RefusedCommit[]> {
    const refused = this.#last.then(() => this.#commit(current())).then((all) => {
      if (all.length > 0) this.#client.commitFailed();
      return all;
    });
    this.#last = refused;
    return refused;
  }

  /** Ends; a commit that is under way counts as refused. The client must still exist. */
  close(): void {
    const { symbols, handles } = this.#client.library;
    this.#drain();
    this.#closed = true;
    this.#registration.unregister();
    symbols.rd_kafka_queue_destroy(this.#queue);
    handles.closed("rd_kafka_queue_t");
    this.#abandon?.();
  }

  async #commit(offsets: readonly OffsetToCommit[]): Promise<RefusedCommit[]> {
    if (offsets.length === 0) return [];
    if (this.#closed) return this.#allRefused(offsets, ERR__DESTROY);
    const { library, pointer } = this.#client;
    using list = new TopicPartitionList(library);
    for (const { topic, partition, offset, metadata } of offsets) {
      list.addOffset(topic, partition, offset, metadata);
    }
    const commit = library.symbols.rd_kafka_commit_queue;
    const code = commit(pointer, list.pointer, this.#queue, null, null);
    if (code !== ERR_NO_ERROR) return this.#allRefused(offsets, code);
    return await new Promise((resolve) => {
      this.#answer = (event) => resolve(this.#read(offsets, event));
      this.#abandon = () => resolve(this.#allRefused(offsets, ERR__DESTROY));
    });
  }

  #drain(): void {
    const { symbols } = this.#client.library;
    for (;;) {
      const event = symbols.rd_kafka_queue_poll(this.#queue, 0);
      if (event === null) return;
      try {
        if (symbols.rd_kafka_event_type(event) === RD_KAFKA_EVENT_OFFSET_COMMIT) {
          this.#answer?.(event);
        }
      } finally {
        symbols.rd_kafka_event_destroy(event);
      }
    }
  }

  #read(offsets: readonly OffsetToCommit[], event: Deno.PointerValue): RefusedCommit[] {
    const { library } = this.#client;
    const code = library.symbols.rd_kafka_event_error(event);
    const list = library.symbols.rd_kafka_event_topic_partition_list(event);
    const refused = readTopicPartitions(library, list)
      .filter(({ err }) => err !== ERR_NO_ERROR)
      .map(({ topic, partition, err }) => ({ topic, partition, error: kafkaError(library, err) }));
    return code === ERR_NO_ERROR || refused.length > 0 ? refused : this.#allRefused(offsets, code);
  }

  #allRefused(offsets: readonly OffsetToCommit[], code: number): RefusedCommit[] {
    const error = kafkaError(this.#client.library, code);
    return offsets.map(({ topic, partition }) => ({ topic, partition, error }));
  }
}
