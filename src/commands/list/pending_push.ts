/**
 * The reply of a push to a plain list, given when Kafka has all of its messages.
 *
 * @module
 */

import type { KafkaError } from "../../kafka/client/error.ts";
import type { DeliveredMessage } from "../../kafka/producer/report_requests.ts";
import type { Reply } from "../../resp/reply.ts";
import { PendingDelivery } from "../core/pending_delivery.ts";

/** What has become of the messages of one push, all with this listener. */
export class PendingPush extends PendingDelivery {
  readonly #count: number;
  readonly #toReply: (count: number) => Reply;
  /** Messages without a report. */
  #left: number;
  #failure: { readonly error: KafkaError; readonly possiblyPersisted: boolean } | undefined;
  #failures = 0;

  /** The reply for so many messages that librdkafka does not have yet. */
  constructor(count: number, toReply: (count: number) => Reply) {
    super();
    this.#count = count;
    this.#toReply = toReply;
    this.#left = count;
  }

  /** Kafka has one of the messages. */
  override delivered(message: DeliveredMessage): void {
    if (--this.#left > 0) return;
    if (this.#failure) this.#fail();
    else super.delivered(message);
  }

  /** One of the messages was refused or given up. */
  override failed(error: KafkaError, possiblyPersisted: boolean): void {
    this.#failures++;
    this.#failure ??= { error, possiblyPersisted };
    if (--this.#left === 0) this.#fail();
  }

  /** Their number: that of a list would be Kafka's to know, and 0 is a failure to some clients. */
  protected replyFor(): Reply {
    return this.#toReply(this.#count);
  }

  /** How many are stored. */
  protected override get rest(): string {
    const stored = this.#count - this.#failures;
    return this.#count > 1 ? `; ${stored} of ${this.#count} messages are stored` : "";
  }

  #fail(): void {
    const { error, possiblyPersisted } = this.#failure!;
    super.failed(error, possiblyPersisted);
  }
}
