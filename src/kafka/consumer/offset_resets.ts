/**
 * Resets of offsets that Kafka does not have, or no longer: retention, or DeleteRecords, was faster than the worker.
 * librdkafka continues as `auto.offset.reset` says and logs the old offset, not the new one; that is known with the next
 * fetch.
 *
 * @module
 */

import { ERR_NO_ERROR } from "../../ffi/constants.ts";
import { OutParameter, toCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import { type LoggedReset, offsetResetIn } from "../client/librdkafka_texts.ts";
import { TopicPartitionList } from "../client/topic_partitions.ts";

/** How often a fetch is looked for. */
const LOOK_MS = 100;

/** The resets of one consumer. */
export class OffsetResets {
  readonly #client: KafkaClient;
  readonly #pending = new Map<string, LoggedReset>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** For one consumer. */
  constructor(client: KafkaClient) {
    this.#client = client;
  }

  /** Takes a line of librdkafka's log; whether it is about a reset, which is reported in other words. */
  onLog(facility: string, line: string): boolean {
    const reset = offsetResetIn(facility, line);
    if (reset === undefined || this.#closed) return false;
    const key = `${reset.topic}:${reset.partition}`;
    // the offset to go on from may be deleted, too, before it is fetched: then it is one reset
    this.#pending.set(key, { ...reset, from: this.#pending.get(key)?.from ?? reset.from });
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
    return true;
  }

  /** Ends; the next consumer finds those that are not reported yet. */
  close(): void {
    this.look();
    this.#closed = true;
    clearInterval(this.#timer);
  }

  /**
   * Reports resets with a fetch since: before its messages are delivered, since the ack of one moves the group, and no
   * other consumer would find what was skipped.
   */
  look(): void {
    for (const [key, { toEnd, ...reset }] of this.#pending) {
      const to = this.#position(reset.topic, reset.partition, toEnd);
      if (to === undefined) continue;
      this.#pending.delete(key);
      if (to > reset.from) this.#store(reset.topic, reset.partition, to);
      this.#client.offsetReset({ ...reset, to });
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** librdkafka forgets the watermarks of a partition when an offset is refused, and knows them after the next fetch. */
  #position(topic: string, partition: number, toEnd: boolean): bigint | undefined {
    const { library: { symbols }, pointer } = this.#client;
    const [low, high] = [new OutParameter(), new OutParameter()];
    const name = toCString(topic);
    const code = symbols.rd_kafka_get_watermark_offsets(
      pointer,
      name,
      partition,
      low.buffer,
      high.buffer,
    );
    if (code !== ERR_NO_ERROR || BigInt.asIntN(64, low.address) < 0n) return undefined;
    return BigInt.asIntN(64, toEnd ? high.address : low.address);
  }

  /** Moves the group, too: else each consumer that gets the partition would skip the same again. */
  #store(topic: string, partition: number, offset: bigint): void {
    const { library, pointer } = this.#client;
    using list = new TopicPartitionList(library);
    list.addOffset(topic, partition, offset);
    // refused where the partition is revoked meanwhile: its new owner finds the same
    library.symbols.rd_kafka_offsets_store(pointer, list.pointer);
  }
}
