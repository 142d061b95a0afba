/**
 * The configuration file: what it means, and what is said about a bad one. A problem names key, value, and what
 * is allowed.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type Config,
  ConfigError,
  hasBootstrapServers,
  parseConfig,
  withBootstrapServers,
  withoutBootstrapServers,
} from "../../src/config/load.ts";

const defaults = parse({});

Deno.test("an empty file is the defaults", () => {
  const { server, ...others } = defaults;
  assert.deepEqual(others, {
    source: "rafka.json",
    consumer: {},
    producer: {},
    ignored: [],
    users: [],
    keyPassphrase: "",
    userKafka: {},
  });
  assert.deepEqual(
    [server.host, server.port, server.dialect, server.maxBulkBytes, server.logFormat],
    ["0.0.0.0", 6380, "rafka", 32_768_000, "text"],
  );
});

Deno.test("general settings count for consumer and producer, the special one wins", () => {
  const { consumer, producer } = parse({
    general: { "bootstrap.servers": "a:1", "client.rack": "r", "linger.ms": 1 },
    consumer: { "client.rack": "c" },
    producer: { "linger.ms": 7 },
  });
  assert.deepEqual(consumer, { "bootstrap.servers": "a:1", "client.rack": "c", "linger.ms": 1 });
  assert.deepEqual(producer, { "bootstrap.servers": "a:1", "client.rack": "r", "linger.ms": 7 });
});

Deno.test("strings, numbers and booleans stay what they are", () => {
  const consumer = { "a": "1", "b": 1, "c": true, "d": "" };
  assert.deepEqual(parse({ consumer }).consumer, consumer);
});

Deno.test("settings of the Go client are ignored, and named once each", () => {
  const { consumer, producer, ignored } = parse({
    general: { "go.events.channel.enable": true, "linger.ms": 1 },
    consumer: { "go.application.rebalance.enable": false, "go.events.channel.enable": false },
    producer: { "go.batch.producer": true },
  });
  assert.deepEqual([consumer, producer], [{ "linger.ms": 1 }, { "linger.ms": 1 }]);
  assert.deepEqual(ignored, [
    "go.application.rebalance.enable",
    "go.batch.producer",
    "go.events.channel.enable",
  ]);
});

Deno.test("our own settings take their places, the others keep their defaults", () => {
  const server = { port: 0, dialect: "readme", logLevel: "debug", maxBulkBytes: 1 } as const;
  assert.deepEqual(parse({ server }).server, { ...defaults.server, ...server });
});

Deno.test("in an object, too, the others keep their defaults", () => {
  const { streams } = parse({ server: { streams: { maxReaders: 1 } } }).server;
  assert.deepEqual(streams, { ...defaults.server.streams, maxReaders: 1 });
});

Deno.test("an editor's $schema is let through", () => {
  assert.deepEqual(parse({ "$schema": "./config.schema.json" }), defaults);
});

const bad: { name: string; json: unknown; says: string[] }[] = [
  {
    name: "an unknown section",
    json: { generall: {} },
    says: ["'generall': no such key", "general, consumer, producer, server"],
  },
  {
    name: "an unknown key under server",
    json: { server: { prot: 1 } },
    says: ["'server.prot': no such key", "host, port, reusePort, dialect, maxClients"],
  },
  {
    name: "an unknown key in an object under server",
    json: { server: { streams: { maxReader: 1 } } },
    says: ["'server.streams.maxReader': no such key", "allowed are valueFields, addTimeoutMs"],
  },
  {
    name: "an object under server that is a number",
    json: { server: { streams: 1 } },
    says: ["'server.streams' is 1: must be an object"],
  },
  {
    name: "a value out of range in an object under server",
    json: { server: { streams: { maxReaders: 0 } } },
    says: ["'server.streams.maxReaders'", "0", "a whole number from 1 to 10000"],
  },
  {
    name: "two unknown keys",
    json: { server: { prot: 1, hots: 2 } },
    says: ["'server.prot'", "'server.hots'"],
  },
  {
    name: "a port that is text",
    json: { server: { port: "6380" } },
    says: ["'server.port'", '"6380"', "number"],
  },
  {
    name: "a port out of range",
    json: { server: { port: 70000 } },
    says: ["'server.port'", "70000", "65535"],
  },
  { name: "a negative port", json: { server: { port: -1 } }, says: ["'server.port'", "-1", "0"] },
  {
    name: "a fraction of a port",
    json: { server: { port: 1.5 } },
    says: ["'server.port'", "1.5", "a whole number from 0 to 65535"],
  },
  { name: "an empty host", json: { server: { host: "" } }, says: ["'server.host'", '""', "IPv4"] },
  {
    name: "an unknown dialect",
    json: { server: { dialect: "redis" } },
    says: ["'server.dialect'", '"redis"', '"rafka"', '"readme"'],
  },
  {
    name: "an unknown log format",
    json: { server: { logFormat: "xml" } },
    says: ["'server.logFormat'", '"xml"', '"text"', '"json"'],
  },
  {
    name: "an unknown log level",
    json: { server: { logLevel: "warn" } },
    says: ["'server.logLevel'", '"warn"', '"warning"'],
  },
  {
    name: "no bytes at all",
    json: { server: { maxBulkBytes: 0 } },
    says: ["'server.maxBulkBytes'", "0", "1"],
  },
  {
    name: "more bytes than a message may have",
    json: { server: { maxBulkBytes: 1e12 } },
    says: ["'server.maxBulkBytes'", "1000000000000", "536870912"],
  },
  {
    name: "a setting that is a list",
    json: { consumer: { "bootstrap.servers": ["a:1"] } },
    says: ["'consumer.bootstrap.servers'", "an array", "a string, a number or a boolean"],
  },
  {
    name: "a setting that is null",
    json: { general: { "linger.ms": null } },
    says: ["'general.linger.ms'", "null", "a string, a number or a boolean"],
  },
  { name: "a section that is a list", json: { producer: [] }, says: ["'producer'", "an array"] },
  { name: "a section that is null", json: { producer: null }, says: ["'producer'", "null"] },
  { name: "a list", json: [], says: ["(top level)", "an array"] },
  { name: "text", json: "kafka:9092", says: ["(top level)", "a string"] },
  {
    name: "two problems",
    json: { server: { port: "x", host: 1 } },
    says: ["'server.port'", "'server.host'"],
  },
];

for (const { name, json, says } of bad) {
  Deno.test(`refused: ${name}`, () => {
    const message = refusal(JSON.stringify(json));
    assert.ok(message.startsWith("Cannot use rafka.json:\n"), message);
    for (const words of says) assert.ok(message.includes(words), `${words} is not in: ${message}`);
  });
}

const KEY_RULES: readonly (readonly [rule: unknown, says: string])[] = [
  [{ match: "logs:*", topic: "logs.$2" }, "'$2' stands for nothing: match has 1 *, so there is $1"],
  [{ match: "logs", topic: "logs.$1" }, "'$1' stands for nothing: match has no *"],
  [{ match: "*:*", topic: "$0" }, "'$0' stands for nothing: match has 2 *, so there is $1 to $2"],
  [{ match: "*", topic: "$" }, "'$' stands for nothing"],
  [{ match: "log?", topic: "logs" }, "? [ ] and \\ have no meaning"],
  [{ match: "log[s", topic: "logs" }, "? [ ] and \\ have no meaning"],
  [{ match: "a**b", topic: "logs" }, "one * is enough"],
  [{ match: "*a".repeat(10), topic: "logs" }, "may have 9 * at most"],
  [{ match: "", topic: "logs" }, "must not be empty"],
  [{ match: "x".repeat(513), topic: "logs" }, "must have at most 512 characters"],
  [{ match: "topics:x", topic: "logs" }, "names its topic, no rule is asked for it"],
  [{ match: "Acks", topic: "logs" }, "acks and stats are keys of Rafka's own"],
  [{ match: "a", topic: "my logs" }, `'server.keys.0.topic' is "my logs": is no name of a topic`],
  [{ match: "a*", topic: "a:$1" }, "is no name of a topic: allowed are 1 to 249"],
  [{ match: "a", topic: "" }, "is no name of a topic"],
  [{ match: "a*", topic: "t".repeat(250) + "$1" }, "is no name of a topic"],
  [{ match: "a" }, "'server.keys.0.topic' is undefined: must be the name of a topic"],
  [{ match: "a", topic: "a", type: "hash" }, "'server.keys.0.type' is \"hash\""],
  [{ match: "a", topic: "a", group: "" }, "must be a name of 1 to 255 characters"],
  [
    { match: "a", topic: "a", feld: 1 },
    "'server.keys.0.feld': no such key; allowed are match, topic",
  ],
];
for (const [rule, says] of KEY_RULES) {
  Deno.test(`a rule for keys is refused: ${JSON.stringify(rule).slice(0, 60)}`, () => {
    const message = refusal(JSON.stringify({ server: { keys: [rule] } }));
    assert.ok(message.includes(says), `${says} is not in: ${message}`);
  });
}

for (const text of ["", "{", "{'a': 1}", '{"server": {},}']) {
  Deno.test(`refused, as it is no JSON: ${JSON.stringify(text)}`, () => {
    assert.match(refusal(text), /^Cannot read rafka\.json: it is not JSON: ./);
  });
}

Deno.test("where Kafka is may be said by either of two names, but not by nothing", () => {
  assert.equal(hasBootstrapServers({ "bootstrap.servers": "a:1" }), true);
  assert.equal(hasBootstrapServers({ "metadata.broker.list": "a:1" }), true);
  for (const settings of [{}, { "bootstrap.servers": "" }, { "bootstrap.servers": " " }]) {
    assert.equal(hasBootstrapServers(settings), false);
  }
});

Deno.test("another place of Kafka leaves no trace of the one before", () => {
  const settings = { "metadata.broker.list": "a:1", "bootstrap.servers": "b:2", "linger.ms": 1 };
  assert.deepEqual(withBootstrapServers(settings, "c:3"), {
    "linger.ms": 1,
    "bootstrap.servers": "c:3",
  });
  assert.deepEqual(withoutBootstrapServers(settings), { "linger.ms": 1 });
});

function parse(json: unknown): Config {
  return parseConfig(JSON.stringify(json), "rafka.json");
}

function refusal(text: string): string {
  try {
    parseConfig(text, "rafka.json");
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  assert.fail("it was taken");
}
