/**
 * How the end of a consumer is logged: it has left its group only when Kafka has said so.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { KafkaClient } from "../client/kafka_client.ts";
import type { KafkaError } from "../client/error.ts";
import type { Member } from "./group_log.ts";

/** What librdkafka logs a refused LeaveGroup under (with our fix), and requests that are not answered in time. */
const [REFUSED, TIMED_OUT] = ["LEAVEGROUP", "REQTMOUT"];
/** Kafka has removed it before. */
const NO_MEMBER = "Unknown member";

const logger = getLogger(["rafka", "consumer"]);

/** How a consumer of a group ended. */
export interface Departure {
  /** As it is called in the log. */
  readonly consumer: string;
  /** What is usual is not worth a line. */
  readonly quiet: boolean;
  /** Why it has not left its group; undefined when it has. */
  readonly failure: string | undefined;
  /** How long it took. */
  readonly durationMs: number;
  /** How long Kafka waits for a member that has not left. */
  readonly sessionTimeoutMs: number;
}

/** Why Kafka does not know that a consumer has left, if this line of librdkafka's log says so. */
export function leaveFailure(facility: string, line: string): string | undefined {
  if (facility === TIMED_OUT) {
    return line.includes("LeaveGroupRequest") ? "Kafka did not answer in time" : undefined;
  }
  if (facility !== REFUSED || line.includes(NO_MEMBER)) return undefined;
  return line.slice(line.lastIndexOf(": ") + 2);
}

/** Says how a consumer that had joined its group has ended. */
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

/** Kafka has not let it join: there is nothing that could be lost, nor anything that waits for it. */
export function logNeverJoined({ consumer, quiet }: Member, { message }: KafkaError): void {
  logger[quiet ? "debug" : "info"]("Consumer {consumer} ends, it never joined its group: {error}", {
    consumer,
    error: message,
  });
}

/** Something on the way was refused. */
export function warnNotGraceful({ name }: KafkaClient, error: unknown): void {
  logger.warn("Consumer {consumer} is not closed gracefully: {error}", {
    consumer: `${name.groupId}:${name.clientId}`,
    error: (error as Error).message,
  });
}
