/**
 * XINFO STREAM: a stream as a whole.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { uniqueName } from "../../support/gateway.ts";
import { testOnEachKafka } from "../../support/kafka.ts";
import { readWireReply, type WireReply } from "../../support/wire_reply.ts";
import { addTo, errorIn, idsIn, keyFor, newStream } from "./stream_client.ts";

/** An hour ago: Kafka deletes at once what is older than it keeps records. */
const T = Date.now() - 3_600_000;

/** A reply as plain data: fields of a map in an object. */
async function info(client: TestClient, ...args: string[]): Promise<Record<string, unknown>> {
  return fieldsOf(readWireReply(await client.ask("XINFO", "STREAM", ...args)));
}

function fieldsOf(reply: WireReply): Record<string, unknown> {
  const items = "items" in reply ? reply.items : assert.fail(JSON.stringify(reply));
  return Object.fromEntries(
    items.flatMap((item, at) => at % 2 === 0 ? [[plain(item), plain(items[at + 1]!)]] : []),
  );
}

function plain(reply: WireReply): unknown {
  if ("items" in reply) return reply.items.map(plain);
  return "text" in reply ? reply.text : null;
}

testOnEachKafka("an empty stream has the fields of Redis 7.0, and no entries", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  assert.deepEqual(await info(client, `topics:${topic}`), {
    "length": "0",
    "radix-tree-keys": "2",
    "radix-tree-nodes": "3",
    "last-generated-id": "0-0",
    "max-deleted-entry-id": "0-0",
    "entries-added": "0",
    "recorded-first-entry-id": "0-0",
    "groups": "0",
    "first-entry": null,
    "last-entry": null,
  });
  const missing = `topics:${uniqueName("missing")}`;
  assert.equal(errorIn(await client.ask("XINFO", "STREAM", missing)), "ERR no such key");
});

testOnEachKafka("the first and the last entry are those of all partitions", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const ids: string[] = [];
  for (const [partition, ms] of [[1, 2], [0, 1], [0, 9], [1, 5]] as const) {
    ids.push(await addTo(client, topic, { partition, of: 2, ms: T + ms }, `${ms}`));
  }
  const fields = await info(client, key);
  assert.equal(fields["length"], "4");
  assert.equal(fields["last-generated-id"], ids[2]);
  assert.equal(fields["entries-added"], "4");
  assert.deepEqual(fields["first-entry"], [ids[1], ["value", "1", "key", keyFor(0, 2)]]);
  assert.deepEqual(fields["last-entry"], [ids[2], ["value", "9", "key", keyFor(0, 2)]]);
  // what comes late behind the last entry is found from there
  const late = await addTo(client, topic, { partition: 1, of: 2, ms: T + 8 }, "late");
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, `(${ids[2]}`, "+")), [late]);
});

testOnEachKafka("FULL has entries and groups, with what is pending", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  const key = `topics:${topic}`;
  const ids: string[] = [];
  for (let n = 0; n < 12; n++) {
    ids.push(await addTo(client, topic, { partition: 0, of: 1, ms: T + n }, `${n}`));
  }
  const group = uniqueName("group");
  assert.equal(await client.ask("XGROUP", "CREATE", key, group, 0), "+OK\r\n");
  await client.ask(
    ...["XREADGROUP", "GROUP", group, "c", "COUNT", 1, "BLOCK", 20_000, "STREAMS", key, ">"],
  );
  const entries = async (...args: string[]): Promise<number> =>
    ((await info(client, key, "FULL", ...args))["entries"] as unknown[]).length;
  assert.deepEqual(
    [await entries(), await entries("COUNT", "3"), await entries("COUNT", "0")],
    [10, 3, 12],
  );
  assert.equal(await entries("COUNT", "-5"), 10);
  const { groups } = await info(client, key, "FULL");
  const [fields] = (groups as unknown[][]).map((items) =>
    Object.fromEntries(items.flatMap((item, at) => at % 2 === 0 ? [[item, items[at + 1]]] : []))
  );
  assert.deepEqual(Object.keys(fields!), [
    "name",
    "last-delivered-id",
    "entries-read",
    "lag",
    "pel-count",
    "pending",
    "consumers",
  ]);
  assert.deepEqual([fields!["name"], fields!["pel-count"]], [group, "1"]);
  const [[id, consumer, time, count]] = fields!["pending"] as [string[]];
  assert.deepEqual([id, consumer, count], [ids[0], "c", "1"]);
  assert.ok(Math.abs(Number(time) - Date.now()) < 60_000, `${time}`);

  assert.equal(await client.ask("XNACK", key, group, "FATAL", "IDS", 1, ids[0]!), ":1\r\n");
  const [[, items]] = [[0, (await info(client, key, "FULL"))["groups"]]] as [[number, unknown[][]]];
  const pending = items[0]![items[0]!.indexOf("pending") + 1] as unknown[][];
  assert.deepEqual(pending, [[ids[0], "", "0", "9223372036854775807"]]);
});
