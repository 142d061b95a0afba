/**
 * @module
 * What goes wrong with a consumer: which of it is logged, and which its worker has to hear in the next poll.
 */

import { getLogger } from "@logtape/logtape";
import {
  ERR__AUTHENTICATION,
  ERR__FATAL,
  ERR__PARTITION_EOF,
  ERR__SSL,
  ERR_UNKNOWN_TOPIC_OR_PART,
} from "../ffi/constants.ts";
import type { KafkaError } from "./error.ts";
import { explainJoin } from "./join_error.ts";

const logger = getLogger(["rafka", "consumer"]);

/** The errors of one consumer. */
export class ConsumerErrors {
  readonly #groupId: string;
  readonly #consumer: string;
  readonly #missingTopics = new Set<string>();
  /** Errors that came with messages, or many at once: each is thrown once. */
  readonly #pollErrors: KafkaError[] = [];
  #failure: KafkaError | undefined;
  /** It never gets a message again. */
  #fatal: KafkaError | undefined;

  /** None yet; `consumer` is how it is called in the log. */
  constructor(groupId: string, consumer: string) {
    this.#groupId = groupId;
    this.#consumer = consumer;
  }

  /** An error among its messages, or of its group. */
  onPollError(error: KafkaError): void {
    if (error.code === ERR__PARTITION_EOF) return;
    if (error.code === ERR_UNKNOWN_TOPIC_OR_PART) {
      this.#logMissingTopic(error.message);
    } else if (error.fatal || error.code === ERR__FATAL) {
      this.#fatal = error;
    } else if (error.transient) {
      logger.warn("Consumer {consumer}: {error}", {
        consumer: this.#consumer,
        error: error.message,
      });
    } else {
      this.#pollErrors.push(explainJoin(error, this.#groupId));
    }
  }

  /** An error of the client as a whole; whether its worker has to hear of it. */
  onClientError(error: KafkaError): boolean {
    if (error.fatal) this.#fatal = error;
    else if (error.code !== ERR__AUTHENTICATION && error.code !== ERR__SSL) return false; // waiting helps
    else this.#failure = error;
    return true;
  }

  /**
   * Says what has to be said: once, but for what is fatal.
   *
   * @throws {KafkaError}
   */
  throwNext(): void {
    if (this.#fatal) throw this.#fatal;
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure;
    const error = this.#pollErrors.shift();
    if (error) throw error;
  }

  /** Once a topic: librdkafka says it again with each refresh of the metadata. */
  #logMissingTopic(message: string): void {
    if (this.#missingTopics.has(message)) return;
    this.#missingTopics.add(message);
    logger.warn("Consumer {consumer} waits: {error}", {
      consumer: this.#consumer,
      error: message,
    });
  }
}
