/**
 * A Kafka producer: produces messages through librdkafka, counts their delivery reports (events on the main queue, one
 * for many messages), and waits until none is outstanding. It has one user at a time, or many.
 *
 * @module
 */

import {
  ERR__FATAL,
  ERR__QUEUE_FULL,
  ERR_NO_ERROR,
  RD_KAFKA_EVENT_DR,
  RD_KAFKA_MSG_F_COPY,
  RD_KAFKA_PARTITION_UA,
  RD_KAFKA_PRODUCER,
  RD_KAFKA_PURGE_F_INFLIGHT,
  RD_KAFKA_PURGE_F_NON_BLOCKING,
  RD_KAFKA_PURGE_F_QUEUE,
} from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { nonNull } from "../../ffi/memory.ts";
import { flush } from "../client/blocking_calls.ts";
import { KafkaClient, type KafkaEnvironment } from "../client/kafka_client.ts";
import type { KafkaSettings } from "../client/conf.ts";
import { Deliveries } from "./deliveries.ts";
import { DeliveryFailures } from "./delivery_failures.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import type { LingerBypass } from "./linger_bypass.ts";
import { MessageCalls, type ProduceOptions } from "./message_calls.ts";
import { type MessageRun, NOT_PRODUCED, type ProducedRun } from "./message_run.ts";
import type { ClientName, KafkaObserver, Sender } from "../client/observer.ts";
import type { Outstanding } from "./outstanding.ts";
import { requestProducerId } from "./producer_id.ts";
import type { QueueLimits } from "./queue_limits.ts";
import { QueueRoom, type TakenBytes } from "./queue_room.ts";
import { decidedSettings } from "../client/settings_policy.ts";
import { TopicHandles } from "./topic_handles.ts";
import { type Place, WaitQueue } from "../../async/wait_queue.ts";

/** How often a wait flushes again, for a long `linger.ms`. */
export const FLUSH_INTERVAL_MS = 500;
/** Duration of one `rd_kafka_flush`: just enough for the broker threads to notice it. */
const FLUSH_MS = 5;
/** How long `close` waits for the reports of the messages that it gives up. */
const PURGE_TIMEOUT_MS = 1_000;

/** How to make a `Producer`. */
export interface ProducerOptions {
  /** Settings of librdkafka. */
  readonly settings: KafkaSettings;
  /** Limits that follow from them. */
  readonly limits: QueueLimits;
  /** Identifies it to Kafka and to the observer. */
  readonly name: ClientName;
  /** Sends a message immediately that is alone. */
  readonly lingerBypass: LingerBypass;
  /** The producer has many users at the same time. */
  readonly shared: boolean;
}

/** Owns an `rd_kafka_t` of type producer and its topic handles. */
export class Producer {
  /** Identifies the producer to the observer. */
  readonly name: ClientName;
  /** Limits of its queue. */
  readonly limits: QueueLimits;
  readonly #lingerBypass: LingerBypass;
  readonly #library: Library;
  readonly #observer: KafkaObserver;
  readonly #client: KafkaClient;
  readonly #topics: TopicHandles;
  readonly #failures: DeliveryFailures;
  readonly #deliveries: Deliveries;
  readonly #room: QueueRoom;
  readonly #waiting = new WaitQueue();
  readonly #started: Promise<void> | undefined;
  /** Made when they are first needed. */
  #calls: MessageCalls | undefined;
  #flushing: Promise<unknown> | undefined;
  #flushAgain = false;
  #closing: Promise<void> | undefined;
  #destroyed = false;
  #fatalError: KafkaError | undefined;

  /**
   * Makes a producer; it connects in the background.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the producer
   */
  constructor(environment: KafkaEnvironment, options: ProducerOptions) {
    const { library, observer } = environment;
    this.name = options.name;
    this.limits = options.limits;
    this.#lingerBypass = options.lingerBypass;
    this.#library = library;
    this.#observer = observer;
    this.#failures = new DeliveryFailures(library, observer);
    this.#deliveries = new Deliveries(library, this.#failures, options);
    this.#room = new QueueRoom(this.limits, this.#deliveries, options);
    this.#client = new KafkaClient(environment, {
      type: RD_KAFKA_PRODUCER,
      reportsBrokers: options.shared,
      settings: {
        "client.id": this.name.clientId,
        ...options.settings,
        ...decidedSettings("producer"), // without each report the count would be wrong
      },
      name: this.name,
      events: RD_KAFKA_EVENT_DR,
      onEvent: (_type, event) => this.#onDeliveryReport(event),
      onError: (error) => this.#onError(error),
    });
    this.#topics = new TopicHandles(library, this.#client.pointer, options);
    if (this.limits.idempotent) this.#started = requestProducerId(this.#client);
  }

  /** All outstanding messages. */
  get outstanding(): Outstanding {
    return this.#deliveries.total;
  }

  /** Why the producer can't be used any more; undefined while it can. */
  get fatalError(): KafkaError | undefined {
    return this.#fatalError;
  }

  /** Number of topics that it has produced to; their handles live as long as the producer. */
  get topicCount(): number {
    return this.#topics.count;
  }

  /** The producer is closed or closing. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** Bytes that its outstanding messages take at most, with keys and headers. */
  get outstandingBytes(): number {
    return this.#room.bytes;
  }

  /** Whether a topic is one too many for the producer, or for this user: another producer must take it. */
  isFullFor(topic: string, user: number): boolean {
    return this.#topics.isFullFor(topic, user);
  }

  /** The producer takes no more topics. */
  get isFull(): boolean {
    return this.#topics.isFull;
  }

  /** The error for a message that has found no room in time. */
  get queueFull(): KafkaError {
    return kafkaError(this.#library, ERR__QUEUE_FULL);
  }

  /**
   * Adds a user whose messages are counted in `outstanding`; its number. One at a time produces, unless the producer is
   * shared: former users wait for their last messages.
   */
  admit(outstanding: Outstanding, sender: Sender): number {
    const user = this.#deliveries.admit(outstanding, sender);
    this.#topics.admit(user);
    return user;
  }

  /** Removes a user. */
  dismiss(user: number): void {
    this.#deliveries.dismiss(user);
  }

  /**
   * Queues a message in librdkafka, which copies it, sends it, and tries again where that makes sense.
   * The same key goes to the same partition.
   *
   * @param user number that `admit` has given
   * @param value null for a tombstone
   * @param key null for none
   * @param options headers, timestamp, listener
   * @returns false when there is no room for it now
   * @throws {KafkaError} when librdkafka refuses it, e.g. MSG_SIZE_TOO_LARGE
   */
  produce(
    user: number,
    topic: string,
    value: Uint8Array<ArrayBuffer> | null,
    key: Uint8Array<ArrayBuffer> | null,
    options?: ProduceOptions,
  ): boolean {
    this.#requireOpen();
    if (!this.#room.isThereFor(user)) return false;
    const rkt = this.#topics.get(topic, user);
    if (options) {
      const refusal = this.#messageCalls.produce(user, { rkt, value, key }, options);
      return refusal === undefined || this.#refuse(refusal);
    }
    const valueBytes = value?.byteLength ?? 0;
    const keyBytes = key?.byteLength ?? 0;
    const { symbols } = this.#library;
    const result = symbols.rd_kafka_produce(
      rkt,
      RD_KAFKA_PARTITION_UA,
      RD_KAFKA_MSG_F_COPY,
      value && nonNull(value),
      BigInt(valueBytes),
      key && nonNull(key),
      BigInt(keyBytes),
      BigInt(user),
    );
    if (result !== 0) return this.#refuse(symbols.rd_kafka_last_error());
    this.#taken(user, valueBytes, keyBytes);
    return true;
  }

  /**
   * Queues the messages of a run in librdkafka, which copies them, in their order. What is refused behind the last one
   * that is taken counts as not produced: there is no room for it, or this producer can't be used.
   *
   * @throws {KafkaError} when librdkafka refuses the topic
   */
  produceRun(user: number, topic: string, run: MessageRun): ProducedRun {
    this.#requireOpen();
    if (!this.#room.isThereFor(user, run.count, run.maxBytes)) return NOT_PRODUCED;
    run.setOpaque(user);
    const taken = this.#library.symbols.rd_kafka_produce_batch(
      this.#topics.get(topic, user),
      RD_KAFKA_PARTITION_UA,
      RD_KAFKA_MSG_F_COPY,
      run.messages,
      run.count,
    );
    if (taken === 0) return NOT_PRODUCED;
    this.#runTaken(user, run.takenBytes());
    const count = run.settled;
    return { count, refused: taken === count ? [] : run.refused(this.#library, count) };
  }

  /**
   * Queues the messages of a run as `produce` does with options, which are those of each; their listener is told which
   * of them it is about. Stops at the first that is not taken.
   *
   * @returns how many are taken
   * @throws {KafkaError} when librdkafka refuses the topic
   */
  produceRunWith(user: number, topic: string, run: MessageRun, options: ProduceOptions): number {
    this.#requireOpen();
    const rkt = this.#topics.get(topic, user);
    return this.#messageCalls.produceRun(user, rkt, run, options);
  }

  get #messageCalls(): MessageCalls {
    return this.#calls ??= new MessageCalls(
      this.#library,
      this.#client.pointer,
      this.#deliveries,
      {
        taken: (user, valueBytes, otherBytes) => this.#taken(user, valueBytes, otherBytes),
        hasRoom: (user) => this.#room.isThereFor(user),
      },
    );
  }

  /** librdkafka has a message. */
  #taken(user: number, valueBytes: number, otherBytes: number): void {
    const bytes = valueBytes + otherBytes;
    this.#deliveries.taken(user, bytes);
    this.#room.taken(bytes, otherBytes);
    if (this.outstanding.messages === 1) this.#lingerBypass.offer(this);
  }

  /** librdkafka has these messages of a run. */
  #runTaken(user: number, taken: TakenBytes): void {
    this.#deliveries.taken(user, taken.bytes, taken.count);
    this.#room.takenTogether(taken);
    if (this.outstanding.messages === taken.count) this.#lingerBypass.offer(this);
  }

  #requireOpen(): void {
    if (this.#closing) throw new Error(`Cannot use producer ${this.name.clientId}: it is closed`);
  }

  /** Joins the queue for room; `produce` may succeed at each turn. */
  waitForRoom(user: number): Place {
    return this.#waiting.join(() => this.#room.isThereFor(user) || this.fatalError !== undefined);
  }

  /**
   * Waits until no message of `outstanding` is left.
   *
   * @param timeoutMs maximum wait; the abort of `signal` ends it, too
   * @returns number of messages that are still outstanding
   */
  async flush(
    timeoutMs: number,
    signal?: AbortSignal,
    outstanding: Outstanding = this.outstanding,
  ): Promise<number> {
    if (outstanding.messages === 0) return 0;
    if (!this.#destroyed) this.#client.drain();
    const deadline = performance.now() + timeoutMs;
    while (outstanding.messages > 0 && !signal?.aborted && !this.#destroyed) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) break;
      void this.flushNow();
      await outstanding.idle(Math.min(leftMs, FLUSH_INTERVAL_MS), signal);
      if (!this.#destroyed) this.#client.drain(); // in case a wake-up was lost
    }
    return outstanding.messages;
  }

  /**
   * Makes the broker threads send what lingers: they do during a `rd_kafka_flush`. That is short, since it blocks one of
   * Deno's 32 threads; calls meanwhile share the next one.
   */
  flushNow(): Promise<unknown> {
    if (this.#destroyed) return Promise.resolve();
    this.#flushAgain = this.#flushing !== undefined;
    this.#flushing ??= flush(this.#library, this.#client.pointer, FLUSH_MS)
      .finally(() => {
        this.#flushing = undefined;
        if (this.#flushAgain && this.outstanding.messages > 0) void this.flushNow();
      });
    return this.#flushing;
  }

  /**
   * Flushes for at most `timeoutMs`, then destroys the producer; idempotent.
   *
   * @param why why messages are given up then, for the observer
   */
  close(timeoutMs: number, why?: string): Promise<void> {
    this.#closing ??= this.#close(timeoutMs, why);
    return this.#closing;
  }

  async #close(timeoutMs: number, why: string | undefined): Promise<void> {
    const left = await this.flush(timeoutMs);
    this.#failures.giveUp(why);
    if (left > 0) await this.#giveUp();
    this.#destroyed = true; // a waiting flush must not use freed memory
    this.#topics.close();
    await this.#client.close(0, [this.#started, this.#flushing]); // they wait for a thread when many clients end
    this.#deliveries.abandon();
  }

  /** Purges outstanding messages; each gets a failed delivery report. */
  async #giveUp(): Promise<void> {
    this.#library.symbols.rd_kafka_purge(
      this.#client.pointer,
      RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING,
    );
    await this.outstanding.idle(PURGE_TIMEOUT_MS);
  }

  /** Room may become free, but never for a message that is larger than the whole queue. */
  #refuse(code: number): false {
    if (code === ERR__QUEUE_FULL && this.outstanding.messages > 0) return false;
    this.#noteFatalError(); // its event may still be queued
    throw kafkaError(this.#library, code);
  }

  #noteFatalError(): void {
    const code = this.#library.symbols.rd_kafka_fatal_error(this.#client.pointer, null, 0n);
    if (code === ERR_NO_ERROR) return;
    this.#fatalError ??= kafkaError(this.#library, code, { fatal: true });
  }

  /** Why messages wait, as far as is known. */
  get trouble(): string | undefined {
    return this.#failures.trouble;
  }

  #onError(error: KafkaError): void {
    this.#failures.onError(error);
    if (error.code !== ERR__FATAL) return;
    this.#noteFatalError();
    this.#waiting.advance();
  }

  #onDeliveryReport(event: Deno.PointerValue): void {
    this.#deliveries.settle(event, (delivery) => {
      this.#failures.delivered();
      this.#observer.delivered(delivery);
    });
    this.#waiting.advance();
  }
}
