/**
 * The reply of XADD, between the moment when librdkafka has the message and its delivery report.
 *
 * @module
 */

import type { Deadlines, Expiring, Wait } from "../../async/deadlines.ts";
import { MAX_PARTITIONS, recordIdText } from "../../streams/stream_id.ts";
import type { KafkaError } from "../../kafka/client/error.ts";
import type { DeliveredMessage, DeliveryListener } from "../../kafka/producer/report_requests.ts";
import { bulk } from "../../resp/reply.ts";
import { CommandError } from "../core/command_error.ts";
import { LaterReply } from "../core/later_reply.ts";

/** The id of an entry, or why there is none. */
export class PendingAdd extends LaterReply implements DeliveryListener, Expiring {
  /** Of the message, milliseconds since 1970. */
  readonly timestampMs: number;
  #wait: Wait | undefined;

  /** The reply for a message that librdkafka does not have yet. */
  constructor(timestampMs: number) {
    super();
    this.timestampMs = timestampMs;
  }

  /** librdkafka has the message. */
  begin(deadlines: Deadlines): this {
    this.#wait = deadlines.begin(this);
    return this;
  }

  delivered({ partition, offset, timestampMs, timestampType }: DeliveredMessage): void {
    this.#wait?.end();
    if (offset === undefined) {
      return this.#failedWith(
        "the message is stored, but Kafka has not said its offset, of which the ID is made",
      );
    }
    if (partition >= MAX_PARTITIONS) {
      return this.#failedWith(
        `the message is stored in partition ${partition}, and IDs have room for ${MAX_PARTITIONS} partitions only`,
      );
    }
    const isBrokers = timestampType === "LogAppendTime" && timestampMs !== undefined;
    this.answer(bulk(recordIdText(isBrokers ? timestampMs : this.timestampMs, partition, offset)));
  }

  failed({ message }: KafkaError, possiblyPersisted: boolean): void {
    this.#wait?.end();
    this.#failedWith(possiblyPersisted ? `${message}; it may be stored all the same` : message);
  }

  expired(): void {
    this.#failedWith(
      "Kafka has not acknowledged the message within server.streams.addTimeoutMs; it may still be stored",
    );
  }

  #failedWith(why: string): void {
    this.fail(new CommandError("PROD", why));
  }
}
