/**
 * A message that is produced to another topic before it is acked: the reply comes when Kafka has it.
 *
 * @module
 */

import type { KafkaError } from "../../kafka/client/error.ts";
import type { Message } from "../../kafka/client/message.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import type { Reply } from "../../resp/reply.ts";
import type { Context } from "../core/context.ts";
import { produceDurably } from "../core/durable_produce.ts";
import type { Answer } from "../core/later_reply.ts";
import type { ProduceTarget } from "../core/memo.ts";
import { PendingDelivery } from "../core/pending_delivery.ts";
import { refusedMessage, requireKafka } from "../core/produce_errors.ts";
import { valueReply } from "./plain_pop.ts";

/** What becomes of the message where it was. */
export interface Origin {
  /** Kafka has it in the other topic. */
  readonly ack: () => void;
  /** It is not there, or nobody knows: it is to be delivered again. */
  readonly giveBack: () => void;
}

/**
 * Produces a message to another topic, with its key and headers.
 *
 * @throws {CommandError} PROD when it is not taken; it is given back then
 */
export function moveToTopic(
  context: Context,
  { topic, key }: ProduceTarget,
  message: Message,
  origin: Origin,
): Answer | Promise<Answer> {
  const { metadata, value } = message;
  const refused = (cause: unknown): unknown => {
    origin.giveBack();
    return refusedMessage(context, cause, { bytes: value?.byteLength });
  };
  const record = {
    topic,
    key: key ?? metadata?.key?.slice() ?? null,
    value: value?.slice() ?? NO_BYTES,
    options: { headers: metadata?.headers ?? [] },
  };
  const pending = new PendingMove(message, origin);
  try {
    requireKafka(context);
    return produceDurably(context, { ...record, pending, refused });
  } catch (cause) {
    throw refused(cause);
  }
}

class PendingMove extends PendingDelivery {
  readonly #message: Message;
  readonly #origin: Origin;
  #isGivenBack = false;

  constructor(message: Message, origin: Origin) {
    super();
    this.#message = message;
    this.#origin = origin;
  }

  override failed(error: KafkaError, possiblyPersisted: boolean): void {
    this.#giveBack();
    super.failed(error, possiblyPersisted);
  }

  override expired(): void {
    this.#giveBack();
    super.expired();
  }

  /** What has expired may still fail, or be delivered. */
  #giveBack(): void {
    if (!this.#isGivenBack) this.#origin.giveBack();
    this.#isGivenBack = true;
  }

  protected replyFor(): Reply {
    this.#origin.ack();
    return valueReply(this.#message);
  }
}
