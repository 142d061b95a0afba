/**
 * The arguments of Rafka's commands by table: what each means, and the error of what means nothing.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  parseAck,
  parseBlpopTimeoutMs,
  parseDumpTimeoutMs,
} from "../../../src/commands/core/args.ts";
import { type ConsumerJson, parseConsumerJson } from "../../../src/commands/list/consumer_json.ts";
import { parseConsumeTarget } from "../../../src/commands/list/consume_target.ts";
import { CommandError } from "../../../src/commands/core/command_error.ts";
import { parseIdentity } from "../../../src/commands/core/identity.ts";
import { ONLY_TOPICS } from "../../../src/commands/core/topic_keys.ts";
import { Memo } from "../../../src/commands/core/memo.ts";
import { type ProduceContext, produceTarget } from "../../../src/commands/list/produce_target.ts";
import { fromBytes, toBytes } from "../../support/wire.ts";

/** What an argument means; a string is the error it is refused with. */
type Row<T> = readonly [argument: string, want: T | string];

const LONGEST_TOPIC = "t".repeat(249);
const PRODUCE_FORM =
  "PROD First argument must be in the form of 'topics:<topic>' or 'topics:<topic>:<key>'";
const TOPIC_RULE = "allowed are 1 to 249 of the characters a-z A-Z 0-9 . _ -";

const PRODUCE_TARGETS: readonly Row<{ topic: string; key: string | null }>[] = [
  ["topics:greetings", { topic: "greetings", key: null }],
  ["topic:greetings", { topic: "greetings", key: null }],
  ["topics:A-z_0.9", { topic: "A-z_0.9", key: null }],
  [`topics:${LONGEST_TOPIC}`, { topic: LONGEST_TOPIC, key: null }],
  ["topics:greetings:key", { topic: "greetings", key: "key" }],
  ["topics:greetings:a:b::c", { topic: "greetings", key: "a:b::c" }],
  ["topics:greetings:", { topic: "greetings", key: "" }],
  ["topics:greetings::", { topic: "greetings", key: ":" }],
  ["topics:greetings:\x00\xff\xc3\r\n", { topic: "greetings", key: "\x00\xff\xc3\r\n" }],
  ["greetings", `${PRODUCE_FORM}: the topic is named as 'topics:greetings'`],
  ["", PRODUCE_FORM],
  [":", PRODUCE_FORM],
  ["topics", PRODUCE_FORM],
  ["topics:", PRODUCE_FORM],
  ["topics::key", PRODUCE_FORM],
  ["Topics:greetings", `${PRODUCE_FORM}: the topic is named as 'topics:greetings'`],
  ["greetings:a:b", `${PRODUCE_FORM}: the topic is named as 'topics:greetings:a:b'`],
  ["a b", PRODUCE_FORM],
  ["a,b", PRODUCE_FORM],
  [`topics:${LONGEST_TOPIC}t`, `PROD Invalid topic '${LONGEST_TOPIC}t': ${TOPIC_RULE}`],
  ["topics:a b", `PROD Invalid topic 'a b': ${TOPIC_RULE}`],
  ["topics:a,b", `PROD Invalid topic 'a,b': ${TOPIC_RULE}`],
  ["topics:..", `PROD Invalid topic '..': ${TOPIC_RULE}`],
  ["topics:a\x00", `PROD Invalid topic 'a\x00': ${TOPIC_RULE}`],
];

const CONSUME_TARGETS: readonly Row<{ topics: string[]; settingsJson: string }>[] = [
  ["topics:a", { topics: ["a"], settingsJson: "" }],
  ["topic:a", { topics: ["a"], settingsJson: "" }],
  ["topics:b,a", { topics: ["b", "a"], settingsJson: "" }],
  ["topics:b,a,b", { topics: ["b", "a"], settingsJson: "" }],
  ["topics:^events-[0-9]+", { topics: ["^events-[0-9]+"], settingsJson: "" }],
  ["topics:^(a|b)?-[0-9]{4}$,c", { topics: ["^(a|b)?-[0-9]{4}$", "c"], settingsJson: "" }],
  ["topics:a:", { topics: ["a"], settingsJson: "" }],
  ["topics:a:{}", { topics: ["a"], settingsJson: "{}" }],
  ['topics:a,b:{"x":"y:z","v":"1,2"}', {
    topics: ["a", "b"],
    settingsJson: '{"x":"y:z","v":"1,2"}',
  }],
  ['topics:a:{\n"x":1}', { topics: ["a"], settingsJson: '{\n"x":1}' }],
  ["", "CONS Cannot parse topics from ``"],
  ["a", "CONS Cannot parse topics from `a`: the topic is named as 'topics:a'"],
  ["a,b", "CONS Cannot parse topics from `a,b`: the topic is named as 'topics:a,b'"],
  [
    'a:{"x":1}',
    'CONS Cannot parse topics from `a:{"x":1}`: the topic is named as \'topics:a:{"x":1}\'',
  ],
  ["a b", "CONS Cannot parse topics from `a b`"],
  ["topics:", "CONS Cannot parse topics from `topics:`"],
  ["topics::{}", "CONS Cannot parse topics from `topics::{}`"],
  ["topics:a,", "CONS Cannot parse topics from `topics:a,`"],
  ["topics:,a", "CONS Cannot parse topics from `topics:,a`"],
  ["topics:a b", "CONS Cannot parse topics from `topics:a b`"],
  ["topics:..", "CONS Cannot parse topics from `topics:..`"],
  ["keys:a", "CONS Cannot parse topics from `keys:a`"],
  [
    "topics:" + ",".repeat(250_001),
    `CONS Cannot parse topics from \`topics:${",".repeat(1_017)}…\`: ` +
    "they have 250001 bytes, at most 250000 are allowed",
  ],
  [
    `topics:a:${"[".repeat(65_537)}`,
    `CONS Error parsing configuration from '${"[".repeat(1_024)}…'; ` +
    "it has 65537 bytes, at most 65536 are allowed",
  ],
];

const ACKS: readonly Row<{ topic: string; partition: number; offset: bigint }>[] = [
  ["a:0:0", { topic: "a", partition: 0, offset: 0n }],
  ["a.b-c_d:12:345", { topic: "a.b-c_d", partition: 12, offset: 345n }],
  ["a:2147483647:9007199254740993", {
    topic: "a",
    partition: 2147483647,
    offset: 9007199254740993n,
  }],
  ["a:0:9223372036854775806", { topic: "a", partition: 0, offset: 9223372036854775806n }],
  ["a:0:-1", "CONS offset cannot be negative, got -1"],
  ["a:0:-9000000000000000000", "CONS offset cannot be negative, got -9000000000000000000"],
  ["", "CONS Cannot parse ack: ''"],
  ["a", "CONS Cannot parse ack: 'a'"],
  ["a:0", "CONS Cannot parse ack: 'a:0'"],
  ["a:0:", "CONS Cannot parse ack: 'a:0:'"],
  [":0:0", "CONS Cannot parse ack: ':0:0'"],
  ["a::0", "CONS Cannot parse ack: 'a::0'"],
  ["a:b:0:0", "CONS Cannot parse ack: 'a:b:0:0'"],
  ["a:0:0:0", "CONS Cannot parse ack: 'a:0:0:0'"],
  ["a:-1:0", "CONS Cannot parse ack: 'a:-1:0'"],
  ["a:x:0", "CONS Cannot parse ack: 'a:x:0'"],
  ["a:0:x", "CONS Cannot parse ack: 'a:0:x'"],
  ["a:0:1.5", "CONS Cannot parse ack: 'a:0:1.5'"],
  ["a:0:1 ", "CONS Cannot parse ack: 'a:0:1 '"],
  ["a:0:0\n", "CONS Cannot parse ack: 'a:0:0\n'"],
  ["a b:0:0", "CONS Cannot parse ack: 'a b:0:0'"],
  ["a:2147483648:0", "CONS Cannot parse ack: 'a:2147483648:0'"],
  ["a:0:9223372036854775807", "CONS Cannot parse ack: 'a:0:9223372036854775807'"],
  [`${"a".repeat(2_000)}:0:0`, `CONS Cannot parse ack: '${"a".repeat(1_024)}…'`],
  [`${LONGEST_TOPIC}:2147483647:9223372036854775806`, {
    topic: LONGEST_TOPIC,
    partition: 2147483647,
    offset: 9223372036854775806n,
  }],
  ["a:0:99999999999999999999", "CONS Cannot parse ack: 'a:0:99999999999999999999'"],
];

const BLPOP_SECONDS: readonly Row<number>[] = [
  ["0", Infinity],
  ["0.0", Infinity],
  ["-0", Infinity],
  ["1", 1_000],
  ["+1", 1_000],
  ["0.5", 500],
  [".5", 500],
  ["2.", 2_000],
  ["0.001", 1],
  ["1e1", 10_000],
  ["86400", 86_400_000],
  ["-1", "ERR timeout is negative"],
  ["-0.001", "ERR timeout is negative"],
  ["", 5_000],
  ["x", 5_000],
  ["1x", 5_000],
  ["1,5", 5_000],
  [" 1", 5_000],
  ["0x10", 5_000],
  ["inf", 5_000],
  ["Infinity", 5_000],
  ["nan", 5_000],
  ["1e999", 5_000],
  ["1".repeat(3_000_000) + "x", 5_000], // hours, if the search went back
  ["1".repeat(390) + "x", 5_000],
];

const DUMP_MILLISECONDS: readonly Row<number>[] = [
  ["0", 0],
  ["-0", -0],
  ["1", 1],
  ["5000", 5_000],
  ["999999999999999", 999_999_999_999_999],
  ["-1", "ERR timeout is negative"],
  ["", "PROD NaN"],
  ["x", "PROD NaN"],
  ["1.5", "PROD NaN"],
  ["1e3", "PROD NaN"],
  ["+1", 1],
  [" 1", "PROD NaN"],
  ["1 ", "PROD NaN"],
  ["0x10", "PROD NaN"],
  ["NaN", "PROD NaN"],
  ["9999999999999999999", 1e19],
  ["1".repeat(3_000_000), "PROD NaN"],
];

const CONSUMER_LIMITS = {
  queuedMessages: 1,
  queuedKbytes: 1,
  fetchBytes: 1_000,
  messageBytes: 1_000,
};

const NO_OWN = { fields: [], acksEach: false };

const CONSUMER_JSON: readonly Row<ConsumerJson>[] = [
  ["", { settings: {}, own: NO_OWN, ignored: [] }],
  ["{}", { settings: {}, own: NO_OWN, ignored: [] }],
  ['{"client.rack":"x:y,z","fetch.min.bytes":1,"check.crcs":true}', {
    settings: { "client.rack": "x:y,z", "fetch.min.bytes": 1, "check.crcs": true },
    own: NO_OWN,
    ignored: [],
  }],
  ["[]", "CONS Error parsing configuration from '[]'; it must be a JSON object"],
  ["null", "CONS Error parsing configuration from 'null'; it must be a JSON object"],
  ["1", "CONS Error parsing configuration from '1'; it must be a JSON object"],
  [
    '{"client.rack":null}',
    `CONS Error parsing configuration from '{"client.rack":null}'; ` +
    "'client.rack' is null: must be text of 1 to 255 bytes",
  ],
  [
    '{"client.rack":{"b":1}}',
    `CONS Error parsing configuration from '{"client.rack":{"b":1}}'; ` +
    "'client.rack' is an object: must be text of 1 to 255 bytes",
  ],
  [
    '{"group.id":"other"}',
    `CONS Error parsing configuration from '{"group.id":"other"}'; ` +
    "'group.id' is decided by Rafka: CLIENT SETNAME sets it",
  ],
  [
    '{"enable.auto.commit":false}',
    `CONS Error parsing configuration from '{"enable.auto.commit":false}'; ` +
    "'enable.auto.commit' is false: must be true, Rafka decides it",
  ],
];

for (const [first, want] of PRODUCE_TARGETS) {
  Deno.test(`a target is read as by itself after any other: ${JSON.stringify(first)}`, () => {
    for (const [second, wantSecond] of PRODUCE_TARGETS) {
      const context: ProduceContext = {
        client: { memo: new Memo() },
        gateway: { settings: { internalTopics: false }, topicKeys: ONLY_TOPICS },
      };
      const read = (argument: string): unknown => {
        const { topic, key } = produceTarget(context, toBytes(argument));
        return { topic, key: key === null ? null : fromBytes(key) };
      };
      assert.deepEqual(outcome(() => read(first)), want);
      assert.deepEqual(outcome(() => read(second)), wantSecond);
      assert.deepEqual(outcome(() => read(first)), want);
    }
  });
}
testRows("parseConsumeTarget()", CONSUME_TARGETS, (text) => parseConsumeTarget(toBytes(text)));
testRows("parseConsumerJson()", CONSUMER_JSON, (json) => parseConsumerJson(json, CONSUMER_LIMITS));
testRows("parseAck()", ACKS, (argument) => parseAck(toBytes(argument)));
testRows("parseBlpopTimeoutMs() in seconds", BLPOP_SECONDS, (argument) => {
  return parseBlpopTimeoutMs(toBytes(argument), 1_000);
});
testRows("parseDumpTimeoutMs()", DUMP_MILLISECONDS, (text) => parseDumpTimeoutMs(toBytes(text)));

Deno.test("parseBlpopTimeoutMs() counts in the unit it is given, and 5 s stay 5 s", () => {
  assert.equal(parseBlpopTimeoutMs(toBytes("1500"), 1), 1_500);
  assert.equal(parseBlpopTimeoutMs(toBytes("0"), 1), Infinity);
  assert.equal(parseBlpopTimeoutMs(toBytes("x"), 1), 5_000);
});

Deno.test("parseConsumerJson() says what is wrong with text that is no JSON", () => {
  const json = "{bad}";
  assert.match(
    outcome(() => parseConsumerJson(json, CONSUMER_LIMITS)) as string,
    /^CONS Error parsing configuration from '\{bad\}'; .+/,
  );
});

Deno.test("parseIdentity() splits at the first colon, and finds no identity without a group", () => {
  const rows: [string, { groupId: string; clientId: string } | undefined][] = [
    ["group:name", { groupId: "group", clientId: "name" }],
    ["group:a:b", { groupId: "group", clientId: "a:b" }],
    ["group:", { groupId: "group", clientId: "" }],
    [":name", undefined],
    ["name", undefined],
    ["", undefined],
  ];
  for (const [name, want] of rows) assert.deepEqual(parseIdentity(name), want, name);
});

function testRows<T>(title: string, rows: readonly Row<T>[], parse: (text: string) => T): void {
  for (const [argument, want] of rows) {
    const verb = typeof want === "string" ? "refuses" : "understands";
    Deno.test(`${title} ${verb} ${JSON.stringify(argument).slice(0, 60)}`, () => {
      assert.deepEqual(outcome(() => parse(argument)), want);
    });
  }
}

/** A value, or the error as a client sees it. */
function outcome<T>(parse: () => T): T | string {
  try {
    return parse();
  } catch (error) {
    assert.ok(error instanceof CommandError, String(error));
    return `${error.code} ${error.message}`;
  }
}
