/**
 * The lease of one connection on a producer: for itself, or shared with all connections. Either way it counts the
 * messages of this connection only.
 *
 * @module
 */

import type { Deadlines } from "../../async/deadlines.ts";
import type { Sender } from "../client/observer.ts";
import type { MessageRun, ProducedRun } from "./message_run.ts";
import { Outstanding } from "./outstanding.ts";
import type { ProduceOptions } from "./message_calls.ts";
import { FLUSH_INTERVAL_MS, type Producer } from "./producer.ts";

/** How long a producer with a fatal error may take to report its messages. */
const REPLACE_TIMEOUT_MS = 5_000;

/** Owner of leased producers. */
export interface Lessor {
  /** How long leases that are closed wait before they flush: nobody waits for their messages, which may linger. */
  readonly unhurried: Deadlines;
  /** Takes back a producer that can't be used any more, or not for one more topic; returns its successor. */
  replace(producer: Producer): Producer;
  /** A lease produces no more, and waits for its outstanding messages: the producer may be leased to another one. */
  handOn(producer: Producer): void;
  /** Takes back a producer, which still delivers its outstanding messages. */
  release(producer: Producer): void;
}

/** Produces for one connection. */
export class ProducerLease {
  readonly #lessor: Lessor;
  readonly #sender: Sender;
  #producer: Producer;
  #outstanding = new Outstanding();
  #user: number;
  #failed = 0;
  #producedCount = 0;
  #held = false;
  #closing: Promise<number> | undefined;

  /** Leases `producer` to `sender`; `close` returns it to `lessor`. */
  constructor(lessor: Lessor, producer: Producer, sender: Sender) {
    this.#lessor = lessor;
    this.#sender = sender;
    this.#producer = producer;
    this.#user = producer.admit(this.#outstanding, sender);
  }

  /** Number of outstanding messages. */
  get outstanding(): number {
    return this.#outstanding.messages;
  }

  /** `produceWhenRoom` is waiting. */
  get held(): boolean {
    return this.#held;
  }

  /** Number of messages taken since the last call. */
  takeProducedCount(): number {
    const count = this.#producedCount;
    this.#producedCount = 0;
    return count;
  }

  /** Why messages wait, as far as is known. */
  get trouble(): string | undefined {
    return this.#producer.trouble;
  }

  /** Number of failed messages since the last call. */
  takeFailed(): number {
    const failed = this.#failed + this.#outstanding.takeFailed();
    this.#failed = 0;
    return failed;
  }

  /**
   * Queues a message in librdkafka, which copies it, sends it, and tries again where that makes sense.
   * The same key goes to the same partition.
   *
   * @param value null for a tombstone
   * @param key null for none
   * @param options headers, timestamp, listener
   * @returns false when there is no room for it now: see `produceWhenRoom`
   * @throws {KafkaError} when librdkafka refuses it, e.g. MSG_SIZE_TOO_LARGE
   */
  produce(
    topic: string,
    value: Uint8Array<ArrayBuffer> | null,
    key: Uint8Array<ArrayBuffer> | null,
    options?: ProduceOptions,
  ): boolean {
    try {
      const isTaken = this.#producer.produce(this.#user, topic, value, key, options);
      if (isTaken) this.#producedCount++;
      return isTaken;
    } catch (error) {
      if (this.#needsAnother(topic)) return false;
      throw error;
    }
  }

  /**
   * The same for a run of messages for a topic that `produce` has just taken one for. What is not produced is left to
   * `produce`, which says why.
   *
   * @throws {KafkaError} when librdkafka refuses the topic
   */
  produceRun(topic: string, run: MessageRun): ProducedRun {
    const produced = this.#producer.produceRun(this.#user, topic, run);
    this.#producedCount += produced.count - produced.refused.length;
    return produced;
  }

  /**
   * The same for messages that all have these options, their listener, too. Stops at the first that is not taken.
   *
   * @returns how many are taken
   * @throws {KafkaError} when librdkafka refuses the topic
   */
  produceRunWith(topic: string, run: MessageRun, options: ProduceOptions): number {
    const taken = this.#producer.produceRunWith(this.#user, topic, run, options);
    this.#producedCount += taken;
    return taken;
  }

  /**
   * As `produce`, but waits for room.
   *
   * @param timeoutMs maximum wait; by default for as long as librdkafka would try to deliver the message:
   *   `message.timeout.ms`
   * @throws {KafkaError} _QUEUE_FULL after that time, and as `produce`
   * @throws the reason of `signal` when that is aborted
   */
  async produceWhenRoom(
    topic: string,
    value: Uint8Array<ArrayBuffer> | null,
    key: Uint8Array<ArrayBuffer> | null,
    signal: AbortSignal,
    options?: ProduceOptions,
    timeoutMs: number = this.#producer.limits.messageTimeoutMs,
  ): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    let place = this.#producer.waitForRoom(this.#user);
    this.#held = true;
    try {
      for (let isRetry = false; !this.produce(topic, value, key, options); isRetry = true) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) throw this.#producer.queueFull;
        if (this.#needsAnother(topic)) {
          await this.#replace(leftMs, signal);
          place.leave();
          place = this.#producer.waitForRoom(this.#user);
        } else {
          if (isRetry) void this.#producer.flushNow(); // a queue that is full must not wait for a long linger.ms
          await place.turn(Math.min(leftMs, FLUSH_INTERVAL_MS), signal);
        }
        signal.throwIfAborted();
      }
    } finally {
      this.#held = false;
      place.leave();
    }
  }

  /**
   * Waits until no message is outstanding.
   *
   * @param timeoutMs maximum wait; the abort of `signal` ends it, too
   * @returns number of messages that are still outstanding
   */
  flush(timeoutMs: number, signal?: AbortSignal): Promise<number> {
    return this.#producer.flush(timeoutMs, signal, this.#outstanding);
  }

  /**
   * Returns the producer when no message is outstanding, after `timeoutMs`, or when `signal` is aborted; idempotent.
   *
   * @returns number of messages that are still outstanding: the producer keeps trying
   */
  close(timeoutMs: number, signal?: AbortSignal): Promise<number> {
    this.#closing ??= this.#close(timeoutMs, signal);
    return this.#closing;
  }

  async #close(timeoutMs: number, signal: AbortSignal | undefined): Promise<number> {
    this.#lessor.handOn(this.#producer);
    if (timeoutMs > 0) await this.#outstanding.idleWithin(this.#lessor.unhurried);
    const left = await this.flush(timeoutMs, signal);
    this.#producer.dismiss(this.#user);
    this.#lessor.release(this.#producer);
    return left;
  }

  /** Whether another producer must take the topic. */
  #needsAnother(topic: string): boolean {
    return this.#producer.fatalError !== undefined || this.#producer.isFullFor(topic, this.#user);
  }

  /**
   * Changes to another producer. Messages of the old one are delivered or refused first, to keep the order; one that
   * works keeps trying, so its successor has to wait.
   */
  async #replace(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { fatalError } = this.#producer;
    const left = await this.flush(fatalError ? REPLACE_TIMEOUT_MS : timeoutMs, signal);
    if (signal.aborted || (left > 0 && !fatalError)) return;
    const next = this.#lessor.replace(this.#producer);
    this.#failed += this.#outstanding.takeFailed() + this.#outstanding.messages;
    this.#producer.dismiss(this.#user);
    this.#producer = next;
    this.#outstanding = new Outstanding();
    this.#user = this.#producer.admit(this.#outstanding, this.#sender);
  }
}
