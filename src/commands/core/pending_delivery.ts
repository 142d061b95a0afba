/**
 * A reply that says that Kafka has a message, between the moment when librdkafka has it and its delivery report.
 *
 * @module
 */

import { type Deadlines, endWait, type Waiting } from "../../async/deadlines.ts";
import type { KafkaError } from "../../kafka/client/error.ts";
import type { DeliveredMessage, DeliveryListener } from "../../kafka/producer/report_requests.ts";
import type { Reply } from "../../resp/reply.ts";
import { CommandError } from "./command_error.ts";
import { LaterReply } from "./later_reply.ts";

/** The reply for a delivered message, or why there is none. */
export abstract class PendingDelivery extends LaterReply implements DeliveryListener, Waiting {
  previousWait: Waiting | undefined = undefined;
  nextWait: Waiting | undefined = undefined;
  waitTick = 0;

  /** librdkafka has the message. */
  begin(deadlines: Deadlines): this {
    deadlines.begin(this);
    return this;
  }

  /**
   * The reply.
   *
   * @throws {CommandError} when it cannot be given for a message that is stored
   */
  protected abstract replyFor(message: DeliveredMessage): Reply;

  /** What else the client has to know of a failure. */
  protected get rest(): string {
    return "";
  }

  delivered(message: DeliveredMessage): void {
    endWait(this);
    let reply: Reply;
    try {
      reply = this.replyFor(message);
    } catch (error) {
      return this.fail(error);
    }
    this.answer(reply);
  }

  failed(error: KafkaError, possiblyPersisted: boolean): void {
    endWait(this);
    this.fail(undelivered(error, possiblyPersisted, this.rest));
  }

  expired(): void {
    this.fail(notAcknowledged());
  }
}

/**
 * The error for a message that was refused or given up.
 *
 * @param rest what else the client has to know
 */
export function undelivered(
  { message }: KafkaError,
  possiblyPersisted: boolean,
  rest: string = "",
): CommandError {
  const why = possiblyPersisted ? `${message}; it may be stored all the same` : message;
  return new CommandError("PROD", why + rest);
}

/** The error for a message that takes too long. */
export function notAcknowledged(): CommandError {
  return new CommandError(
    "PROD",
    "Kafka has not acknowledged the message within server.streams.addTimeoutMs; it may still be stored",
  );
}
