/**
 * A Kafka producer: hands messages to librdkafka, counts what became of each (delivery reports arrive as events
 * on the main queue, one for many messages), and waits until none is outstanding. It has one user at a time, or many.
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
import { BytesBound } from "./bytes_bound.ts";
import { DESTROY_TIMEOUT_MS, KafkaClient, type KafkaEnvironment } from "../client/kafka_client.ts";
import type { KafkaSettings } from "../client/conf.ts";
import { Deliveries } from "./deliveries.ts";
import { DeliveryFailures } from "./delivery_failures.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import type { LingerBypass } from "./linger_bypass.ts";
import type { ClientName, KafkaObserver, Sender } from "../client/observer.ts";
import type { Outstanding } from "./outstanding.ts";
import { hastenProducerId } from "./producer_id.ts";
import type { QueueLimits } from "./queue_limits.ts";
import { TopicHandles } from "./topic_handles.ts";
import { type Place, WaitQueue } from "../../async/wait_queue.ts";
import { settlesWithin } from "../../async/settles_within.ts";

/** Settings that Rafka decides, whatever the user says: without each report the count would be wrong. */
export const PRODUCER_RESERVED: KafkaSettings = { "delivery.report.only.error": false };

/** How often whoever waits hurries the broker threads again, for a long `linger.ms`. */
export const HURRY_INTERVAL_MS = 500;
/** How long one `rd_kafka_flush` lasts: just enough for the broker threads to see that it is on. */
const HURRY_MS = 5;
/** How long close waits for the reports of the messages that it gives up. */
const PURGE_TIMEOUT_MS = 1_000;

/** How to make a `Producer`. */
export interface ProducerOptions {
  /** Settings of librdkafka. */
  readonly settings: KafkaSettings;
  /** What librdkafka makes of them. */
  readonly limits: QueueLimits;
  /** Who it is, for Kafka and for the observer. */
  readonly name: ClientName;
  /** Sends at once what is alone. */
  readonly lingerBypass: LingerBypass;
  /** It has many users at the same time. */
  readonly shared: boolean;
}

/** Owns an `rd_kafka_t` of type producer and its topic handles. */
export class Producer {
  /** Who it is, for the observer. */
  readonly name: ClientName;
  /** What it takes. */
  readonly limits: QueueLimits;
  readonly #shared: boolean;
  readonly #lingerBypass: LingerBypass;
  readonly #library: Library;
  readonly #observer: KafkaObserver;
  readonly #client: KafkaClient;
  readonly #topics: TopicHandles;
  readonly #failures: DeliveryFailures;
  readonly #deliveries: Deliveries;
  readonly #keys = new BytesBound();
  readonly #messages = new BytesBound();
  readonly #waiting = new WaitQueue();
  readonly #started: Promise<void> | undefined;
  #hurrying: Promise<unknown> | undefined;
  #hurryAgain = false;
  #closing: Promise<void> | undefined;
  #destroyed = false;
  #fatalError: KafkaError | undefined;

  /**
   * Makes the producer; it connects in the background.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the producer
   */
  constructor(environment: KafkaEnvironment, options: ProducerOptions) {
    const { library, observer } = environment;
    this.name = options.name;
    this.limits = options.limits;
    this.#shared = options.shared;
    this.#lingerBypass = options.lingerBypass;
    this.#library = library;
    this.#observer = observer;
    this.#failures = new DeliveryFailures(library, observer);
    this.#deliveries = new Deliveries(library, this.#failures, options);
    this.#client = new KafkaClient(environment, {
      type: RD_KAFKA_PRODUCER,
      settings: { "client.id": this.name.clientId, ...options.settings, ...PRODUCER_RESERVED },
      name: this.name,
      events: RD_KAFKA_EVENT_DR,
      onEvent: (_type, event) => this.#onDeliveryReport(event),
      onError: (error) => this.#onError(error),
    });
    this.#topics = new TopicHandles(library, this.#client.pointer, options);
    if (this.limits.idempotent) this.#started = hastenProducerId(this.#client);
  }

  /** All messages that are neither delivered nor failed. */
  get outstanding(): Outstanding {
    return this.#deliveries.total;
  }

  /** Why it can't be used any more; undefined as long as it can. */
  get fatalError(): KafkaError | undefined {
    return this.#fatalError;
  }

  /** How many topics it has produced to; it remembers all of them, to its end. */
  get topicCount(): number {
    return this.#topics.count;
  }

  /** It is closed, or closing. */
  get closed(): boolean {
    return this.#closing !== undefined;
  }

  /** What its outstanding messages take at most, keys and values. */
  get outstandingBytes(): number {
    return this.#messages.atMost(this.outstanding.messages);
  }

  /** Whether a topic is one too many for it, or for this user of many: another producer has to take it. */
  isFullFor(topic: string, user: number): boolean {
    return this.#topics.isFullFor(topic, user);
  }

  /** It takes no more topics at all. */
  get isFull(): boolean {
    return this.#topics.isFull;
  }

  /** What there is to say to somebody who has waited for room in vain. */
  get queueFull(): KafkaError {
    return kafkaError(this.#library, ERR__QUEUE_FULL);
  }

  /** A new user, whose messages are counted in `outstanding`; its number. One at a time, unless it is shared. */
  admit(outstanding: Outstanding, sender: Sender): number {
    const user = this.#deliveries.admit(outstanding, sender);
    this.#topics.admit(user);
    return user;
  }

  /** The user is gone. */
  dismiss(user: number): void {
    this.#deliveries.dismiss(user);
  }

  /**
   * Hands a message to librdkafka, which copies it, sends it, and tries again where that makes sense.
   * The same key goes to the same partition.
   *
   * @param value null for a tombstone
   * @returns false when there is no room for it now
   * @throws {KafkaError} when librdkafka refuses it, e.g. MSG_SIZE_TOO_LARGE
   */
  produce(
    user: number,
    topic: string,
    value: Uint8Array<ArrayBuffer> | null,
    key: Uint8Array<ArrayBuffer> | null,
  ): boolean {
    if (this.#closing) throw new Error(`Cannot use producer ${this.name.clientId}: it is closed`);
    if (!this.#hasRoom(user)) return false;
    const valueBytes = value?.byteLength ?? 0;
    const keyBytes = key?.byteLength ?? 0;
    const result = this.#library.symbols.rd_kafka_produce(
      this.#topics.get(topic, user),
      RD_KAFKA_PARTITION_UA,
      RD_KAFKA_MSG_F_COPY,
      value && nonNull(value),
      BigInt(valueBytes),
      key && nonNull(key),
      BigInt(keyBytes),
      BigInt(user),
    );
    if (result !== 0) return this.#refuse();
    const bytes = valueBytes + keyBytes;
    this.#deliveries.taken(user, bytes);
    this.#keys.taken(keyBytes, this.outstanding.messages);
    this.#messages.taken(bytes, this.outstanding.messages);
    if (this.outstanding.messages === 1) this.#lingerBypass.offer(this);
    return true;
  }

  /** A place in the line of those who wait for room; `produce` is to be tried again at each turn. */
  waitForRoom(user: number): Place {
    return this.#waiting.join(() => this.#hasRoom(user) || this.fatalError !== undefined);
  }

  /** Waits until nothing of `outstanding` is left, at most `timeoutMs` or the abort; how many messages still are. */
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
      await outstanding.idle(Math.min(leftMs, HURRY_INTERVAL_MS), signal);
      if (!this.#destroyed) this.#client.drain(); // should a wake-up ever be lost
    }
    return outstanding.messages;
  }

  /**
   * Makes the broker threads send at once what they hold back for `linger.ms`: they do during a `rd_kafka_flush`. That
   * is short, since it takes one of Deno's 32 threads; all who are in a hurry meanwhile share the next one.
   */
  flushNow(): Promise<unknown> {
    if (this.#destroyed) return Promise.resolve();
    this.#hurryAgain = this.#hurrying !== undefined;
    this.#hurrying ??= flush(this.#library, this.#client.pointer, HURRY_MS)
      .finally(() => {
        this.#hurrying = undefined;
        if (this.#hurryAgain && this.outstanding.messages > 0) void this.flushNow();
      });
    return this.#hurrying;
  }

  /**
   * Flushes for at most `timeoutMs`, then destroys the producer; idempotent.
   *
   * @param why what is left then is given up, for the observer: the connection is gone, or the gateway ends
   */
  close(timeoutMs: number, why?: string): Promise<void> {
    this.#closing ??= this.#close(timeoutMs, why);
    return this.#closing;
  }

  async #close(timeoutMs: number, why: string | undefined): Promise<void> {
    const left = await this.flush(timeoutMs);
    this.#failures.giveUp(why);
    if (left > 0) await this.#giveUp();
    this.#destroyed = true; // a flush that still waits must not hurry freed memory
    await settlesWithin(this.#destroy(), DESTROY_TIMEOUT_MS);
    this.#deliveries.abandon();
  }

  async #destroy(): Promise<void> {
    await this.#started; // as the next one, it uses the client, and waits for a thread when many clients end
    await this.#hurrying;
    this.#topics.close();
    await this.#client.close();
  }

  /** Takes back what is outstanding; each message comes as a failed delivery report. */
  async #giveUp(): Promise<void> {
    this.#library.symbols.rd_kafka_purge(
      this.#client.pointer,
      RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING,
    );
    await this.outstanding.idle(PURGE_TIMEOUT_MS);
  }

  /**
   * A user of many has as much of the queue as is still free, at most: one that floods it gets half of it, n of them
   * get an n+1st each, and as much stays free for whoever comes next. Nothing is set aside for users that are idle.
   */
  #hasRoom(user: number): boolean {
    const { total } = this.#deliveries;
    // librdkafka counts the rest
    if (!this.#shared) return this.#keys.atMost(total.messages) < this.limits.maxBytes;
    const { messages, bytes } = this.#deliveries.of(user);
    return messages < this.limits.maxMessages - total.messages &&
      bytes < this.limits.maxBytes - total.bytes;
  }

  /** Room may come free, but never for a message that is larger than the whole queue. */
  #refuse(): false {
    const { symbols } = this.#library;
    const code = symbols.rd_kafka_last_error();
    if (code === ERR__QUEUE_FULL && this.outstanding.messages > 0) return false;
    this.#noteFatalError(); // its event may still be under way
    throw kafkaError(this.#library, code);
  }

  #noteFatalError(): void {
    const code = this.#library.symbols.rd_kafka_fatal_error(this.#client.pointer, null, 0n);
    if (code === ERR_NO_ERROR) return;
    this.#fatalError ??= kafkaError(this.#library, code, { fatal: true });
  }

  #onError(error: KafkaError): void {
    this.#failures.onError(error);
    if (error.code !== ERR__FATAL) return;
    this.#noteFatalError();
    this.#waiting.advance();
  }

  #onDeliveryReport(event: Deno.PointerValue): void {
    const { symbols } = this.#library;
    if (symbols.rd_kafka_event_error(event) === ERR_NO_ERROR) {
      this.#failures.delivered();
      this.#observer.delivered(Number(symbols.rd_kafka_event_message_count(event)));
    }
    this.#deliveries.settle(event);
    this.#waiting.advance();
  }
}
