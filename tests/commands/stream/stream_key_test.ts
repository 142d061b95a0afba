/**
 * Keys of streams by table: the topic that each names, and the error of what names none.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CommandError } from "../../../src/commands/core/command_error.ts";
import { ONLY_TOPICS } from "../../../src/commands/core/topic_keys.ts";
import { streamTarget, streamTopic } from "../../../src/commands/stream/stream_key.ts";
import { fromBytes, toBytes } from "../../support/wire.ts";

const LONGEST_TOPIC = "t".repeat(249);
const TOPIC_RULE = "allowed in a topic are 1 to 249 of the characters a-z A-Z 0-9 . _ -";
const FORM = "a stream is named as 'topics:<topic>'";
const INTERNAL = "__consumer_offsets is Kafka's own, server.internalTopics is false";

/** What a key names in XADD; a string is why it is refused. */
const ROWS: readonly (readonly [key: string, want: { topic: string; key?: string } | string])[] = [
  ["topics:orders", { topic: "orders" }],
  ["topic:orders", { topic: "orders" }],
  [`topics:${LONGEST_TOPIC}`, { topic: LONGEST_TOPIC }],
  ["topics:orders:user:1", { topic: "orders", key: "user:1" }],
  ["topics:orders:", { topic: "orders", key: "" }],
  ["topics:orders:\x00\xff\r\n", { topic: "orders", key: "\x00\xff\r\n" }],
  ["orders", "the topic is named as 'topics:orders'"],
  ["Topics:orders", "the topic is named as 'topics:orders'"],
  ["", FORM],
  ["a b", FORM],
  ["topics", FORM],
  ["topics:", TOPIC_RULE],
  ["topics::key", TOPIC_RULE],
  ["topics:a,b", TOPIC_RULE],
  ["topics:..", TOPIC_RULE],
  [`topics:${LONGEST_TOPIC}t`, TOPIC_RULE],
  ["topics:__consumer_offsets", INTERNAL],
];

for (const [key, want] of ROWS) {
  Deno.test(`The key '${key.slice(0, 40)}' names a topic, or is refused with the reason`, () => {
    const context = { gateway: { settings: { internalTopics: false }, topicKeys: ONLY_TOPICS } };
    if (typeof want === "string") {
      const text = `Cannot parse a stream from '${key}': ${want}`;
      assert.throws(() => streamTarget(context, toBytes(key)), new CommandError("ERR", text));
      return;
    }
    const target = streamTarget(context, toBytes(key));
    assert.deepEqual({ ...target, key: target.key && fromBytes(target.key) }, {
      topic: want.topic,
      key: want.key ?? null,
    });
    if (want.key === undefined) assert.equal(streamTopic(context, toBytes(key)), want.topic);
    else assert.throws(() => streamTopic(context, toBytes(key)), /only XADD takes a message key/);
  });
}

Deno.test("Kafka's own topics are streams where server.internalTopics is true", () => {
  const context = { gateway: { settings: { internalTopics: true }, topicKeys: ONLY_TOPICS } };
  assert.equal(streamTopic(context, toBytes("topics:__consumer_offsets")), "__consumer_offsets");
});

Deno.test("A key of megabytes is refused with its beginning", () => {
  const context = { gateway: { settings: { internalTopics: false }, topicKeys: ONLY_TOPICS } };
  const key = toBytes(`topics:${"t".repeat(5_000_000)}`);
  assert.throws(() => streamTopic(context, key), (error: Error) => error.message.length < 1_200);
});
