/**
 * What XADDs that were added together reply: all when the last result is known, each in its place.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Deadlines } from "../../../src/async/deadlines.ts";
import type { CommandError } from "../../../src/commands/core/command_error.ts";
import { PendingAdds } from "../../../src/commands/stream/pending_adds.ts";
import type { KafkaError } from "../../../src/kafka/client/error.ts";
import type { DeliveredMessage } from "../../../src/kafka/producer/report_requests.ts";
import { bulk, error, pieces, type Reply } from "../../../src/resp/reply.ts";

const SENT_MS = 1_700_000_000_000;
const REFUSAL = { message: "refused" } as KafkaError;
const LATE = error(
  "PROD Kafka has not acknowledged the message within server.streams.addTimeoutMs; it may still be stored",
);

Deno.test("replies are in the order of the requests, whatever the order of the reports", () => {
  const { pending, replies } = begun(3);
  pending.delivered(messageAt(7), 2);
  pending.failed(REFUSAL, false, 0);
  assert.deepEqual(replies, []);
  pending.delivered(messageAt(6), 1);
  assert.deepEqual(replies, [pieces([error("PROD refused"), idOf(6), idOf(7)])]);
});

Deno.test("one that may be stored all the same says so, and one without an offset has no id", () => {
  const { pending, replies } = begun(2);
  pending.failed(REFUSAL, true, 1);
  pending.delivered({ ...messageAt(1), offset: undefined }, 0);
  const [noOffset, persisted] = (replies[0] as { pieces: Reply[] }).pieces;
  assert.match(
    (noOffset as { text: string }).text,
    /^PROD the message is stored, but Kafka has not/,
  );
  assert.deepEqual(persisted, error("PROD refused; it may be stored all the same"));
});

Deno.test("what has come before the deadline is answered, and what comes behind it changes nothing", () => {
  const { pending, replies } = begun(3);
  pending.delivered(messageAt(5), 1);
  pending.expired();
  const wanted = [pieces([LATE, idOf(5), LATE])];
  assert.deepEqual(replies, wanted);
  pending.delivered(messageAt(4), 0);
  pending.failed(REFUSAL, false, 2);
  pending.expired();
  assert.deepEqual(replies, wanted);
});

function messageAt(offset: number): DeliveredMessage {
  return { partition: 0, offset, timestampMs: SENT_MS, timestampType: "CreateTime" };
}

function idOf(offset: number): Reply {
  return bulk(`${SENT_MS}-${offset * 2048}`);
}

function begun(count: number): { pending: PendingAdds; replies: Reply[] } {
  const deadlines = new Deadlines(60_000);
  const pending = new PendingAdds(SENT_MS).begin(count, deadlines);
  deadlines.close();
  const replies: Reply[] = [];
  pending.onFailure((cause) => {
    const { code, message } = cause as CommandError;
    return error(`${code} ${message}`);
  });
  pending.sendTo({ answered: ({ reply }) => void replies.push(reply!) });
  assert.equal(pending.replyCount, count);
  return { pending, replies };
}
