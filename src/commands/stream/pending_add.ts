/**
 * The reply of XADD, between the moment when librdkafka has the message and its delivery report.
 *
 * @module
 */

import type { DeliveredMessage } from "../../kafka/producer/report_requests.ts";
import { bulk, type Reply } from "../../resp/reply.ts";
import { MAX_PARTITIONS, recordIdText } from "../../streams/stream_id.ts";
import { CommandError } from "../core/command_error.ts";
import { PendingDelivery } from "../core/pending_delivery.ts";

/** The id of an entry, or why there is none. */
export class PendingAdd extends PendingDelivery {
  /** Of the message, milliseconds since 1970. */
  readonly timestampMs: number;

  /** The reply for a message that librdkafka does not have yet. */
  constructor(timestampMs: number) {
    super();
    this.timestampMs = timestampMs;
  }

  /** The ID. */
  protected replyFor(message: DeliveredMessage): Reply {
    return addReply(message, this.timestampMs);
  }
}

/**
 * The ID of the entry that a message is.
 *
 * @param sentMs its timestamp, unless the broker has given it one
 * @throws {CommandError} PROD when there is none for a message that is stored
 */
export function addReply(
  { partition, offset, timestampMs, timestampType }: DeliveredMessage,
  sentMs: number,
): Reply {
  if (offset === undefined) {
    throw new CommandError(
      "PROD",
      "the message is stored, but Kafka has not said its offset, of which the ID is made",
    );
  }
  if (partition >= MAX_PARTITIONS) {
    throw new CommandError(
      "PROD",
      `the message is stored in partition ${partition}, and IDs have room for ${MAX_PARTITIONS} partitions only`,
    );
  }
  const isBrokers = timestampType === "LogAppendTime" && timestampMs !== undefined;
  return bulk(recordIdText(isBrokers ? timestampMs : sentMs, partition, offset));
}
