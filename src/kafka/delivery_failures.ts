/**
 * @module
 * Why messages of a producer were not delivered: tells the observer of each, then of all of one report together.
 */

import {
  ERR__ALL_BROKERS_DOWN,
  ERR__FATAL,
  ERR__MSG_TIMED_OUT,
  ERR__PURGE_INFLIGHT,
  ERR__PURGE_QUEUE,
  ERR__TIMED_OUT,
} from "../ffi/constants.ts";
import type { Library } from "../ffi/library.ts";
import { type KafkaError, kafkaError } from "./error.ts";
import type { DeliveryFailure, FailedMessage, KafkaObserver, Sender } from "./observer.ts";

/** All that is known of a message whose delivery report has not come. */
const UNKNOWN: FailedMessage = {
  topic: "(unknown)",
  partition: -1,
  keyBytes: 0,
  valueBytes: 0,
  key: null,
  value: null,
  possiblyPersisted: true,
  following: 0,
};

/** The failures of one producer. */
export class DeliveryFailures {
  /** From now on they are of a connection that is gone, and whose time to flush is over. */
  unflushed = false;
  readonly #library: Library;
  readonly #observer: KafkaObserver;
  /** What went wrong since a message was last delivered. */
  #lastError: KafkaError | undefined;
  /** Of the report that is being read. */
  #counted: (DeliveryFailure & { count: number })[] = [];

  /** Tells `observer`. */
  constructor(library: Library, observer: KafkaObserver) {
    this.#library = library;
    this.#observer = observer;
  }

  /** The producer has an error, for which messages may be waiting. */
  onError(error: KafkaError): void {
    if (error.code === ERR__ALL_BROKERS_DOWN && this.#lastError) return; // which says why
    this.#lastError = error;
  }

  /** A message was delivered: whatever was wrong is over. */
  delivered(): void {
    this.#lastError = undefined;
  }

  /** A message of a report failed; `code` is its own. */
  note(message: FailedMessage, code: number, sender: Sender): void {
    const { partition } = message;
    let same = this.#counted.find((one) => one.partition === partition && one.error.code === code);
    if (!same) {
      const { topic } = message;
      same = { topic, partition, error: this.#cause(code), count: 0, unflushed: this.unflushed };
      this.#counted.push(same);
    }
    same.count++;
    this.#observer.messageFailed(message, same.error, sender);
  }

  /** The report is read. */
  reported(): void {
    for (const failure of this.#counted) this.#observer.deliveryFailed(failure);
    this.#counted = [];
  }

  /** The producer ended before it was said what became of `count` messages: one entry stands for all. */
  unreported(count: number, sender: Sender): void {
    const { unflushed } = this;
    const error = this.#error(
      ERR__TIMED_OUT,
      `no delivery report for ${count} messages; may have been delivered`,
    );
    this.#observer.messageFailed(UNKNOWN, error, sender);
    const { topic, partition } = UNKNOWN;
    this.#observer.deliveryFailed({ topic, partition, error, count, unflushed });
  }

  /** That a message was given up is no reason: it is told why nobody took it. */
  #cause(code: number): KafkaError {
    const { message } = kafkaError(this.#library, code);
    switch (code) {
      case ERR__PURGE_QUEUE:
        return this.#error(code, "given up");
      case ERR__PURGE_INFLIGHT:
        return this.#error(code, "given up, but sent already; may have been delivered");
      case ERR__MSG_TIMED_OUT:
      case ERR__FATAL:
        return this.#error(code, message);
      default:
        return kafkaError(this.#library, code);
    }
  }

  #error(code: number, what: string): KafkaError {
    const why = this.#lastError;
    return kafkaError(this.#library, code, { message: why ? `${what}: ${why.message}` : what });
  }
}
