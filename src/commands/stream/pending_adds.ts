/**
 * The replies of entries that were added together, between the moment when librdkafka has their messages and the last
 * delivery report. One object for all: what each XADD keeps while it waits is copied by the garbage collector.
 *
 * @module
 */

import { type Deadlines, endWait, type Waiting } from "../../async/deadlines.ts";
import type { KafkaError } from "../../kafka/client/error.ts";
import type { DeliveredMessage, DeliveryListener } from "../../kafka/producer/report_requests.ts";
import { pieces, type Reply } from "../../resp/reply.ts";
import { LaterReply } from "../core/later_reply.ts";
import { notAcknowledged, undelivered } from "../core/pending_delivery.ts";
import { addReply } from "./pending_add.ts";

/** The id of each entry, or why there is none, in the order of the requests. */
export class PendingAdds extends LaterReply implements DeliveryListener, Waiting {
  previousWait: Waiting | undefined = undefined;
  nextWait: Waiting | undefined = undefined;
  waitTick = 0;
  /** Of the messages, milliseconds since 1970. */
  readonly #timestampMs: number;
  #replies: (Reply | undefined)[] = [];
  /** Number of entries without a reply. */
  #left = 0;

  /** The replies for messages that librdkafka does not have yet. */
  constructor(timestampMs: number) {
    super();
    this.#timestampMs = timestampMs;
  }

  /** One for each entry. */
  override get replyCount(): number {
    return this.#replies.length;
  }

  /** librdkafka has so many messages. */
  begin(count: number, deadlines: Deadlines): this {
    this.#replies = new Array(count).fill(undefined);
    this.#left = count;
    deadlines.begin(this);
    return this;
  }

  delivered(message: DeliveredMessage, at: number): void {
    if (this.#replies[at]) return; // which said that it took too long
    let reply: Reply;
    try {
      reply = addReply(message, this.#timestampMs);
    } catch (error) {
      reply = this.failureReply(error);
    }
    this.#settle(at, reply);
  }

  failed(error: KafkaError, possiblyPersisted: boolean, at: number): void {
    if (this.#replies[at]) return;
    this.#settle(at, this.failureReply(undelivered(error, possiblyPersisted)));
  }

  expired(): void {
    for (let at = 0; at < this.#replies.length; at++) {
      if (!this.#replies[at]) this.#settle(at, this.failureReply(notAcknowledged()));
    }
  }

  #settle(at: number, reply: Reply): void {
    this.#replies[at] = reply;
    if (--this.#left > 0) return;
    endWait(this);
    this.answer(pieces(this.#replies as Reply[]));
  }
}
