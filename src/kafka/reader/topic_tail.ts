/**
 * Reads the end of a topic as it grows, once for all who want to know of it.
 *
 * @module
 */

import { Notifier } from "../../async/notifier.ts";
import { type KafkaError, recreatedTopic } from "../client/error.ts";
import type { Message } from "../client/message.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";
import { isOtherTopic } from "./topic_id.ts";
import type { NewReader, PartitionReader, ReadSink } from "./partition_reader.ts";
import { type Positions, TailWindow, type WindowLimits } from "./tail_window.ts";

/** How a tail is made. */
export interface TailOptions {
  /** Makes its reader. */
  readonly newReader: NewReader;
  /** Number of partitions of the topic now; undefined for none. */
  readonly countPartitions: (topic: string) => Promise<number | undefined>;
  /** How often new partitions are looked for. */
  readonly lookMs: number;
  /** What it keeps of the past. */
  readonly window: WindowLimits;
  /** The order of messages that have arrived together; those of a partition must keep theirs. */
  readonly inOrder: (messages: readonly Message[]) => readonly Message[];
}

/** The event loop's other work waits no longer. */
const SLICE_MS = 5;
const BATCH = 64;

/** Owns a reader of one topic. */
export class TopicTail implements ReadSink {
  /** Name of the topic. */
  readonly topic: string;
  /** What it has read last. */
  readonly window: TailWindow;
  readonly #options: TailOptions;
  readonly #reader: PartitionReader;
  readonly #arrived = new Notifier();
  readonly #timer: ReturnType<typeof setInterval>;
  #batch: Message[] = [];
  #partitions = 0;
  #isTaking = false;
  #topicId: string | undefined;
  #failure: KafkaError | undefined;
  #closed = false;

  /**
   * Begins to read at `positions`, which name all partitions.
   *
   * @param topicId of the topic that they are positions of; undefined when it is not known
   * @throws {KafkaError} when the reader can't be made
   */
  constructor(
    topic: string,
    positions: Positions,
    topicId: string | undefined,
    options: TailOptions,
  ) {
    this.topic = topic;
    this.#topicId = topicId;
    this.window = new TailWindow(options.window);
    this.#options = options;
    this.#reader = options.newReader(this);
    try {
      this.#begin(positions);
    } catch (error) {
      void this.#reader.close();
      throw error;
    }
    this.#timer = setInterval(() => void this.#lookForPartitions(), options.lookMs);
  }

  /** The id of the topic that it reads; when that has ended because there is another one, the id of this. */
  get topicId(): string | undefined {
    return this.#topicId;
  }

  /** Why it reads no more; undefined as long as it does. */
  get failure(): KafkaError | undefined {
    return this.#failure;
  }

  /** Resolves when messages have arrived, when it has failed, when `signal` is aborted, or after `timeoutMs`. */
  async wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#failure) await this.#arrived.wait(timeoutMs, signal);
  }

  /** Closes the reader; what it has read stays. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#arrived.notify();
    await this.#reader.close();
  }

  onWake(): void {
    if (!this.#isTaking) this.#takeSlice();
  }

  onMessage(message: Message): void {
    this.#batch.push(message);
  }

  onEnd(): void {}

  onError(error: KafkaError, place: TopicPartition | undefined): void {
    if (place === undefined && !error.fatal) return; // librdkafka tries again
    const where = place ? `${place.topic}[${place.partition}]: ` : "";
    this.#fail(error.withMessage(where + error.message));
  }

  /** Takes what has been fetched; other work gets its turn in between. */
  #takeSlice(): void {
    const endMs = performance.now() + SLICE_MS;
    this.#isTaking = !this.#closed && this.#isSameTopic();
    while (this.#isTaking && performance.now() < endMs) this.#isTaking = this.#reader.take(BATCH);
    if (!this.#closed) this.#isTaking = this.#isSameTopic() && this.#isTaking;
    const messages = this.#failure ? [] : this.#batch;
    this.#batch = [];
    for (const message of this.#options.inOrder(messages)) this.window.add(message);
    if (messages.length > 0) this.#arrived.notify();
    if (this.#isTaking) setTimeout(() => this.#takeSlice(), 0);
  }

  /** The positions are of the topic that is read. */
  #isSameTopic(): boolean {
    const id = this.#reader.topicId(this.topic);
    const isOther = isOtherTopic(id, this.#topicId);
    this.#topicId = id ?? this.#topicId;
    if (isOther) this.#fail(recreatedTopic(this.topic));
    return this.#failure === undefined;
  }

  async #lookForPartitions(): Promise<void> {
    let count: number | undefined;
    try {
      count = await this.#options.countPartitions(this.topic);
    } catch {
      return; // it is asked again; what hinders reading is told by the reader
    }
    if (this.#closed || count === undefined || count <= this.#partitions) return;
    this.#begin(new Array(count).fill(0n));
  }

  /** Reads the partitions that are not read yet. */
  #begin(positions: Positions): void {
    const added = positions.slice(this.#partitions)
      .map((offset, index) => ({ topic: this.topic, partition: this.#partitions + index, offset }));
    for (const { partition, offset } of added) this.window.begin(partition, offset);
    this.#partitions = positions.length;
    this.#reader.add(added);
  }

  #fail(error: KafkaError): void {
    this.#failure ??= error;
    this.#arrived.notify();
  }
}
