/**
 * The one error class of the Kafka layer. Codes, names and texts are librdkafka's own
 * (rd_kafka_resp_err_t in rdkafka.h): negative codes come from the library, positive ones from a broker.
 *
 * @module
 */

import {
  ERR__ALL_BROKERS_DOWN,
  ERR__RESOLVE,
  ERR__TRANSPORT,
  ERR__UNKNOWN_PARTITION,
  ERR__UNKNOWN_TOPIC,
  ERR_NO_ERROR,
  ERR_UNKNOWN_TOPIC_ID,
  ERR_UNKNOWN_TOPIC_OR_PART,
} from "../../ffi/constants.ts";
import type { ClientKind } from "../../ffi/handles.ts";
import type { Library } from "../../ffi/library.ts";
import { fromCString } from "../../ffi/memory.ts";

/** What is known of an error beside its code. */
export interface KafkaErrorOptions {
  /** The client that raised it can't be used any more. */
  readonly fatal?: boolean;
  /** The same call may succeed later; undefined where librdkafka does not say. */
  readonly retriable?: boolean | undefined;
  /** The transaction must be aborted; undefined where librdkafka does not say. */
  readonly txnRequiresAbort?: boolean | undefined;
  /** The error behind it. */
  readonly cause?: unknown;
}

/** An error of librdkafka or of a broker. */
export class KafkaError extends Error {
  /** Name of the class, for stack traces. */
  override name = "KafkaError";
  /** `rd_kafka_resp_err_t` */
  readonly code: number;
  /** Name of the code, e.g. "_TRANSPORT" or "MSG_SIZE_TOO_LARGE". */
  readonly codeName: string;
  /** The client that raised it can't be used any more. */
  readonly fatal: boolean;
  /**
   * The same call may succeed later. Only an `rd_kafka_error_t` says so: of a plain `rd_kafka_resp_err_t`, as in a
   * delivery report, librdkafka has no public table, and this is undefined.
   */
  readonly retriable: boolean | undefined;
  /** The transaction must be aborted; undefined as for `retriable`. */
  readonly txnRequiresAbort: boolean | undefined;

  /** An error with librdkafka's text, code and name. */
  constructor(message: string, code: number, codeName: string, options: KafkaErrorOptions = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.codeName = codeName;
    this.fatal = options.fatal ?? false;
    this.retriable = options.retriable;
    this.txnRequiresAbort = options.txnRequiresAbort;
  }

  /** librdkafka recovers from it by itself. */
  get transient(): boolean {
    return this.code === ERR__TRANSPORT || this.code === ERR__ALL_BROKERS_DOWN ||
      this.code === ERR__RESOLVE;
  }

  /** There is no such topic, or partition. */
  get isUnknownTopic(): boolean {
    return this.code === ERR_UNKNOWN_TOPIC_OR_PART || this.code === ERR__UNKNOWN_TOPIC ||
      this.code === ERR__UNKNOWN_PARTITION;
  }

  /** The topic was deleted and created again: what was known of its messages is about others. */
  get isRecreatedTopic(): boolean {
    return this.code === ERR_UNKNOWN_TOPIC_ID;
  }

  /** The same error with another text. */
  withMessage(message: string, options: { readonly cause?: unknown } = {}): KafkaError {
    return new KafkaError(message, this.code, this.codeName, { ...this, ...options });
  }
}

/** librdkafka makes no client of these settings. */
export class ClientRefusal extends KafkaError {
  /** Why, without what was to be made. */
  readonly reason: string;
  /** The reason is Rafka's, and names the settings; else it is librdkafka's text. */
  readonly isExplained: boolean;

  /** A refusal with the code of `error`. */
  constructor(
    { code, codeName }: KafkaError,
    { kind, reason, isExplained }: {
      readonly kind: ClientKind;
      readonly reason: string;
      readonly isExplained: boolean;
    },
  ) {
    super(`Cannot make a ${kind}: ${reason}`, code, codeName);
    this.reason = reason;
    this.isExplained = isExplained;
  }
}

/** The error for `code`, with librdkafka's text unless there is a better `message`. */
export function kafkaError(
  library: Library,
  code: number,
  options: KafkaErrorOptions & { readonly message?: string } = {},
): KafkaError {
  const { symbols } = library;
  const message = options.message || fromCString(symbols.rd_kafka_err2str(code));
  return new KafkaError(message, code, fromCString(symbols.rd_kafka_err2name(code)), options);
}

/**
 * Does nothing when `code` is success.
 *
 * @throws {KafkaError} for any other code
 */
export function check(library: Library, code: number): void {
  if (code !== ERR_NO_ERROR) throw kafkaError(library, code);
}

/**
 * Throws what an `rd_kafka_error_t *` says, and destroys it. Does nothing for NULL, which is success.
 *
 * @throws {KafkaError} for an error
 */
export function checkErrorObject(library: Library, error: Deno.PointerValue): void {
  if (error !== null) throw takeErrorObject(library, error);
}

/** Reads an `rd_kafka_error_t *`, and destroys it. */
export function takeErrorObject(library: Library, error: Deno.PointerValue): KafkaError {
  try {
    return readErrorObject(library, error);
  } finally {
    library.symbols.rd_kafka_error_destroy(error);
  }
}

/** Reads an `rd_kafka_error_t *` that something else owns. */
export function readErrorObject(library: Library, error: Deno.PointerValue): KafkaError {
  const { symbols } = library;
  return kafkaError(library, symbols.rd_kafka_error_code(error), {
    message: fromCString(symbols.rd_kafka_error_string(error)),
    fatal: symbols.rd_kafka_error_is_fatal(error) !== 0,
    retriable: symbols.rd_kafka_error_is_retriable(error) !== 0,
    txnRequiresAbort: symbols.rd_kafka_error_txn_requires_abort(error) !== 0,
  });
}

/** The error for what was found out about a topic that was deleted and created again since. */
export function recreatedTopic(topic: string): KafkaError {
  const message = `Topic ${topic} was deleted and created again`;
  return new KafkaError(message, ERR_UNKNOWN_TOPIC_ID, "UNKNOWN_TOPIC_ID");
}
