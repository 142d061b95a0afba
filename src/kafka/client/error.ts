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
  ERR_NO_ERROR,
} from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { fromCString } from "../../ffi/memory.ts";

/** An error of librdkafka or of a broker. */
export class KafkaError extends Error {
  /** Shown in stack traces. */
  override name = "KafkaError";
  /** `rd_kafka_resp_err_t` */
  readonly code: number;
  /** The name of the code, e.g. "_TRANSPORT" or "MSG_SIZE_TOO_LARGE". */
  readonly codeName: string;
  /** The client that raised it can't be used any more. */
  readonly fatal: boolean;

  /** An error with librdkafka's text, code and name. */
  constructor(
    message: string,
    code: number,
    codeName: string,
    options: { fatal?: boolean; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.codeName = codeName;
    this.fatal = options.fatal ?? false;
  }

  /** librdkafka goes on by itself; nobody has to do anything but wait. */
  get transient(): boolean {
    return this.code === ERR__TRANSPORT || this.code === ERR__ALL_BROKERS_DOWN ||
      this.code === ERR__RESOLVE;
  }
}

/** The error for `code`, with librdkafka's text unless there is a better `message`. */
export function kafkaError(
  library: Library,
  code: number,
  options: { message?: string; fatal?: boolean } = {},
): KafkaError {
  const { symbols } = library;
  const message = options.message || fromCString(symbols.rd_kafka_err2str(code));
  const fatal = options.fatal ?? false;
  return new KafkaError(message, code, fromCString(symbols.rd_kafka_err2name(code)), { fatal });
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
 * Takes an `rd_kafka_error_t *`, destroys it. Does nothing for NULL, which is success.
 *
 * @throws {KafkaError} for an error
 */
export function checkErrorObject(library: Library, error: Deno.PointerValue): void {
  if (error === null) return;
  const { symbols } = library;
  const code = symbols.rd_kafka_error_code(error);
  const message = fromCString(symbols.rd_kafka_error_string(error));
  symbols.rd_kafka_error_destroy(error);
  throw kafkaError(library, code, { message });
}
