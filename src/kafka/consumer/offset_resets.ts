/**
 * Offsets that Kafka does not have, or no longer: retention, or DeleteRecords, was faster than the worker. librdkafka goes
 * on where `auto.offset.reset` says and logs from where, not to where; that is known with the next fetch.
 *
 * @module
 */

import { ERR_NO_ERROR } from "../../ffi/constants.ts";
import { OutParameter, toCString } from "../../ffi/memory.ts";
import type { KafkaClient } from "../client/kafka_client.ts";
import type { OffsetReset } from "../client/observer.ts";
import { TopicPartitionList } from "../client/topic_partitions.ts";

/** What librdkafka logs a reset under. */
const FACILITY = "OFFSET";
/** `t [0]: offset reset (at offset 5 (leader epoch 1), broker 1) to offset BEGINNING (leader epoch -1): why: error` */
const LINE =
  /: (\S+) \[(\d+)\]: offset reset \(at (?:offset )?(\d+)[^,]*, broker -?\d+\) to (.*?(BEGINNING|END)[^:]*): (.*)$/;
/** How often it is looked whether a fetch has come. */
const LOOK_MS = 100;

type Pending = Omit<OffsetReset, "to"> & { readonly toEnd: boolean };

/** The resets of one consumer. */
export class OffsetResets {
  readonly #client: KafkaClient;
  readonly #pending = new Map<string, Pending>();
  #timer: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** None yet. */
  constructor(client: KafkaClient) {
    this.#client = client;
  }

  /** A line of librdkafka's log; whether it is about a reset, which is said in other words. */
  onLog(facility: string, line: string): boolean {
    const [, topic, partition, from, , where, reason] =
      (facility === FACILITY && LINE.exec(line)) ||
      [];
    if (topic === undefined || this.#closed) return false;
    const key = `${topic}:${partition}`;
    // the place to go on from may be gone, too, before it is fetched: then it is one reset
    this.#pending.set(key, {
      topic,
      partition: Number(partition),
      from: this.#pending.get(key)?.from ?? BigInt(from!),
      reason: reason!,
      toEnd: where === "END",
    });
    this.#timer ??= setInterval(() => this.look(), LOOK_MS);
    return true;
  }

  /** Those that are still open are those of the next consumer, which finds the same. */
  close(): void {
    this.look();
    this.#closed = true;
    clearInterval(this.#timer);
  }

  /**
   * Reports those of which a fetch has come: before its messages are handed out, since the ack of one moves the group
   * on, and no other consumer would find what was skipped.
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

  /** librdkafka forgets what it knows of a partition when an offset is refused, and knows it after the next fetch. */
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

  /** The group goes on there, too: else each consumer that gets the partition would skip the same again. */
  #store(topic: string, partition: number, offset: bigint): void {
    const { library, pointer } = this.#client;
    using list = new TopicPartitionList(library);
    list.addOffset(topic, partition, offset);
    // refused where the partition is gone meanwhile, which is the end of it
    library.symbols.rd_kafka_offsets_store(pointer, list.pointer);
  }
}
