/**
 * Why a broker cannot be connected to: librdkafka's words, and the settings to look at. They name settings that may
 * be wrong only as long as the cluster was never reached; afterwards it is the cluster that has changed.
 *
 * @module
 */

import {
  ERR__AUTHENTICATION,
  ERR__RESOLVE,
  ERR__SSL,
  ERR__TRANSPORT,
} from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { KafkaError, kafkaError } from "./error.ts";

/** What librdkafka logs the failures of brokers under. */
export const FAILURE_FACILITY = "FAIL";

const ADVICE: Readonly<Record<number, string>> = {
  [ERR__AUTHENTICATION]: "check sasl.username, sasl.password and sasl.mechanisms",
  [ERR__SSL]: "check ssl.ca.location, ssl.certificate.location, ssl.key.location, and that the " +
    "certificate of the broker is for the host that bootstrap.servers names",
  [ERR__RESOLVE]: "check bootstrap.servers",
  [ERR__TRANSPORT]: "check bootstrap.servers, security.protocol and ssl.*",
};

/** The error, with what to look at. */
export function withAdvice(error: KafkaError): KafkaError {
  const advice = ADVICE[error.code];
  if (advice === undefined) return error;
  const { code, codeName, fatal } = error;
  return new KafkaError(`${error.message}; ${advice}`, code, codeName, { fatal, cause: error });
}

/** A failure that librdkafka has only logged, `[thrd:<name>]: <broker>: <words>`. */
export function brokerFailure(library: Library, line: string): KafkaError {
  const message = line.slice(line.indexOf("]: ") + "]: ".length);
  return withAdvice(kafkaError(library, ERR__TRANSPORT, { message }));
}
