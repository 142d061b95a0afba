/**
 * BLPOP's JSON: what a client may set for its consumer, in which bounds, and what it is told of anything else. Whether
 * the values that are taken make a consumer is seen on an embedded Kafka.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CommandError } from "../../../src/commands/core/command_error.ts";
import {
  librdkafkaSettings as settingsForLibrdkafka,
  parseConsumerJson,
  sameSettings,
} from "../../../src/commands/list/consumer_json.ts";
import { consumerSettings } from "../../../src/commands/list/consumer_settings.ts";
import { TestGateway } from "../../support/gateway.ts";
import { librdkafkaSettings } from "../../support/librdkafka_source.ts";

/** Those of a gateway that is not configured. */
const LIMITS = {
  queuedMessages: 20_000,
  queuedKbytes: 4_096,
  fetchBytes: 4_194_304,
  messageBytes: 1_000_000,
};
const NO_NUMBERS = [-1, 5.5, "5s", " 6000", "6000 ", "+6000", "06000", "0x2000", 1e21, "1e4", ""];
const NO_VALUES = [null, [], {}, [6_000]];
const FLAGS = [true, false, "true", "FALSE", "t", "f", 1, 0, "1", "0"];
const NO_FLAGS = [2, -1, "yes", "", " true", "on"];

interface Row {
  readonly name: string;
  readonly taken: readonly unknown[];
  readonly refused: readonly unknown[];
  /** What is taken contradicts the defaults of an embedded Kafka. */
  readonly alone?: false;
}

/** A number, its bounds and what lies just outside of them. */
function number(name: string, least: number, most: number, others: Partial<Row> = {}): Row {
  return {
    name,
    taken: [least, most, String(least), String(most)],
    refused: [least - 1, most + 1, String(least - 1), String(most + 1), true, ...NO_NUMBERS],
    ...others,
  };
}

function flag(name: string): Row {
  return { name, taken: FLAGS, refused: NO_FLAGS };
}

const ROWS: readonly Row[] = [
  {
    name: "auto.offset.reset",
    taken: ["earliest", "smallest", "beginning", "latest", "largest", "end", "error", "Latest"],
    refused: ["sometimes", "", " ", "latest ", 1, true],
  },
  {
    name: "isolation.level",
    taken: ["read_committed", "read_uncommitted"],
    refused: ["read", "", 1],
  },
  number("fetch.wait.max.ms", 10, 30_000),
  number("fetch.min.bytes", 1, LIMITS.fetchBytes),
  number("fetch.max.bytes", LIMITS.messageBytes, LIMITS.fetchBytes),
  number("fetch.message.max.bytes", 1_024, LIMITS.fetchBytes),
  number("max.partition.fetch.bytes", 1_024, LIMITS.fetchBytes),
  number("queued.min.messages", 1, LIMITS.queuedMessages),
  number("queued.max.messages.kbytes", 1, LIMITS.queuedKbytes),
  flag("check.crcs"),
  number("session.timeout.ms", 6_000, 1_800_000),
  number("heartbeat.interval.ms", 500, 30_000),
  number("max.poll.interval.ms", 1_000, 86_400_000, { alone: false }),
  number("auto.commit.interval.ms", 100, 86_400_000),
  {
    name: "group.instance.id",
    taken: ["a", "worker-1.eu_west", "a".repeat(249)],
    refused: ["", "a b", "a\0", "a".repeat(250), "a".repeat(40_000), "..", "é", 1],
  },
  { name: "group.protocol", taken: ["classic"], refused: ["raft", "", 1] },
  {
    name: "group.remote.assignor",
    taken: ["uniform", "range", "a".repeat(255)],
    refused: ["", " ", "a".repeat(256), "a\0b", 1],
  },
  {
    name: "partition.assignment.strategy",
    taken: ["range", "roundrobin", "range,roundrobin", "roundrobin,range", "cooperative-sticky"],
    refused: ["", "sticky", "range,", "range,range", "range, roundrobin", ",".repeat(9), 1],
  },
  {
    name: "client.rack",
    taken: ["eu-west-1a", "a:b,c", "a".repeat(255), "é".repeat(127)],
    refused: ["", " ", "a".repeat(256), "é".repeat(128), "a".repeat(32_768), "a\0b", 1],
  },
  {
    name: "rafka.fields",
    taken: [["key"], ["headers", "timestamp", "key"]],
    refused: ["key", ["key", "key"], ["value"], [1], ["key", null], 1, true],
  },
  { name: "rafka.acks", taken: ["upto", "each", "EACH"], refused: ["all", "", 1, true] },
  { name: "enable.auto.commit", taken: [true, "true", 1, "T"], refused: [false, "no", 2] },
  { name: "enable.auto.offset.store", taken: [false, "false", 0, "F"], refused: [true, "x", 2] },
  flag("enable.partition.eof"),
  flag("log.connection.close"),
  number("statistics.interval.ms", 0, 86_400_000),
];

Deno.test("these rows are about every setting that a client may have", () => {
  assert.deepEqual(ROWS.map(({ name }) => name), consumerSettings.map(({ name }) => name));
});

for (const { name, taken, refused } of ROWS) {
  Deno.test(`BLPOP's JSON: ${name} is taken within its bounds, and refused outside with value and bounds`, () => {
    const { rule } = consumerSettings.find((setting) => setting.name === name)!;
    for (const value of taken) assert.equal(refusal({ [name]: value }), undefined, String(value));
    for (const value of [...refused, ...NO_VALUES]) {
      const why = refusal({ [name]: value }) ?? "taken";
      assert.ok(why.startsWith(`'${name}' is `), `${JSON.stringify(value)}: ${why}`);
      assert.ok(why.endsWith(`: must be ${rule.words(LIMITS)}`), why);
      assert.ok(why.length < 400, why);
    }
  });
}

Deno.test("BLPOP's JSON: every setting of librdkafka that is not in the table is refused", async () => {
  const names = (await librdkafkaSettings()).map(({ name }) => name);
  const allowed = new Set(
    consumerSettings.map(({ name }) => name).filter((name) => !name.startsWith("rafka.")),
  );
  for (const name of allowed) assert.ok(names.includes(name), `librdkafka knows no ${name}`);
  const dangerous = [
    ...["topic.blacklist", "ut_handle_ProduceResponse", "enable_sasl_queue", "offset.store.method"],
    ...["fetch.queue.backoff.ms", "topic.metadata.refresh.interval.ms", "client.dns.lookup"],
  ];
  for (const name of dangerous) assert.ok(names.includes(name), name);
  const others = names.filter((name) => !allowed.has(name));
  const unknown = ["a.setting.of.tomorrow", "constructor", "__proto__", "toString", ""];
  for (const name of [...others, ...unknown]) {
    for (const value of [1, "1", true]) {
      const why = refusal(JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`));
      assert.match(why ?? "taken", /cannot be set by a client; what can: |is decided by Rafka: /);
    }
  }
});

Deno.test("BLPOP's JSON: librdkafka's topic. in front of a name opens no way around the table", async () => {
  for (const { name } of await librdkafkaSettings()) {
    assert.ok(refusal({ [`topic.${name}`]: "1" }), name);
  }
  assert.equal(
    refusal({ "topic.auto.offset.reset": "latest" }),
    "'topic.auto.offset.reset' is 'auto.offset.reset' here",
  );
  assert.equal(
    refusal({ "default.topic.config": { "auto.offset.reset": "latest" } }),
    `'default.topic.config' is not needed: its settings stand beside the others, as "auto.offset.reset"`,
  );
});

Deno.test("BLPOP's JSON: what an operator allows more or less of, a client may have so much of", () => {
  const large = { ...LIMITS, queuedMessages: 100_000, queuedKbytes: 65_536 };
  assert.equal(refusal({ "queued.min.messages": 100_000 }, large), undefined);
  assert.equal(
    refusal({ "queued.max.messages.kbytes": 2_097_151 }, large),
    "'queued.max.messages.kbytes' is 2097151: must be a whole number from 1 to 65536",
  );
});

Deno.test("BLPOP's JSON: a heartbeat that is later than the end of the session is refused", () => {
  const json = { "heartbeat.interval.ms": 6_000, "session.timeout.ms": "6000" };
  assert.equal(
    refusal(json),
    "'heartbeat.interval.ms' is 6000: must be below 'session.timeout.ms', 6000",
  );
  assert.equal(refusal({ ...json, "session.timeout.ms": 6_001 }), undefined);
});

Deno.test("BLPOP's JSON: what clients of the first Rafka send and means nothing here is not passed on", () => {
  const json = {
    "auto.offset.reset": "latest",
    "log.connection.close": false,
    "statistics.interval.ms": 1,
    "enable.auto.commit": true,
    "go.events.channel.enable": true,
    "go.events.channel.size": 1,
  };
  assert.deepEqual(parseConsumerJson(JSON.stringify(json), LIMITS), {
    settings: { "auto.offset.reset": "latest" },
    own: { fields: [], acksEach: false },
    ignored: ["log.connection.close", "statistics.interval.ms", "enable.auto.commit", "go.*"],
  });
});

Deno.test("BLPOP's JSON: Rafka's own settings are not passed to librdkafka, but compared", () => {
  const text = '{"rafka.fields":["key","headers"],"rafka.acks":"each","client.rack":"a"}';
  const parsed = parseConsumerJson(text, LIMITS);
  assert.deepEqual(settingsForLibrdkafka(parsed), { "client.rack": "a" });
  assert.deepEqual(parsed.own, { fields: ["key", "headers"], acksEach: true });
  const others = ['{"rafka.fields":["key"],"rafka.acks":"each","client.rack":"a"}', "{}"];
  for (const other of others) {
    assert.ok(!sameSettings(parsed.settings, parseConsumerJson(other, LIMITS).settings));
  }
});

Deno.test("sameSettings() compares what librdkafka is given, in whatever order", () => {
  assert.ok(sameSettings({ a: 1, b: "x" }, { b: "x", a: "1" }));
  assert.ok(!sameSettings({ a: 1 }, { a: 2 }));
  assert.ok(!sameSettings({ a: 1 }, { b: 1 }));
  assert.ok(!sameSettings({ a: 1 }, {}));
});

Deno.test("BLPOP's JSON: each value that is taken makes a consumer, each that is refused makes none", async () => {
  await using gateway = await TestGateway.start();
  const { length: rowCount } = ROWS;
  const consumes = /^(\*-1\r\n$|-CONS Poll )/; // auto.offset.reset error is one, as it should be
  for (let row = 0; row < rowCount; row++) {
    const { name, taken, refused, alone = true } = ROWS[row]!;
    const cases = [
      ...(alone ? taken : taken.slice(1, 2)).map((value) => ({ value, reply: consumes })),
      ...refused.map((value) => ({ value, reply: /^-CONS Error parsing configuration from '/ })),
    ];
    const opened = cases.map(async ({ value, reply }, at) => {
      using client = await gateway.connectAs(`row-${row}-${at}:w`);
      const target = `topics:t:${JSON.stringify({ [name]: value })}`;
      const answer = await client.ask("BLPOP", new TextEncoder().encode(target), 0.001);
      assert.match(answer, reply, target.slice(0, 200));
    });
    await Promise.all(opened);
    await gateway.untilSessions(0);
  }
});

/** Why the JSON is refused. */
function refusal(json: Record<string, unknown>, limits = LIMITS): string | undefined {
  const text = JSON.stringify(json);
  try {
    parseConsumerJson(text, limits);
    return undefined;
  } catch (error) {
    assert.ok(error instanceof CommandError && error.code === "CONS", String(error));
    const start = "Error parsing configuration from '";
    assert.ok(error.message.startsWith(start), error.message);
    return error.message.slice(error.message.indexOf("'; ", start.length) + 3);
  }
}

Deno.test("A word in upper case is passed on as Kafka writes it", () => {
  const { settings } = parseConsumerJson(
    '{"group.protocol":"CONSUMER","auto.offset.reset":"Latest","client.rack":"A"}',
    LIMITS,
  );
  assert.deepEqual(settings, {
    "group.protocol": "consumer",
    "auto.offset.reset": "latest",
    "client.rack": "A",
  });
});
