/**
 * Which topic a key stands for, by rules, and which keys stand for a topic.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TopicKeys } from "../../../src/commands/core/topic_keys.ts";
import { parseConfig } from "../../../src/config/load.ts";
import { fromBytes, toBytes } from "../../support/wire.ts";

const RULES = [
  { match: "suricata", topic: "suricata-eve", valueField: "eve", group: "soc", type: "list" },
  { match: "logs:*:raw", topic: "raw-logs" },
  { match: "logs:*", topic: "logs.$1" },
  { match: "*:events:*", topic: "$2.of.$1", type: "stream" },
  { match: "pair-*-*-end", topic: "pair.$1$2" },
  { match: "swap:*:*", topic: "$2.$1.$2" },
];

/** undefined for a key that is no topic's. */
const ROWS: readonly (readonly [key: string, topic: string | undefined])[] = [
  ["suricata", "suricata-eve"],
  ["suricata:x", undefined],
  ["Suricata", undefined],
  ["suricat", undefined],
  ["", undefined],
  ["logs:web", "logs.web"],
  ["logs:", "logs."],
  ["logs", undefined],
  ["logs:web:raw", "raw-logs"],
  ["logs::raw", "raw-logs"],
  ["logs:raw", "logs.raw"],
  ["logs:a b", "logs.a b"], // no topic that Kafka allows: commands say so
  ["shop:events:eu", "eu.of.shop"],
  [":events:", ".of."],
  ["a:events:b:events:c", "b:events:c.of.a"],
  ["pair-1-2-end", "pair.12"],
  ["pair-1-2-3-end", "pair.12-3"],
  ["pair-1-end", undefined],
  ["pair--end", undefined],
  ["pair---end", "pair."],
  ["swap:a:b", "b.a.b"],
  ["topics:logs:web", "logs"],
  ["topic:suricata", "suricata"],
  [`logs:${"x".repeat(1_020)}`, undefined],
];

const keys = new TopicKeys(
  parseConfig(JSON.stringify({ server: { keys: RULES } }), "rules").server.keys,
);

for (const [key, topic] of ROWS) {
  Deno.test(`${JSON.stringify(key.slice(0, 40))} stands for ${topic}`, () => {
    assert.equal(keys.find(toBytes(key))?.topic, topic);
    assert.equal(keys.has(toBytes(key)), topic !== undefined);
  });
}

Deno.test("only topics:<topic>:<key> names the key of messages", () => {
  assert.equal(fromBytes(keys.find(toBytes("topics:logs:web"))!.key!), "web");
  assert.equal(keys.find(toBytes("logs:web"))!.key, null);
});

Deno.test("the keys that stand for a topic are told from its name", () => {
  const names = (topic: string): string[] => keys.aliasesOf(topic).map(({ key }) => key);
  assert.deepEqual(names("suricata-eve"), ["suricata"]);
  assert.deepEqual(names("logs.web"), ["logs:web"]);
  assert.deepEqual(names("eu.of.shop"), ["shop:events:eu"]);
  assert.deepEqual(names("logs.web:raw"), [], "an earlier rule has that key");
  assert.deepEqual(names("raw-logs"), [], "its name does not tell them");
  assert.deepEqual(names("b.a.b"), ["swap:a:b"]);
  assert.deepEqual(names("b.a.c"), [], "no key becomes this topic");
  assert.deepEqual(names("orders"), []);
});

Deno.test("8: a key costs bounded time, whatever the rules are", () => {
  const rules = Array.from({ length: 1_000 }, (_, at) => ({
    match: `${"*a".repeat(8)}*${at}b`,
    topic: "t",
    type: "list" as const,
  }));
  const many = new TopicKeys(rules);
  const before = performance.now();
  assert.equal(many.has(toBytes("a".repeat(1_024))), false);
  assert.equal(many.aliasesOf("a".repeat(249)).length, 0);
  // a backtracking matcher takes longer than the universe
  assert.ok(performance.now() - before < 5_000);
});
