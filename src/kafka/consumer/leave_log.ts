/**
 * Log lines about the end of a consumer. It has left its group only when Kafka has confirmed it.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { KafkaClient } from "../client/kafka_client.ts";
import type { KafkaError } from "../client/error.ts";
import type { Member } from "./group_log.ts";
import { formatName } from "../client/observer.ts";

const logger = getLogger(["rafka", "consumer"]);

/** The end of a consumer of a group. */
export interface Departure {
  /** Its name in the log. */
  readonly consumer: string;
  /** Usual events are logged for debugging only. */
  readonly quiet: boolean;
  /** Why it could not leave its group; undefined when it has left. */
  readonly failure: string | undefined;
  /** Duration of the end. */
  readonly durationMs: number;
  /** How long Kafka waits for a member that has not left. */
  readonly sessionTimeoutMs: number;
}

/** Logs the end of a consumer that had joined its group. */
export function logDeparture(departure: Departure): void {
  if (departure.failure === undefined) {
    const template = "Consumer {consumer} left its group in {durationMs} ms";
    logger[departure.quiet ? "debug" : "info"](template, { ...departure });
  } else {
    logger.error(
      "Consumer {consumer} could not leave its group in {durationMs} ms, {failure}: the group waits for it until " +
        "session.timeout.ms ({sessionTimeoutMs}) is over; acks since the last commit may be lost, their messages " +
        "will be handed out again",
      { ...departure },
    );
  }
}

/** Logs the end of a consumer that never joined: no ack is lost, and no group waits for it. */
export function logNeverJoined({ consumer, quiet }: Member, { message }: KafkaError): void {
  logger[quiet ? "debug" : "info"]("Consumer {consumer} ends, it never joined its group: {error}", {
    consumer,
    error: message,
  });
}

/** Logs an error on the way out of the group. */
export function warnNotGraceful({ name }: KafkaClient, error: unknown): void {
  logger.warn("Consumer {consumer} is not closed gracefully: {error}", {
    consumer: formatName(name),
    error: (error as Error).message,
  });
}
