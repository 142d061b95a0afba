/**
 * What a client is answered when its consumer, or the one that it shares, fails.
 *
 * @module
 */

import { KafkaError } from "../../kafka/client/error.ts";
import { CommandError } from "../core/command_error.ts";

/**
 * Polls.
 *
 * @throws {CommandError} CONS for a failure of Kafka
 */
export function answeringPollErrors<T>(poll: () => T): T {
  try {
    return poll();
  } catch (cause) {
    throw pollError(cause);
  }
}

/** The error for a failure of Kafka; any other as it is. */
export function pollError(cause: unknown): unknown {
  if (!(cause instanceof KafkaError)) return cause;
  return new CommandError("CONS", `Poll ${cause.message}`, { cause });
}
