/**
 * Why a broker cannot be connected to: librdkafka's text, and the settings to look at. They are named only as long as
 * the cluster was never reached; afterwards it is the cluster that has changed.
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
import { type KafkaError, kafkaError } from "./error.ts";

const ADVICE: Readonly<Record<number, string>> = {
  [ERR__AUTHENTICATION]: "check sasl.username, sasl.password and sasl.mechanisms",
  [ERR__SSL]: "check ssl.ca.location, ssl.certificate.location, ssl.key.location, and that the " +
    "certificate of the broker is for the host that bootstrap.servers names",
  [ERR__RESOLVE]: "check bootstrap.servers",
  [ERR__TRANSPORT]: "check bootstrap.servers, security.protocol and ssl.*",
};

/**
 * The error, with what to look at.
 *
 * @param principal whose login it is about, if that is not the gateway's own
 */
export function withAdvice(error: KafkaError, principal?: string): KafkaError {
  const advice = ADVICE[error.code];
  if (advice === undefined) return error;
  const where = principal === undefined ? "" : ` in server.userKafka.${principal}`;
  return error.withMessage(`${error.message}; ${advice}${where}`, { cause: error });
}

/** The error for a failure that librdkafka only logs: `message` is `<broker>: <reason>`. */
export function brokerFailure(library: Library, message: string): KafkaError {
  return kafkaError(library, ERR__TRANSPORT, { message });
}
