/**
 * @module
 * A Kafka producer: hands messages to librdkafka, counts what became of each (delivery reports arrive as events
 * on the main queue, one for many messages), and waits until none is outstanding.
 */

import {
  ERR__PURGE_INFLIGHT,
  ERR__PURGE_QUEUE,
  ERR__TIMED_OUT,
  ERR_NO_ERROR,
  RD_KAFKA_EVENT_DR,
  RD_KAFKA_MSG_F_COPY,
  RD_KAFKA_PARTITION_UA,
  RD_KAFKA_PRODUCER,
  RD_KAFKA_PURGE_F_INFLIGHT,
  RD_KAFKA_PURGE_F_NON_BLOCKING,
  RD_KAFKA_PURGE_F_QUEUE,
} from "../ffi/constants.ts";
import type { Library } from "../ffi/library.ts";
import { nonNull, toCString } from "../ffi/memory.ts";
import { Client, type KafkaEnvironment } from "./client.ts";
import type { KafkaSettings } from "./conf.ts";
import { type KafkaError, kafkaError } from "./error.ts";
import { MessageReader } from "./message.ts";
import { Notifier } from "./notifier.ts";
import type { ClientName, DeliveryFailure, KafkaObserver } from "./observer.ts";
import { settlesWithin } from "./within.ts";

/** Settings that Rafka decides, whatever the user says: without each report the count would be wrong. */
export const PRODUCER_RESERVED: KafkaSettings = { "delivery.report.only.error": false };

/** How long one `rd_kafka_flush` lasts: just enough for the broker threads to see that it is on. */
const HURRY_MS = 5;
/** How often a flush that waits hurries the broker threads again, for a long `linger.ms`. */
const HURRY_INTERVAL_MS = 500;
/** How long close waits for the reports of the messages that it gives up. */
const PURGE_TIMEOUT_MS = 1_000;
/** How long close waits for the end of the client. */
const DESTROY_TIMEOUT_MS = 5_000;

/** Owns an `rd_kafka_t` of type producer and its topic handles. */
export class Producer {
  /** Who it is, for the observer. */
  readonly name: ClientName;
  readonly #library: Library;
  readonly #observer: KafkaObserver;
  readonly #client: Client;
  readonly #reader: MessageReader;
  readonly #topics = new Map<string, Deno.PointerValue>();
  #outstanding = 0;
  #failed = 0;
  readonly #idled = new Notifier();
  #hurrying: Promise<unknown> | undefined;
  /** From the moment that close gives up: the messages that it gave up. */
  #givenUp: DeliveryFailure[] | undefined;
  #closing: Promise<DeliveryFailure[]> | undefined;
  #destroyed = false;
  /** Why messages may be waiting. */
  #lastError: KafkaError | undefined;

  /**
   * Makes the producer; it connects in the background.
   *
   * @throws {SettingError} when librdkafka refuses a setting
   * @throws {KafkaError} when it can't make the producer
   */
  constructor(environment: KafkaEnvironment, settings: KafkaSettings, name: ClientName) {
    this.name = name;
    this.#library = environment.library;
    this.#observer = environment.observer;
    this.#reader = new MessageReader(environment.library);
    this.#client = new Client(environment, {
      type: RD_KAFKA_PRODUCER,
      settings: { "client.id": name.clientId, ...settings, ...PRODUCER_RESERVED },
      name,
      events: RD_KAFKA_EVENT_DR,
      onEvent: (_type, event) => this.#onDeliveryReport(event),
      onError: (error) => this.#lastError = error,
    });
  }

  /** How many messages are neither delivered nor failed. */
  get outstanding(): number {
    return this.#outstanding;
  }

  /** How many messages were taken and not delivered since the last call. */
  takeFailed(): number {
    const failed = this.#failed;
    this.#failed = 0;
    return failed;
  }

  /**
   * Hands a message to librdkafka, which copies it, sends it, and tries again where that makes sense.
   * The same key goes to the same partition.
   *
   * @throws {KafkaError} when librdkafka refuses it, e.g. _QUEUE_FULL, MSG_SIZE_TOO_LARGE
   */
  produce(
    topic: string,
    value: Uint8Array<ArrayBuffer>,
    key: Uint8Array<ArrayBuffer> | null,
  ): void {
    if (this.#closing) throw new Error(`Cannot use producer ${this.name.clientId}: it is closed`);
    const result = this.#library.symbols.rd_kafka_produce(
      this.#topic(topic),
      RD_KAFKA_PARTITION_UA,
      RD_KAFKA_MSG_F_COPY,
      nonNull(value),
      BigInt(value.byteLength),
      key && nonNull(key),
      BigInt(key?.byteLength ?? 0),
      null,
    );
    if (result !== 0) throw this.#refusal();
    this.#outstanding++;
  }

  /** Waits until nothing is outstanding, at most `timeoutMs` or the abort; how many messages still are. */
  async flush(timeoutMs: number, signal?: AbortSignal): Promise<number> {
    if (!this.#destroyed) this.#client.drain();
    const deadline = performance.now() + timeoutMs;
    while (this.#outstanding > 0 && !signal?.aborted && !this.#destroyed) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) break;
      this.#hurry();
      await this.#idle(Math.min(leftMs, HURRY_INTERVAL_MS), signal);
      if (!this.#destroyed) this.#client.drain(); // should a wake-up ever be lost
    }
    return this.#outstanding;
  }

  /**
   * Flushes for at most `timeoutMs`, then destroys the producer; idempotent.
   *
   * @returns the messages that were given up, by topic and partition; empty when all were delivered
   */
  close(timeoutMs: number): Promise<DeliveryFailure[]> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<DeliveryFailure[]> {
    if (await this.flush(timeoutMs) > 0) await this.#giveUp();
    this.#destroyed = true; // a flush that still waits must not hurry freed memory
    await settlesWithin(this.#destroy(), DESTROY_TIMEOUT_MS);
    const givenUp = this.#givenUp ?? [];
    if (this.#outstanding > 0) { // not even their reports came: they count all the same
      const error = this.#lastError ?? kafkaError(this.#library, ERR__TIMED_OUT);
      givenUp.push({ topic: "(unknown)", partition: -1, error, count: this.#outstanding });
    }
    return givenUp;
  }

  async #destroy(): Promise<void> {
    const { symbols, handles } = this.#library;
    await this.#hurrying; // it uses the client, and waits for a thread when many clients end
    for (const rkt of this.#topics.values()) {
      symbols.rd_kafka_topic_destroy(rkt);
      handles.closed("rd_kafka_topic_t");
    }
    this.#topics.clear();
    await this.#client.close();
  }

  /** Takes back what is outstanding; each message comes as a failed delivery report. */
  async #giveUp(): Promise<void> {
    this.#givenUp = [];
    this.#library.symbols.rd_kafka_purge(
      this.#client.pointer,
      RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING,
    );
    await this.#idle(PURGE_TIMEOUT_MS);
  }

  #topic(name: string): Deno.PointerValue {
    const known = this.#topics.get(name);
    if (known !== undefined) return known;
    const { symbols, handles } = this.#library;
    const rkt = symbols.rd_kafka_topic_new(this.#client.pointer, toCString(name), null);
    if (rkt === null) throw this.#refusal();
    handles.opened("rd_kafka_topic_t");
    this.#topics.set(name, rkt);
    return rkt;
  }

  #refusal(): Error {
    return kafkaError(this.#library, this.#library.symbols.rd_kafka_last_error());
  }

  /**
   * Makes the broker threads send at once what they hold back for `linger.ms`: they do while a
   * `rd_kafka_flush` is under way. Its own wait is short, since it takes one of Deno's 32 threads for that time.
   */
  #hurry(): void {
    this.#hurrying ??= this.#library.symbols.rd_kafka_flush(this.#client.pointer, HURRY_MS)
      .finally(() => this.#hurrying = undefined);
  }

  /** Resolves when nothing is outstanding, or after `timeoutMs`. */
  #idle(timeoutMs: number, signal?: AbortSignal): Promise<void> {
    return this.#outstanding === 0 ? Promise.resolve() : this.#idled.wait(timeoutMs, signal);
  }

  /** All messages of one event share topic and error (rd_kafka_dr_msgq in librdkafka). */
  #onDeliveryReport(event: Deno.PointerValue): void {
    const { symbols } = this.#library;
    const count = Number(symbols.rd_kafka_event_message_count(event));
    const code = symbols.rd_kafka_event_error(event);
    this.#outstanding -= count;
    if (code === ERR_NO_ERROR) this.#observer.delivered(count);
    else this.#reportFailures(event, code, count);
    if (this.#outstanding === 0) this.#idled.notify();
  }

  /** A message that was taken back is told why nobody took it: that we purged it is no reason. */
  #cause(code: number): KafkaError {
    if (code === ERR__PURGE_QUEUE && this.#lastError) return this.#lastError;
    if (code !== ERR__PURGE_INFLIGHT) return kafkaError(this.#library, code);
    const message = "sent, but not acknowledged; may have been delivered";
    return kafkaError(this.#library, code, { message });
  }

  #reportFailures(event: Deno.PointerValue, code: number, count: number): void {
    const { symbols } = this.#library;
    const error = this.#cause(code);
    this.#failed += count;
    const counts = new Map<number, number>();
    let topic = "";
    for (;;) {
      const message = symbols.rd_kafka_event_message_next(event);
      if (message === null) break;
      const failed = this.#reader.readTopicPartition(message);
      topic = failed.topic;
      counts.set(failed.partition, (counts.get(failed.partition) ?? 0) + 1);
    }
    for (const [partition, count] of counts) {
      const failure = { topic, partition, error, count };
      if (this.#givenUp) this.#givenUp.push(failure);
      else this.#observer.deliveryFailed(failure);
    }
  }
}
