/**
 * What XADD replies to a delivery report: an id only where it is known.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Deadlines } from "../../../src/async/deadlines.ts";
import type { CommandError } from "../../../src/commands/core/command_error.ts";
import { PendingAdd } from "../../../src/commands/stream/pending_add.ts";
import type { DeliveredMessage } from "../../../src/kafka/producer/report_requests.ts";
import { bulk, error, type Reply } from "../../../src/resp/reply.ts";

const SENT_MS = 1_700_000_000_000;

const DELIVERED: readonly { what: string; message: DeliveredMessage; reply: Reply | RegExp }[] = [
  {
    what: "the producer's time",
    message: { partition: 3, offset: 5, timestampMs: SENT_MS, timestampType: "CreateTime" },
    reply: bulk("1700000000000-10243"),
  },
  {
    what: "the broker's time where the topic has that",
    message: { partition: 0, offset: 0, timestampMs: 7, timestampType: "LogAppendTime" },
    reply: bulk("7-0"),
  },
  {
    what: "a report without a time",
    message: { partition: 0, offset: 1, timestampMs: undefined, timestampType: undefined },
    reply: bulk("1700000000000-2048"),
  },
  {
    what: "an offset beyond what a number has",
    message: { partition: 1, offset: 2 ** 50, timestampMs: 1, timestampType: "CreateTime" },
    reply: bulk(`1700000000000-${2n ** 61n + 1n}`),
  },
  {
    what: "the last partition that an id has room for",
    message: { partition: 2047, offset: 0, timestampMs: 1, timestampType: "CreateTime" },
    reply: bulk("1700000000000-2047"),
  },
  {
    what: "a partition beyond",
    message: { partition: 2048, offset: 0, timestampMs: 1, timestampType: "CreateTime" },
    reply: /^PROD the message is stored in partition 2048, and IDs have room for 2048 partitions/,
  },
  {
    what: "a report without an offset",
    message: { partition: 0, offset: undefined, timestampMs: 1, timestampType: "CreateTime" },
    reply: /^PROD the message is stored, but Kafka has not said its offset/,
  },
];

for (const { what, message, reply } of DELIVERED) {
  Deno.test(`the reply to a delivered message: ${what}`, () => {
    const replies = begun((pending) => pending.delivered(message));
    if (!(reply instanceof RegExp)) return assert.deepEqual(replies, [reply]);
    const [only] = replies;
    assert.ok(only?.kind === "error" && replies.length === 1);
    assert.match(only.text, reply);
  });
}

Deno.test("what comes behind the deadline changes nothing", () => {
  const replies = begun((pending) => {
    pending.expired();
    pending.delivered(DELIVERED[0]!.message);
    pending.expired();
  });
  assert.equal(replies.length, 1);
  assert.equal(replies[0]!.kind, "error");
});

/** The replies to whatever happens to a message. */
function begun(happens: (pending: PendingAdd) => void): Reply[] {
  const deadlines = new Deadlines(60_000);
  const replies: Reply[] = [];
  const pending = new PendingAdd(SENT_MS).begin(deadlines);
  pending.onFailure((cause) => {
    const { code, message } = cause as CommandError;
    return error(`${code} ${message}`);
  });
  pending.sendTo({ answered: ({ reply }) => void replies.push(reply!) });
  happens(pending);
  deadlines.close();
  return replies;
}
