/**
 * A few Kafka consumers for reading anywhere in topics, for a moment each. More reads at a time wait for their turn; one
 * that is idle for long is closed.
 *
 * @module
 */

import type { TopicPartition } from "../client/topic_partitions.ts";
import type { KafkaError } from "../client/error.ts";
import { Lane } from "../../ffi/lane.ts";
import type { NewReader, PartitionReader, ReadSink } from "./partition_reader.ts";
import { type RangePart, RangeRead, type ReadRange } from "./range_read.ts";

/** Limits of a pool. */
export interface PoolLimits {
  /** Maximum number of readers. */
  readonly maxReaders: number;
  /** A reader that is idle for so long is closed. */
  readonly idleMs: number;
  /** A read without any progress for so long fails, and one that waits for a reader. */
  readonly stallMs: number;
}

/** A reader, and the read that has it. */
class PooledReader implements ReadSink {
  readonly reader: PartitionReader;
  /** undefined while it is idle: what arrives late of the last read is dropped. */
  read: RangeRead | undefined;
  idleTimer: ReturnType<typeof setTimeout> | undefined;
  #broken = false;

  constructor(newReader: NewReader) {
    this.reader = newReader(this);
  }

  /** It can't be used any more. */
  get broken(): boolean {
    return this.#broken;
  }

  onWake(): void {
    if (this.read) this.read.onWake();
    else while (this.reader.take(Infinity));
  }

  onMessage(...args: Parameters<ReadSink["onMessage"]>): void {
    this.read?.onMessage(...args);
  }

  onEnd(place: TopicPartition): void {
    this.read?.onEnd(place);
  }

  onError(...args: Parameters<ReadSink["onError"]>): void {
    this.#broken ||= args[0].fatal;
    this.read?.onError(...args);
  }
}

/** Owns its readers. */
export class ReaderPool {
  readonly #newReader: NewReader;
  readonly #limits: PoolLimits;
  readonly #all = new Set<PooledReader>();
  readonly #idle: PooledReader[] = [];
  /** A read for each reader; the others wait in order. */
  readonly #lane: Lane;
  readonly #reads = new Set<Promise<unknown>>();
  readonly #ending = new Set<Promise<void>>();
  #closed: Error | undefined;

  /** Makes readers when they are needed. */
  constructor(newReader: NewReader, limits: PoolLimits) {
    this.#newReader = newReader;
    this.#limits = limits;
    this.#lane = new Lane(limits.maxReaders);
  }

  /**
   * Reads ranges of one topic, each of another partition.
   *
   * @returns what was read, by partition
   * @throws {KafkaError} for an error of a partition, and _TIMED_OUT when Kafka, or the other reads, take too long
   * @throws the reason of the signal, if there is one
   */
  async read(
    topic: string,
    ranges: readonly ReadRange[],
    signal?: AbortSignal,
  ): Promise<Map<number, RangePart>> {
    const { stallMs } = this.#limits;
    const reading = this.#lane.runWithin(stallMs, () => this.#read(topic, ranges, signal));
    this.#reads.add(reading);
    try {
      const parts = await reading;
      if (!parts) throw this.#tooBusy();
      return parts;
    } finally {
      this.#reads.delete(reading);
    }
  }

  /** Ends all reads with `reason`, and closes the readers. */
  async close(reason: Error): Promise<void> {
    this.#closed = reason;
    for (const { read } of this.#all) read?.abort(reason);
    for (const pooled of this.#idle.splice(0)) this.#end(pooled);
    await Promise.allSettled(this.#reads);
    await Promise.all(this.#ending);
  }

  async #read(
    topic: string,
    ranges: readonly ReadRange[],
    signal: AbortSignal | undefined,
  ): Promise<Map<number, RangePart>> {
    signal?.throwIfAborted();
    if (this.#closed) throw this.#closed;
    const pooled = this.#take();
    try {
      const read = new RangeRead(pooled.reader, topic, ranges);
      pooled.read = read;
      return await read.run({ stallMs: this.#limits.stallMs, signal });
    } finally {
      pooled.read = undefined;
      if (pooled.broken || this.#closed) this.#end(pooled);
      else this.#rest(pooled);
    }
  }

  #take(): PooledReader {
    const idle = this.#idle.pop(); // the one used last has the freshest metadata, the others come to rest
    clearTimeout(idle?.idleTimer);
    if (idle) return idle;
    const pooled = new PooledReader(this.#newReader);
    this.#all.add(pooled);
    return pooled;
  }

  #rest(pooled: PooledReader): void {
    pooled.idleTimer = setTimeout(() => this.#retire(pooled), this.#limits.idleMs);
    this.#idle.push(pooled);
  }

  #retire(pooled: PooledReader): void {
    this.#idle.splice(this.#idle.indexOf(pooled), 1);
    this.#end(pooled);
  }

  #end(pooled: PooledReader): void {
    clearTimeout(pooled.idleTimer);
    this.#all.delete(pooled);
    const ended = pooled.reader.close();
    this.#ending.add(ended);
    void ended.then(() => this.#ending.delete(ended));
  }

  #tooBusy(): KafkaError {
    const { maxReaders, stallMs } = this.#limits;
    const [any] = this.#all;
    return any!.reader.timedOut(
      `${maxReaders} other reads of streams took more than ${stallMs} ms`,
    );
  }
}
