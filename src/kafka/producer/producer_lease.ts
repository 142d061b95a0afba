/**
 * What one connection has of a producer: all of it for a while, or a share of one that all connections use. Either way
 * it counts the messages of this connection only.
 *
 * @module
 */

import type { Sender } from "../client/observer.ts";
import { Outstanding } from "./outstanding.ts";
import { HURRY_INTERVAL_MS, type Producer } from "./producer.ts";

/** How long the messages of a producer that can't be used any more may take to get their reports. */
const REPLACE_TIMEOUT_MS = 5_000;

/** Whom the producer belongs to. */
export interface Lessor {
  /** Takes a producer that can't be used any more, or not for one more topic; gives one in its place. */
  replace(producer: Producer): Producer;
  /** Takes the producer back; it delivers what is outstanding. */
  release(producer: Producer): void;
}

/** The right to produce, of one connection. */
export class ProducerLease {
  readonly #lessor: Lessor;
  readonly #sender: Sender;
  #producer: Producer;
  #outstanding = new Outstanding();
  #user: number;
  #failed = 0;
  #held = false;
  #closing: Promise<number> | undefined;

  /** A lease of `sender` on `producer`, which goes back to `lessor`. */
  constructor(lessor: Lessor, producer: Producer, sender: Sender) {
    this.#lessor = lessor;
    this.#sender = sender;
    this.#producer = producer;
    this.#user = producer.admit(this.#outstanding, sender);
  }

  /** How many messages are neither delivered nor failed. */
  get outstanding(): number {
    return this.#outstanding.messages;
  }

  /** A message waits for room. */
  get held(): boolean {
    return this.#held;
  }

  /** How many messages were taken and not delivered since the last call. */
  takeFailed(): number {
    const failed = this.#failed + this.#outstanding.takeFailed();
    this.#failed = 0;
    return failed;
  }

  /**
   * Hands a message to librdkafka, which copies it, sends it, and tries again where that makes sense.
   * The same key goes to the same partition.
   *
   * @param value null for a tombstone
   * @returns false when there is no room for it now: see `produceWhenRoom`
   * @throws {KafkaError} when librdkafka refuses it, e.g. MSG_SIZE_TOO_LARGE
   */
  produce(
    topic: string,
    value: Uint8Array<ArrayBuffer> | null,
    key: Uint8Array<ArrayBuffer> | null,
  ): boolean {
    try {
      return this.#producer.produce(this.#user, topic, value, key);
    } catch (error) {
      if (this.#needsAnother(topic)) return false;
      throw error;
    }
  }

  /**
   * The same, but waits for room, for as long as librdkafka would try to deliver the message: `message.timeout.ms`.
   *
   * @throws {KafkaError} _QUEUE_FULL when the time is over
   * @throws the reason of `signal` when that is aborted
   */
  async produceWhenRoom(
    topic: string,
    value: Uint8Array<ArrayBuffer> | null,
    key: Uint8Array<ArrayBuffer> | null,
    signal: AbortSignal,
  ): Promise<void> {
    const deadline = performance.now() + this.#producer.limits.messageTimeoutMs;
    let place = this.#producer.waitForRoom(this.#user);
    this.#held = true;
    try {
      for (let hurried = false; !this.produce(topic, value, key); hurried = true) {
        const leftMs = deadline - performance.now();
        if (leftMs <= 0) throw this.#producer.queueFull;
        if (this.#needsAnother(topic)) {
          await this.#replace(leftMs, signal);
          place.leave();
          place = this.#producer.waitForRoom(this.#user);
        } else {
          if (hurried) void this.#producer.flushNow(); // a queue that is full must not wait for a long linger.ms
          await place.turn(Math.min(leftMs, HURRY_INTERVAL_MS), signal);
        }
        signal.throwIfAborted();
      }
    } finally {
      this.#held = false;
      place.leave();
    }
  }

  /** Waits until nothing is outstanding, at most `timeoutMs` or the abort; how many messages still are. */
  flush(timeoutMs: number, signal?: AbortSignal): Promise<number> {
    return this.#producer.flush(timeoutMs, signal, this.#outstanding);
  }

  /**
   * Gives the producer back when all is delivered or `timeoutMs` is over; idempotent.
   *
   * @returns how many messages are left to it then: it goes on trying
   */
  close(timeoutMs: number): Promise<number> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<number> {
    const left = await this.flush(timeoutMs);
    this.#producer.dismiss(this.#user);
    this.#lessor.release(this.#producer);
    return left;
  }

  /** Another producer takes the topic. */
  #needsAnother(topic: string): boolean {
    return this.#producer.fatalError !== undefined || this.#producer.isFullFor(topic, this.#user);
  }

  /**
   * What the old producer has is delivered or refused first: the order of messages stays. One that works goes on
   * trying, so there is no new one before it is done.
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
