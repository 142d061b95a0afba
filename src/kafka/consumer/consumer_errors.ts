/**
 * What goes wrong with a consumer: which of it is logged, and which its worker has to hear in the next poll, or in each.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import {
  ERR__AUTHENTICATION,
  ERR__FATAL,
  ERR__PARTITION_EOF,
  ERR__SSL,
  ERR_UNKNOWN_TOPIC_OR_PART,
} from "../../ffi/constants.ts";
import { explainError } from "./consume_error.ts";
import type { KafkaError } from "../client/error.ts";
import type { LateTopics } from "./late_topics.ts";
import type { Refusals } from "./refusals.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";

/** A login that is refused is tried again, at the latest after `reconnect.backoff.max.ms`, 10 s unless configured. */
const LOGIN_REFUSED_MS = 15_000;
/** More topics than these are counted, not named. */
const MAX_LOGGED_TOPICS = 5;

const logger = getLogger(["rafka", "consumer"]);

/** The errors of one consumer. */
export class ConsumerErrors {
  readonly #groupId: string;
  readonly #consumer: string;
  readonly #refusals: Refusals;
  readonly #lateTopics: LateTopics;
  readonly #missingTopics = new Set<string>();
  /** Those of them that the log does not say yet. */
  readonly #unlogged: string[] = [];
  /** Errors that came with messages, or many at once: each is thrown once. */
  readonly #pollErrors: KafkaError[] = [];
  #loginRefusal: { readonly error: KafkaError; readonly atMs: number } | undefined;
  /** It never gets a message again. */
  #fatal: KafkaError | undefined;

  /** None yet. */
  constructor(
    { groupId, clientId }: { readonly groupId: string; readonly clientId: string },
    refusals: Refusals,
    lateTopics: LateTopics,
  ) {
    this.#groupId = groupId;
    this.#consumer = `${groupId}:${clientId}`;
    this.#refusals = refusals;
    this.#lateTopics = lateTopics;
  }

  /** Why it never gets a message again, if it is so. */
  get fatal(): KafkaError | undefined {
    return this.#fatal;
  }

  /** An error in the place of a message of a partition, or one of its group. */
  onPollError(error: KafkaError, place?: TopicPartition): void {
    if (error.code === ERR__PARTITION_EOF) return;
    if (error.code === ERR_UNKNOWN_TOPIC_OR_PART) {
      this.#missingTopic(error.message);
      this.#lateTopics.missing(error.message);
    } else if (error.fatal || error.code === ERR__FATAL) {
      this.#fatal = error;
    } else if (error.transient) {
      logger.warn("Consumer {consumer}: {error}", {
        consumer: this.#consumer,
        error: error.message,
      });
    } else {
      const explained = explainError(error, this.#groupId, place);
      if (!this.#refusals.begin(explained, place)) this.#pollErrors.push(explained);
    }
  }

  /** An error of the client as a whole; whether its worker has to hear of it. */
  onClientError(error: KafkaError): boolean {
    if (error.fatal) this.#fatal = error;
    else if (error.code !== ERR__AUTHENTICATION && error.code !== ERR__SSL) return false; // waiting helps
    else this.#loginRefusal = { error, atMs: performance.now() };
    return true;
  }

  /**
   * Says what has to be said before any message.
   *
   * @throws {KafkaError} once each, but for what is fatal
   */
  throwNext(): void {
    this.#logMissingTopics();
    if (this.#fatal) throw this.#fatal;
    const error = this.#pollErrors.shift();
    if (error) throw error;
  }

  /**
   * Says why there is no message.
   *
   * @throws {KafkaError} each time, as long as it is so
   */
  throwReason(): void {
    this.throwNext();
    const { error, atMs } = this.#loginRefusal ?? {};
    if (error && performance.now() - atMs! < LOGIN_REFUSED_MS) throw error;
    this.#refusals.throwOne();
  }

  /** Something has come from Kafka. */
  received(messages: readonly TopicPartition[]): void {
    this.#loginRefusal = undefined;
    this.#refusals.received(messages);
  }

  /** Once a topic: librdkafka says it again with each refresh of the metadata. */
  #missingTopic(message: string): void {
    if (this.#missingTopics.has(message)) return;
    this.#missingTopics.add(message);
    this.#unlogged.push(message);
  }

  /** One line for all topics that were found missing together: a BLPOP may name a thousand. */
  #logMissingTopics(): void {
    const missing = this.#unlogged.splice(0);
    if (missing.length === 0) return;
    const named = missing.slice(0, MAX_LOGGED_TOPICS).join("; ");
    const more = missing.length - MAX_LOGGED_TOPICS;
    logger.warn("Consumer {consumer} waits: {error}", {
      consumer: this.#consumer,
      error: more > 0 ? `${named}; and ${more} more topics` : named,
    });
  }
}
