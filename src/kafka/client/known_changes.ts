/**
 * Topics that have just been created, changed or deleted. Kafka's controller answers when that is done; the broker that
 * is asked next learns of it a moment later, and says what it knows.
 *
 * @module
 */

import { KafkaError } from "./error.ts";
import type { GroupAdmin } from "./group_admin.ts";

const RETRY_MS = 20;

/**
 * Waits until a broker knows of a change. One that is slow, or does not say, makes no failure of what is done.
 *
 * @param deadlineMs on the clock of `performance.now()`
 * @param knows whether it does, by the number of partitions of the topic; undefined if there is none
 */
export async function untilKnown(
  admin: Pick<GroupAdmin, "partitionsOf">,
  topic: string,
  deadlineMs: number,
  knows: (partitions: number | undefined) => boolean,
): Promise<void> {
  try {
    for (;;) {
      const timeoutMs = Math.ceil(deadlineMs - performance.now());
      if (timeoutMs <= 0 || knows(await admin.partitionsOf(topic, { timeoutMs }))) return;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  } catch (error) {
    if (!(error instanceof KafkaError)) throw error;
  }
}
