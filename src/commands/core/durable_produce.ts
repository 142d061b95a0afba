/**
 * Produces one message whose delivery is the reply. The messages of a connection are in flight together.
 *
 * @module
 */

import type { ProduceOptions } from "../../kafka/producer/message_calls.ts";
import type { Context } from "./context.ts";
import type { Answer } from "./later_reply.ts";
import type { ProduceTarget } from "./memo.ts";
import type { PendingDelivery } from "./pending_delivery.ts";

/** A message, and what becomes of it. */
export interface DurableMessage extends Pick<ProduceTarget, "topic" | "key"> {
  /** Never null, which would be a tombstone. */
  readonly value: Uint8Array<ArrayBuffer>;
  /** Without a listener: that is `pending`. */
  readonly options?: Omit<ProduceOptions, "listener">;
  /** The reply. */
  readonly pending: PendingDelivery;
  /** The error for a message that was not taken. */
  readonly refused: (cause: unknown) => unknown;
}

/**
 * Hands a message to librdkafka. Without room for it the client is held: nothing more is read from it until then.
 *
 * @throws {KafkaError} when it is not taken
 */
export function produceDurably(
  context: Context,
  message: DurableMessage,
): Answer | Promise<Answer> {
  const { topic, value, key, pending } = message;
  const options = { ...message.options, listener: pending };
  const producer = context.kafka.openDurableProducer();
  return producer.produce(topic, value, key, options)
    ? taken(context, message)
    : produceHeld(context, message, options);
}

function taken({ gateway }: Context, { topic, pending }: DurableMessage): PendingDelivery {
  gateway.telemetry.messages.produced.of(topic).total++;
  return pending.begin(gateway.addDeadlines);
}

async function produceHeld(
  context: Context,
  message: DurableMessage,
  options: ProduceOptions,
): Promise<Answer> {
  const { topic, value, key, refused } = message;
  try {
    const { addTimeoutMs } = context.gateway.settings.streams;
    const producer = context.kafka.openDurableProducer();
    const { ended } = context.client;
    await producer.produceWhenRoom(topic, value, key, ended, options, addTimeoutMs);
  } catch (cause) {
    throw refused(cause);
  }
  return taken(context, message);
}
