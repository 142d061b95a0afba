/**
 * @module
 * The graceful end of a consumer: final commit, leaving the group (rd_kafka_consumer_close_queue in rdkafka.h), with
 * neither a thread that waits nor a call that blocks.
 */

import { getLogger } from "@logtape/logtape";
import { ERR_NO_ERROR, RD_KAFKA_EVENT_REBALANCE } from "../ffi/constants.ts";
import type { Client } from "./client.ts";
import { checkErrorObject, kafkaError } from "./error.ts";
import type { Notifier } from "./notifier.ts";
import type { ClientName } from "./observer.ts";

/** How long a consumer may take to commit and to leave its group. */
const LEAVE_TIMEOUT_MS = 5_000;
/** While it takes: the end of a consumer is not always announced by a wake-up. */
const CHECK_MS = 50;

const logger = getLogger(["rafka", "consumer"]);

/**
 * Commits what was acked and leaves the group.
 *
 * @param queue of the consumer; empty afterwards
 * @param woken notifies when the queue has events
 * @returns whether it was done in time
 */
export async function leaveGroup(
  client: Client,
  queue: Deno.PointerValue,
  woken: Notifier,
): Promise<boolean> {
  const { symbols } = client.library;
  // closed alone, one that has no partitions would stay in its group until session.timeout.ms, and hold it up
  const code = symbols.rd_kafka_unsubscribe(client.pointer);
  if (code !== ERR_NO_ERROR) warn(client, kafkaError(client.library, code));
  try {
    const error = symbols.rd_kafka_consumer_close_queue(client.pointer, queue);
    checkErrorObject(client.library, error);
  } catch (error) {
    warn(client, error);
    return false;
  }
  await untilClosed(client, queue, woken);
  // what is left in the queue holds partitions, and they hold the threads that destroying waits for
  drain(client, queue);
  return symbols.rd_kafka_consumer_closed(client.pointer) !== 0;
}

/** Says how a consumer that had joined its group has ended. */
export function logLeft(
  { groupId, clientId }: ClientName,
  left: boolean,
  durationMs: number,
): void {
  const properties = { consumer: `${groupId}:${clientId}`, durationMs };
  if (left) {
    logger.info("Consumer {consumer} left its group in {durationMs} ms", properties);
  } else {
    logger.error(
      "Consumer {consumer} could not leave its group in {durationMs} ms: acks since the last commit " +
        "may be lost, their messages will be handed out again",
      properties,
    );
  }
}

/**
 * Answers rebalances until the consumer is closed. One answer is enough: a consumer that closes takes any for
 * "give up everything". One more, to an event from before the first, may reach librdkafka when the group is closed
 * already, and the call would never return.
 */
async function untilClosed(
  client: Client,
  queue: Deno.PointerValue,
  woken: Notifier,
): Promise<void> {
  const { symbols } = client.library;
  const deadline = performance.now() + LEAVE_TIMEOUT_MS;
  let rebalancing = false;
  let mayAnswerAtMs = 0;
  while (symbols.rd_kafka_consumer_closed(client.pointer) === 0 && performance.now() < deadline) {
    if (drain(client, queue)) rebalancing = true;
    if (rebalancing && performance.now() >= mayAnswerAtMs) {
      rebalancing = false;
      const code = symbols.rd_kafka_assign(client.pointer, null);
      if (code !== ERR_NO_ERROR) warn(client, kafkaError(client.library, code));
      mayAnswerAtMs = performance.now() + LEAVE_TIMEOUT_MS / 2;
    }
    await woken.wait(CHECK_MS);
  }
}

/**
 * Empties the queue: whether a rebalance wants an answer. A message that is still there was never handed out and
 * stays in Kafka.
 */
function drain({ library: { symbols } }: Client, queue: Deno.PointerValue): boolean {
  let rebalancing = false;
  for (;;) {
    const event = symbols.rd_kafka_queue_poll(queue, 0);
    if (event === null) return rebalancing;
    if (symbols.rd_kafka_event_type(event) === RD_KAFKA_EVENT_REBALANCE) rebalancing = true;
    symbols.rd_kafka_event_destroy(event);
  }
}

function warn({ name }: Client, error: unknown): void {
  logger.warn("Consumer {consumer} is not closed gracefully: {error}", {
    consumer: `${name.groupId}:${name.clientId}`,
    error: (error as Error).message,
  });
}
