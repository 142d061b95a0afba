/**
 * What a consumer's errors are in the log.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ERR_UNKNOWN_TOPIC_OR_PART } from "../../../src/ffi/constants.ts";
import { ConsumerErrors } from "../../../src/kafka/consumer/consumer_errors.ts";
import type { KafkaError } from "../../../src/kafka/client/error.ts";
import type { LateTopics } from "../../../src/kafka/consumer/late_topics.ts";
import type { Refusals } from "../../../src/kafka/consumer/refusals.ts";
import { CapturedLog } from "../../support/captured_log.ts";

Deno.test("Topics that do not exist are one line of a consumer, however many they are", async () => {
  await using log = await CapturedLog.start();
  const lateTopics = { missing: () => {} } as unknown as LateTopics;
  const errors = new ConsumerErrors({ groupId: "g", clientId: "w" }, {} as Refusals, lateTopics);
  for (const _refresh of [1, 2]) {
    for (let at = 0; at < 200; at++) {
      const message = `Subscribed topic not available: t${at}`;
      errors.onPollError({ code: ERR_UNKNOWN_TOPIC_OR_PART, message } as KafkaError);
    }
    errors.throwNext();
  }
  assert.equal(log.lines.length, 1, log.lines.join("\n"));
  assert.match(log.lines[0]!, /g:w waits: .*: t0; .*: t4; and 195 more topics$/);
});
