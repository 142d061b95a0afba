/**
 * Errors of a consumer: which are logged, and which its worker gets with the next poll, or with each.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import {
  ERR__AUTHENTICATION,
  ERR__AUTO_OFFSET_RESET,
  ERR__FATAL,
  ERR__PARTITION_EOF,
  ERR__SSL,
  ERR_INCONSISTENT_GROUP_PROTOCOL,
  ERR_UNKNOWN_TOPIC_OR_PART,
} from "../../ffi/constants.ts";
import type { KafkaError } from "../client/error.ts";
import type { LateTopics } from "./late_topics.ts";
import type { Refusals } from "./refusals.ts";
import type { TopicPartition } from "../client/topic_partitions.ts";
import { type ClientName, formatName } from "../client/observer.ts";

/** A refused login is repeated, at the latest after `reconnect.backoff.max.ms`, 10 s by default. */
const LOGIN_REFUSED_MS = 15_000;
/** More topics than these are counted, not named. */
const MAX_LOGGED_TOPICS = 5;

const logger = getLogger(["rafka", "consumer"]);

/** The errors of one consumer. */
export class ConsumerErrors {
  readonly #groupId: string;
  readonly #consumer: string;
  readonly #quiet: boolean;
  readonly #refusals: Refusals;
  readonly #lateTopics: LateTopics;
  readonly #missingTopics = new Set<string>();
  /** Those of them that are not logged yet. */
  readonly #unlogged: string[] = [];
  /** Errors beside messages, or many together: each is thrown once. */
  readonly #pollErrors: KafkaError[] = [];
  #loginRefusal: { readonly error: KafkaError; readonly atMs: number } | undefined;
  /** The consumer never gets a message again. */
  #fatal: KafkaError | undefined;

  /** For one consumer, whose group its errors name; a `quiet` one has just been logged under its name. */
  constructor(
    { quiet = false, ...name }: ClientName & {
      readonly groupId: string;
      readonly quiet?: boolean;
    },
    refusals: Refusals,
    lateTopics: LateTopics,
  ) {
    this.#groupId = name.groupId;
    this.#consumer = formatName(name);
    this.#quiet = quiet;
    this.#refusals = refusals;
    this.#lateTopics = lateTopics;
  }

  /** Why the consumer never gets a message again; undefined while it may. */
  get fatal(): KafkaError | undefined {
    return this.#fatal;
  }

  /** Whether there may be an error to throw, be it about one topic. */
  concern(topic?: string): boolean {
    return this.#fatal !== undefined || this.#pollErrors.length > 0 ||
      this.#currentLoginRefusal !== undefined || this.#refusals.concern(topic);
  }

  /** Takes an error of a partition (`place`), or one of the group. */
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

  /** Takes an error of the client as a whole; whether the worker gets it. */
  onClientError(error: KafkaError): boolean {
    if (error.fatal) this.#fatal = error;
    else if (error.code !== ERR__AUTHENTICATION && error.code !== ERR__SSL) return false; // waiting helps
    else this.#loginRefusal = { error, atMs: performance.now() };
    return true;
  }

  /**
   * Throws what takes precedence over messages.
   *
   * @throws {KafkaError} each error once, a fatal one every time
   */
  throwNext(): void {
    this.#logMissingTopics();
    if (this.#fatal) throw this.#fatal;
    const error = this.#pollErrors.shift();
    if (error) throw error;
  }

  /**
   * Throws why there is no message, if there is a reason.
   *
   * @param topic the only topic that is of interest
   * @throws {KafkaError} every time while the reason holds
   */
  throwReason(topic?: string): void {
    this.throwNext();
    const refusal = this.#currentLoginRefusal;
    if (refusal) throw refusal;
    this.#refusals.throwOne(topic);
  }

  /** Forgets errors that the arrival of messages disproves. */
  received(messages: readonly TopicPartition[]): void {
    this.#loginRefusal = undefined;
    this.#refusals.received(messages);
  }

  get #currentLoginRefusal(): KafkaError | undefined {
    const { error, atMs = 0 } = this.#loginRefusal ?? {};
    return performance.now() - atMs < LOGIN_REFUSED_MS ? error : undefined;
  }

  /** Keeps each topic once: librdkafka repeats it with each refresh of the metadata. */
  #missingTopic(message: string): void {
    if (this.#missingTopics.has(message)) return;
    this.#missingTopics.add(message);
    this.#unlogged.push(message);
  }

  /** Logs one line for all topics that were found missing together: a BLPOP may name a thousand. */
  #logMissingTopics(): void {
    const missing = this.#unlogged.splice(0);
    if (missing.length === 0) return;
    const named = missing.slice(0, MAX_LOGGED_TOPICS).join("; ");
    const more = missing.length - MAX_LOGGED_TOPICS;
    logger[this.#quiet ? "debug" : "warn"]("Consumer {consumer} waits: {error}", {
      consumer: this.#consumer,
      error: more > 0 ? `${named}; and ${more} more topics` : named,
    });
  }
}

/** The same error with its partition, and with what to do where Kafka's own text says too little. */
function explainError(
  error: KafkaError,
  groupId: string,
  place?: TopicPartition,
): KafkaError {
  const message = error.message + (place ? ` (${place.topic}[${place.partition}])` : "");
  const advice = adviceFor(error.code, groupId);
  return error.withMessage(advice ? `${message}: ${advice}` : message);
}

function adviceFor(code: number, groupId: string): string | undefined {
  if (code === ERR_INCONSISTENT_GROUP_PROTOCOL) {
    return `the others in group '${groupId}' have another partition.assignment.strategy or group.protocol: ` +
      "configure theirs, or stop them all before this one starts";
  }
  if (code === ERR__AUTO_OFFSET_RESET) {
    return `auto.offset.reset is error: stop the workers of group '${groupId}' and set its offset ` +
      "(RAFKA GROUP SEEK)";
  }
  return undefined;
}
