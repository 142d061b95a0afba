/**
 * Why messages of a producer were not delivered: reports each to the observer, then all of one report together.
 *
 * @module
 */

import {
  ERR__ALL_BROKERS_DOWN,
  ERR__FATAL,
  ERR__MSG_TIMED_OUT,
  ERR__PURGE_INFLIGHT,
  ERR__PURGE_QUEUE,
  ERR__TIMED_OUT,
  ERR_MSG_SIZE_TOO_LARGE,
} from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { type KafkaError, kafkaError } from "../client/error.ts";
import type { DeliveryFailure, FailedMessage, KafkaObserver, Sender } from "../client/observer.ts";

/** What is known of a message without a delivery report. */
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
  readonly #library: Library;
  readonly #observer: KafkaObserver;
  /** Most recent error since a message was last delivered. */
  #lastError: KafkaError | undefined;
  /** Set when outstanding messages are given up before their timeout. */
  #givenUpBecause: string | undefined;
  /** Failures of the current report. */
  #counted: (DeliveryFailure & { count: number; readonly sent: boolean })[] = [];

  /** Reports to `observer`. */
  constructor(library: Library, observer: KafkaObserver) {
    this.#library = library;
    this.#observer = observer;
  }

  /** Why messages wait, as far as is known. */
  get trouble(): string | undefined {
    return this.#lastError?.message;
  }

  /** Takes note of an error of the producer: it may be why messages wait. */
  onError(error: KafkaError): void {
    if (error.code === ERR__ALL_BROKERS_DOWN && this.#lastError) return; // which is more precise
    this.#lastError = error;
  }

  /** Forgets the last error: a message was delivered. */
  delivered(): void {
    this.#lastError = undefined;
  }

  /** Messages that fail from now on are given up by Rafka, for this reason if there is one. */
  giveUp(why: string | undefined): void {
    this.#givenUpBecause = why;
  }

  /** Reports a failed message; `code` is its own. The error that the observer gets. */
  note(message: FailedMessage, code: number, sender: Sender): KafkaError {
    const { partition, possiblyPersisted: sent } = message;
    let same = this.#counted.find((one) =>
      one.partition === partition && one.error.code === code && one.sent === sent
    );
    if (!same) {
      const { topic } = message;
      const error = this.#cause(code, message);
      same = { topic, partition, error, count: 0, unflushed: this.#unflushed, sent };
      this.#counted.push(same);
    }
    same.count++;
    this.#observer.messageFailed(message, same.error, sender);
    return same.error;
  }

  /** Reports the failures of the current report together. */
  reported(): void {
    for (const failure of this.#counted) this.#observer.deliveryFailed(failure);
    this.#counted = [];
  }

  /** Reports `count` messages whose producer ended before their delivery report: one entry stands for all. */
  unreported(count: number, sender: Sender): void {
    const error = this.#error(
      ERR__TIMED_OUT,
      `no delivery report for ${count} messages; may have been delivered`,
    );
    this.#observer.messageFailed(UNKNOWN, error, sender);
    const { topic, partition } = UNKNOWN;
    this.#observer.deliveryFailed({ topic, partition, error, count, unflushed: this.#unflushed });
  }

  /** Why a message has failed whose producer ended before its report. */
  get noReport(): KafkaError {
    return this.#error(ERR__TIMED_OUT, "no delivery report; may have been delivered");
  }

  get #unflushed(): boolean {
    return this.#givenUpBecause !== undefined;
  }

  /** Giving up is not a reason: the error says why the message could not be delivered until then. */
  #cause(code: number, { partition, possiblyPersisted }: FailedMessage): KafkaError {
    const { message } = kafkaError(this.#library, code);
    const givenUp = `given up${this.#unflushed ? ` (${this.#givenUpBecause})` : ""}`;
    switch (code) {
      case ERR__PURGE_QUEUE:
        return partition < 0 ? this.#unknownTopic(code, givenUp) : this.#error(code, givenUp);
      case ERR__PURGE_INFLIGHT:
        // librdkafka's own doing (tasks/native/expiry.c), where Rafka has not given it up
        return this.#error(
          code,
          this.#unflushed
            ? `${givenUp}, but sent already; may have been delivered`
            : "not sent again, since Kafka has refused another message of its producer for good; may have been delivered",
        );
      case ERR_MSG_SIZE_TOO_LARGE:
        return kafkaError(this.#library, code, {
          message:
            `${message}: the topic's max.message.bytes, or the broker's message.max.bytes, is less`,
        });
      case ERR__MSG_TIMED_OUT:
        return this.#error(code, this.#lastError ? message : timedOut(message, possiblyPersisted));
      case ERR__FATAL:
        return this.#error(code, message);
      default:
        return kafkaError(this.#library, code);
    }
  }

  /** Without partitions, a topic may be new, or may not exist. */
  #unknownTopic(code: number, givenUp: string): KafkaError {
    if (this.#lastError) return this.#error(code, givenUp);
    const message = `${givenUp}: Kafka has not named the topic's partitions, it may not exist`;
    return kafkaError(this.#library, code, { message });
  }

  #error(code: number, what: string): KafkaError {
    const why = this.#lastError;
    return kafkaError(this.#library, code, { message: why ? `${what}: ${why.message}` : what });
  }
}

/** A broker that hangs says nothing: what is known is how far the message has come. */
function timedOut(message: string, sent: boolean): string {
  return `${message}: ${
    sent ? "it was sent, and the broker has not answered" : "its broker took no more messages"
  }`;
}
