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
import {
  partitionName,
  type TopicPartition,
  TopicPartitionList,
} from "../client/topic_partitions.ts";

/** How often a fetch is looked for. */
const LOOK_MS = 100;

/** Makes the group of a consumer go on at an offset, also for other consumers. */
export type MoveGroup = (partition: TopicPartition, to: bigint) => void;

/** The resets of one consumer. */
export class OffsetResets {
  readonly #client: KafkaClient;
  readonly #move: MoveGroup;
  readonly #pending = new Map<string, LoggedReset>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** For one consumer; `move` moves its group. */
  constructor(client: KafkaClient, move: MoveGroup = storeIn(client)) {
    this.#client = client;
    this.#move = move;
  }

  /** Takes a line of librdkafka's log; whether it is about a reset, which is reported in other words. */
  onLog(facility: string, line: string): boolean {
    const reset = offsetResetIn(facility, line);
    if (reset === undefined || this.#closed) return false;
    const key = partitionName(reset);
    // the offset to go on from may be deleted, too, before it is fetched: then it is one reset
    this.#pending.set(key, { ...reset, from: this.#pending.get(key)?.from ?? reset.from });
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
    return true;
  }

  /** A topic was deleted and created again: the group begins at its first message, whatever it was reset to. */
  recreated(partition: TopicPartition): void {
    this.#pending.delete(partitionName(partition));
    this.#move(partition, 0n);
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
    if (this.#pending.size === 0) return;
    for (const [key, { toEnd, ...reset }] of this.#pending) {
      const to = this.watermarks(reset)?.[toEnd ? "high" : "low"];
      if (to === undefined) continue;
      this.#pending.delete(key);
      // else each consumer that gets the partition would skip the same again
      if (to > reset.from) this.#move(reset, to);
      this.#client.offsetReset({ ...reset, to });
    }
    if (this.#pending.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /**
   * First and last offset of a partition as the last fetch has seen them. librdkafka forgets them when an offset is
   * refused, and knows them after the next fetch.
   */
  watermarks(
    { topic, partition }: TopicPartition,
  ): { readonly low: bigint; readonly high: bigint } | undefined {
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
    return { low: BigInt.asIntN(64, low.address), high: BigInt.asIntN(64, high.address) };
  }
}

/** With the next commit of stored offsets. */
function storeIn({ library, pointer }: KafkaClient): MoveGroup {
  return ({ topic, partition }, to) => {
    using list = new TopicPartitionList(library);
    list.addOffset(topic, partition, to);
    // refused where the partition is revoked meanwhile: its new owner finds the same
    library.symbols.rd_kafka_offsets_store(pointer, list.pointer);
  };
}
