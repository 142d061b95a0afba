/**
 * Entries as messages, and messages as entries: what a native client of Kafka sees of an entry, and that an entry is
 * read as it was written.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  entryFields,
  type EntryRecord,
  entryReply,
  toRecord,
} from "../../../src/commands/stream/entry_mapping.ts";
import type { CommandError } from "../../../src/commands/core/command_error.ts";
import type { Message, MessageHeader } from "../../../src/kafka/client/message.ts";
import { encodeReply } from "../../../src/resp/reply_writer.ts";
import { DEADLINE_MS, receive } from "../../support/kafka_environment.ts";
import { chooseSeed, fromBytes, SeededRandom, toBytes } from "../../support/wire.ts";
import { testOnEachCluster } from "../../kafka/clusters.ts";

const VALUE_FIELDS = ["data", "body", "payload", "message", "msg", "eve", "__data__"];

/** A string holds one byte per character. */
interface Written {
  readonly what: string;
  readonly entry: readonly string[];
  readonly topicKey?: string;
  readonly value: string;
  readonly key?: string;
  readonly headers?: readonly (readonly [string, string])[];
  /** How it is read; as it was written without it. */
  readonly read?: readonly string[];
}

const WRITTEN: readonly Written[] = [
  { what: "a value", entry: ["value", "v"], value: "v" },
  { what: "an empty value", entry: ["value", ""], value: "" },
  {
    what: "a value and headers",
    entry: ["value", "v", "b", "1", "a", "2", "b", "3"],
    value: "v",
    headers: [["b", "1"], ["a", "2"], ["b", "3"]],
  },
  {
    what: "another name of the value",
    entry: ["data", "d"],
    value: "d",
    headers: [["rafka.value", "data"]],
  },
  {
    what: "the name that stands first in the list, wherever it is",
    entry: ["msg", "m", "data", "d", "x", "1"],
    value: "d",
    headers: [["msg", "m"], ["rafka.value", "data"], ["x", "1"]],
  },
  {
    what: "value before any other name",
    entry: ["data", "d", "value", "v"],
    value: "v",
    headers: [["data", "d"], ["rafka.value", "value"]],
  },
  {
    what: "only one field",
    entry: ["temperature", "21"],
    value: "21",
    headers: [["rafka.value", "temperature"]],
  },
  {
    what: "no field that could be the value",
    entry: ["temperature", "21", "unit", "C"],
    value: "",
    headers: [["rafka.value", ""], ["temperature", "21"], ["unit", "C"]],
  },
  { what: "a key behind the value", entry: ["value", "v", "key", "k"], value: "v", key: "k" },
  {
    what: "a key in front, as Debezium writes it",
    entry: ["key", "k", "value", "v"],
    value: "v",
    key: "k",
    headers: [["rafka.key", ""], ["rafka.value", "value"]],
  },
  {
    what: "a key at the end",
    entry: ["value", "v", "h", "1", "key", "k"],
    value: "v",
    key: "k",
    headers: [["h", "1"], ["rafka.key", ""]],
  },
  {
    what: "a key, but no value",
    entry: ["a", "1", "key", "k", "b", "2"],
    value: "",
    key: "k",
    headers: [["a", "1"], ["rafka.value", ""], ["b", "2"]],
  },
  {
    what: "two keys: the second is a header",
    entry: ["value", "v", "key", "k", "key", "l"],
    value: "v",
    key: "k",
    headers: [["key", "l"]],
  },
  { what: "an empty key", entry: ["value", "v", "key", ""], value: "v", key: "" },
  {
    what: "a key as the only field is the value",
    entry: ["key", "k"],
    value: "k",
    headers: [["rafka.value", "key"]],
  },
  {
    what: "two values: the second is a header",
    entry: ["value", "v", "value", "w"],
    value: "v",
    headers: [["value", "w"]],
  },
  {
    what: "a key in the stream's name is read as a field",
    entry: ["value", "v", "h", "1"],
    topicKey: "k",
    value: "v",
    key: "k",
    headers: [["h", "1"]],
    read: ["value", "v", "key", "k", "h", "1"],
  },
  {
    what: "a key in the stream's name, and one among the fields",
    entry: ["value", "v", "key", "header"],
    topicKey: "k",
    value: "v",
    key: "k",
    headers: [["key", "header"]],
    read: ["value", "v", "key", "k", "key", "header"],
  },
  {
    what: "an empty name",
    entry: ["", "x"],
    value: "",
    headers: [["rafka.value", ""], ["", "x"]],
  },
  {
    what: "a name with NUL, where it is no header's",
    entry: ["a\0b", "x\0y"],
    value: "x\0y",
    headers: [["rafka.value", "a\0b"]],
  },
  {
    what: "names that are not UTF-8",
    entry: ["\xff\xfe", "1", "\xc3", "2"],
    value: "",
    headers: [["rafka.value", ""], ["\xff\xfe", "1"], ["\xc3", "2"]],
  },
  {
    what: "a reserved name, where it is no header's",
    entry: ["rafka.value", "x"],
    value: "x",
    headers: [["rafka.value", "rafka.value"]],
  },
];

for (const { what, entry, topicKey, value, key, headers, read } of WRITTEN) {
  Deno.test(`written: ${what}`, () => {
    const record = recordOf(entry, topicKey);
    assert.deepEqual(shown(record), { value, key: key ?? null, headers: headers ?? [] });
    assert.deepEqual(entryFields(messageOf(record)).map(fromBytes), read ?? entry);
  });
}

interface Foreign {
  readonly what: string;
  readonly value: string | null;
  readonly key?: string;
  readonly headers?: readonly (readonly [string, string | null])[];
  readonly entry: readonly string[];
}

const FOREIGN: readonly Foreign[] = [
  { what: "a value", value: "v", entry: ["value", "v"] },
  {
    what: "value, key, headers",
    value: "v",
    key: "k",
    headers: [["h", "1"]],
    entry: ["value", "v", "key", "k", "h", "1"],
  },
  { what: "an empty value", value: "", entry: ["value", ""] },
  { what: "a tombstone", value: null, key: "k", entry: ["key", "k"] },
  { what: "a tombstone with a header", value: null, headers: [["h", "1"]], entry: ["h", "1"] },
  { what: "a tombstone of an entry", value: null, headers: [["rafka.value", "data"]], entry: [] },
  { what: "a null header", value: "v", headers: [["h", null]], entry: ["value", "v", "h", ""] },
  {
    what: "an entry to which somebody has given a value",
    value: "new",
    headers: [["rafka.value", ""], ["a", "1"]],
    entry: ["value", "new", "a", "1"],
  },
  {
    what: "the reserved headers twice",
    value: "v",
    key: "k",
    headers: [["rafka.value", "data"], ["rafka.value", "x"], ["rafka.key", ""], ["rafka.key", "y"]],
    entry: ["data", "v", "rafka.value", "x", "key", "k", "rafka.key", "y"],
  },
];

for (const { what, value, key, headers = [], entry } of FOREIGN) {
  Deno.test(`read from somebody else: ${what}`, () => {
    const message = messageOf({
      value: value === null ? null : toBytes(value),
      key: key === undefined ? null : toBytes(key),
      headers: headers.map(([name, content]): MessageHeader => {
        return [toBytes(name), content === null ? null : toBytes(content)];
      }),
    });
    assert.deepEqual(entryFields(message).map(fromBytes), entry);
    assert.equal(fromBytes(encodeReply(entryReply(message), 2)), encoded(entry));
  });
}

const REFUSED = [
  { name: "a\0b", text: "'a\\x00b' holds a NUL character" },
  { name: "\0", text: "'\\x00' holds a NUL character" },
  { name: "rafka.value", text: "'rafka.value' is reserved" },
  { name: "rafka.key", text: "'rafka.key' is reserved" },
];

for (const { name, text } of REFUSED) {
  Deno.test(`a field that cannot be a header is refused by its name: ${JSON.stringify(name)}`, () => {
    for (
      const entry of [["value", "v", name, "x"], [name, "x", "data", "v"], [name, "", "a", ""]]
    ) {
      assert.throws(
        () => recordOf(entry),
        ({ code, message }: CommandError) => code === "PROD" && message.includes(text),
      );
    }
  });
}

/** Few names and contents, so that all rules meet, and beside them any bytes. */
const NAMES = ["value", "key", "data", "body", "eve", "a", "b", "", "\xff", "\xc3\xa4", "Value"];
const CONTENTS = ["", "v", "value", "data", "key", "\r\n", "\0", "\xff\0\xfe", "rafka.value"];

function randomEntry(random: SeededRandom): string[] {
  return Array.from({ length: 1 + random.below(6) }, () => [
    random.below(8) > 0 ? random.pick(NAMES) : randomText(random, 1),
    random.below(8) > 0 ? random.pick(CONTENTS) : randomText(random, 0),
  ]).flat();
}

function randomText(random: SeededRandom, least: number): string {
  return fromBytes(
    Uint8Array.from({ length: random.below(20) }, () => least + random.below(256 - least)),
  );
}

const seed = chooseSeed();

Deno.test(`an entry is read as it was written (seed ${seed})`, () => {
  const random = new SeededRandom(seed);
  for (let round = 0; round < 20_000; round++) {
    const entry = randomEntry(random);
    const message = messageOf(recordOf(entry));
    assert.deepEqual(entryFields(message).map(fromBytes), entry);
    assert.equal(fromBytes(encodeReply(entryReply(message), 2)), encoded(entry));
  }
});

testOnEachCluster(
  `an entry is read from Kafka as it was written (seed ${seed})`,
  async ({ kafka, settings, consumerSettings, topic }) => {
    const random = new SeededRandom(seed);
    const entries = Array.from({ length: 500 }, () => randomEntry(random));
    const producer = kafka.newProducer(settings);
    for (const [n, entry] of entries.entries()) {
      const { value, key, headers } = recordOf(entry);
      producer.produce(topic, value, key, { headers, timestampMs: n + 1 });
    }
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const consumer = kafka.newConsumer({
      topics: [topic],
      settings: consumerSettings,
      withMetadata: true,
    });
    for (const message of await receive(consumer, entries.length)) {
      const entry = entries[message.metadata!.timestampMs! - 1]!;
      assert.deepEqual(entryFields(message).map(fromBytes), entry);
    }
  },
);

Deno.test("the names of the value are those of the settings", () => {
  assert.deepEqual(
    shown(toRecord(["data", "1", "x", "2"].map(toBytes), null, ["x"])),
    { value: "2", key: null, headers: [["data", "1"], ["rafka.value", "x"]] },
  );
});

const SENT_MS = 1_700_000_000_000;

/** The reply for an entry in RESP2: that of offset 1 in partition 1. */
function encoded(entry: readonly string[]): string {
  const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;
  return `*2\r\n${bulk("1700000000000-2049")}*${entry.length}\r\n${entry.map(bulk).join("")}`;
}

function recordOf(entry: readonly string[], topicKey?: string): EntryRecord {
  const key = topicKey === undefined ? null : toBytes(topicKey);
  return toRecord(entry.map(toBytes), key, VALUE_FIELDS);
}

function messageOf(
  { value, key, headers }: Omit<EntryRecord, "value"> & { readonly value: Message["value"] },
): Message {
  const metadata = { key, headers, timestampMs: SENT_MS, timestampType: undefined };
  return { topic: "t", partition: 1, offset: 1n, value, metadata };
}

function shown({ value, key, headers }: EntryRecord): unknown {
  return {
    value: fromBytes(value),
    key: key && fromBytes(key),
    headers: headers.map(([name, content]) => [fromBytes(name), content && fromBytes(content)]),
  };
}
