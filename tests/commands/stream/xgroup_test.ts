/**
 * XGROUP and XINFO: a group of a stream is Kafka's of the same name, and where it begins is exact.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { testOnEachKafka } from "../../support/kafka.ts";
import { idsOf, itemsOf, TestGroup, textOf, valuesOf } from "../../support/stream_group.ts";
import { readWireReply } from "../../support/wire_reply.ts";

const BUSY = "-BUSYGROUP Consumer Group name already exists\r\n";
const NO_KEY =
  "-ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the " +
  "MKSTREAM option to create an empty stream automatically.\r\n";

/** Name, value, name, value … of each map in an array. */
async function maps(client: TestClient, ...command: string[]): Promise<Record<string, string>[]> {
  return itemsOf(readWireReply(await client.ask(...command))).map((map) => {
    const flat = itemsOf(map).map((item) => "text" in item ? item.text : item.type);
    return Object.fromEntries(
      Array.from({ length: flat.length / 2 }, (_, at) => flat.slice(2 * at, 2 * at + 2)),
    );
  });
}

testOnEachKafka(
  "A group begins at the first entry, behind an entry, or at the end",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const all = await TestGroup.create(client);
    const ids: string[] = [];
    for (const value of ["one", "two", "three"]) ids.push(await all.add(client, value, "key"));
    const create = async (start: string): Promise<TestGroup> => {
      const group = all.sameTopic(uniqueName("group"));
      assert.equal(await client.ask("XGROUP", "CREATE", group.key, group.name, start), "+OK\r\n");
      return group;
    };
    const behind = await create(ids[0]!);
    const end = await create("$");
    await all.add(client, "four", "key");
    assert.deepEqual(valuesOf(await all.take(client, "a", 4)), ["four", "one", "three", "two"]);
    assert.deepEqual(valuesOf(await behind.take(client, "a", 3)), ["four", "three", "two"]);
    assert.deepEqual(valuesOf(await end.take(client, "a", 1)), ["four"]);
    assert.equal(await client.ask("XGROUP", "CREATE", end.key, end.name, "0"), BUSY);
    assert.equal(await client.ask("XGROUP", "CREATE", end.key, end.name, "$", "MKSTREAM"), BUSY);
  },
);

testOnEachKafka(
  "SETID makes a group go on behind an entry; what is pending stays so",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const group = await TestGroup.create(client);
    for (const value of ["one", "two", "three"]) await group.add(client, value, "key");
    const entries = await group.take(client, "a", 3);
    assert.equal(await group.ack(client, entries[1]!.id), 1);
    const setId = (id: string): Promise<string> =>
      client.ask("XGROUP", "SETID", group.key, group.name, id);
    assert.equal(await setId(entries[0]!.id), "+OK\r\n");
    assert.deepEqual(idsOf(await group.take(client, "b", 2)), idsOf(entries.slice(1)));
    assert.deepEqual(idsOf(await group.history(client, "a")), [entries[0]!.id]);
    assert.equal(await setId("$"), "+OK\r\n");
    assert.equal(await group.read(client, "b", "BLOCK", 200), null);
  },
);

testOnEachKafka("DELCONSUMER hands out again what a consumer had", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  await group.add(client, "one", "key");
  await group.add(client, "two", "key");
  const entries = await group.take(client, "a", 2);
  await group.ack(client, entries[0]!.id);
  const consumer = (subcommand: string, name: string): Promise<string> =>
    client.ask("XGROUP", subcommand, group.key, group.name, name);
  assert.equal(await consumer("CREATECONSUMER", "a"), ":0\r\n");
  assert.equal(await consumer("CREATECONSUMER", "b"), ":1\r\n");
  assert.equal(await consumer("DELCONSUMER", "a"), ":1\r\n");
  assert.equal(await consumer("DELCONSUMER", "a"), ":0\r\n");
  assert.deepEqual(idsOf(await group.take(client, "b", 1)), [entries[1]!.id]);
});

testOnEachKafka(
  "A group that is destroyed is gone; one made anew begins anew",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const group = await TestGroup.create(client);
    await group.add(client, "one");
    await group.take(client, "a", 1);
    const ask = (...command: string[]): Promise<string> =>
      client.ask("XGROUP", ...command, group.key, group.name);
    assert.equal(await ask("DESTROY"), ":1\r\n");
    assert.equal(await ask("DESTROY"), ":0\r\n");
    assert.match(await client.ask("XPENDING", group.key, group.name), /^-NOGROUP/);
    assert.equal(await client.ask("XGROUP", "CREATE", group.key, group.name, 0), "+OK\r\n");
    assert.deepEqual(valuesOf(await group.take(client, "b", 1)), ["one"]);
    assert.equal(await client.ask("XGROUP", "DESTROY", "topics:absent", group.name), NO_KEY);
  },
);

testOnEachKafka(
  "XINFO shows groups and consumers, and a lag that is true",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const group = await TestGroup.create(client);
    for (const value of ["one", "two", "three"]) await group.add(client, value, "key");
    const [entry] = await group.take(client, "a", 1);
    await client.ask("XGROUP", "CREATECONSUMER", group.key, group.name, "b");
    const other = group.sameTopic(uniqueName("group"));
    await client.ask("XGROUP", "CREATE", other.key, other.name, "$");
    const infoOf = async (name: string): Promise<Record<string, string> | undefined> =>
      (await maps(client, "XINFO", "GROUPS", group.key)).find((info) => info.name === name);
    assert.deepEqual(await infoOf(group.name), {
      "name": group.name,
      "consumers": "2",
      "pending": "1",
      "last-delivered-id": entry!.id,
      "entries-read": "1",
      "lag": "3",
    });
    const elsewhere = (await infoOf(other.name))!;
    assert.deepEqual([elsewhere.lag, elsewhere["entries-read"]], ["0", "$-1"]);
    await group.ack(client, entry!.id);
    await until(async () => (await infoOf(group.name))!.lag === "2", "the ack in the lag");
    const consumers = await maps(client, "XINFO", "CONSUMERS", group.key, group.name);
    assert.deepEqual(consumers.map(({ name, pending }) => [name, pending]), [["a", "0"], [
      "b",
      "0",
    ]]);
    for (const { idle } of consumers) assert.ok(Number(idle) < 20_000, idle);
  },
);

Deno.test("XINFO in RESP3 has maps", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  await client.ask("HELLO", 3);
  assert.match(await client.ask("XINFO", "GROUPS", group.key), /^\*1\r\n%6\r\n\$4\r\nname\r\n/);
});

/** What is refused, and the error. */
const ERRORS: readonly (readonly [command: string, error: string])[] = [
  [
    "XACK orders g 1-1",
    "Cannot parse a stream from 'orders': the topic is named as 'topics:orders'",
  ],
  [
    "XPENDING orders g",
    "Cannot parse a stream from 'orders': the topic is named as 'topics:orders'",
  ],
  [
    "XREADGROUP GROUP g c STREAMS topics:t orders > >",
    "Cannot parse a stream from 'orders': the topic is named as 'topics:orders'",
  ],
  [
    "XGROUP CREATE topics:t:key g 0",
    "Cannot parse a stream from 'topics:t:key': only XADD takes a message key behind the topic",
  ],
  [
    "XGROUP CREATE topics:__consumer_offsets g 0",
    "Cannot parse a stream from 'topics:__consumer_offsets': __consumer_offsets is Kafka's own, server.internalTopics " +
    "is false",
  ],
  [
    "XINFO GROUPS topics:a,b",
    "Cannot parse a stream from 'topics:a,b': allowed in a topic are 1 to 249 of the characters a-z A-Z 0-9 . _ -",
  ],
  [
    "XGROUP CREATE topics:t \xff 0",
    "Invalid group '\ufffd': allowed are 1 to 32767 bytes of UTF-8 without NUL",
  ],
  [
    "XGROUP DESTROY topics:t <empty>",
    "Invalid group '': allowed are 1 to 32767 bytes of UTF-8 without NUL",
  ],
  [
    "XACK topics:t <empty> 1-1",
    "Invalid group '': allowed are 1 to 32767 bytes of UTF-8 without NUL",
  ],
  [
    "XREADGROUP GROUP g \x00 STREAMS topics:t >",
    "Invalid consumer '\x00': allowed are 0 to 32767 bytes of UTF-8 without NUL",
  ],
];

Deno.test("Keys, groups and consumers that Kafka cannot have are refused with the reason", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  await other.ask("XADD", "topics:t", "*", "f", "v");
  await other.ask("XGROUP", "CREATE", "topics:t", "g", 0);
  for (const [command, error] of ERRORS) {
    using client = await gateway.connect();
    const words = command.split(" ").map((word) => word === "<empty>" ? "" : word);
    assert.equal(textOf(await client.ask(...words)), `ERR ${error}`, command);
  }
});

Deno.test("A gateway is a member of at most streams.maxGroups groups", async () => {
  const server = { streams: { maxGroups: 1 } };
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connect();
  const one = await TestGroup.create(client);
  const two = await TestGroup.create(client);
  await one.read(client, "a");
  const { key, name } = two;
  assert.match(
    await client.ask("XREADGROUP", "GROUP", name, "a", "STREAMS", key, ">"),
    /^-ERR this gateway is a member of 1 stream groups, as many as server\.streams\.maxGroups allows/,
  );
  assert.deepEqual(await two.pending(client), []);
});
