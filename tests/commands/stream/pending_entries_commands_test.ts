/**
 * XPENDING, XCLAIM and XAUTOCLAIM: who has an entry, since when, and how often it was delivered.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../../support/gateway.ts";
import { testOnEachKafka, testOnRealKafka } from "../../support/kafka.ts";
import {
  idsOf,
  itemsOf,
  readEntries,
  readTexts,
  type TestEntry,
  TestGroup,
} from "../../support/stream_group.ts";
import type { TestClient } from "../../support/client.ts";
import { readWireReply } from "../../support/wire_reply.ts";

/** A group in which consumer `a` has three entries of one partition. */
async function threePending(
  client: TestClient,
): Promise<{ group: TestGroup; entries: TestEntry[]; ids: string[] }> {
  const group = await TestGroup.create(client);
  for (const value of ["one", "two", "three"]) await group.add(client, value, "key");
  const entries = await group.take(client, "a", 3);
  return { group, entries, ids: idsOf(entries) };
}

/** Waits until all pending entries have been idle for so long. */
async function untilIdle(client: TestClient, group: TestGroup, idleMs: number): Promise<void> {
  await until(
    async () => (await group.pending(client)).every((entry) => entry[2] >= idleMs),
    `${idleMs} ms`,
  );
}

testOnEachKafka(
  "XPENDING says who has which entries, how long and how often",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const { group, ids } = await threePending(client);
    await group.add(client, "four", "key");
    const [last] = idsOf(await group.take(client, "b", 1));
    const summary = await client.ask("XPENDING", group.key, group.name);
    assert.deepEqual(itemsOf(readWireReply(summary)), [
      { type: ":", text: "4" },
      { type: "$", text: ids[0] },
      { type: "$", text: last },
      {
        type: "*",
        items: [["a", "3"], ["b", "1"]].map((pair) => ({
          type: "*",
          items: pair.map((text) => ({ type: "$", text })),
        })),
      },
    ]);
    const ofAll = await group.pending(client);
    assert.deepEqual(ofAll.map(([id, consumer, , deliveries]) => [id, consumer, deliveries]), [
      ...ids.map((id) => [id, "a", 1]),
      [last, "b", 1],
    ]);
    assert.ok(ofAll.every(([, , idleMs]) => idleMs >= 0 && idleMs < 20_000));
    const idsOfQuery = async (...query: (string | number)[]): Promise<string[]> =>
      (await group.pending(client, ...query)).map(([id]) => id);
    assert.deepEqual(await idsOfQuery("-", "+", 2), ids.slice(0, 2));
    assert.deepEqual(await idsOfQuery(`(${ids[0]}`, ids[2]!, 10), ids.slice(1));
    assert.deepEqual(await idsOfQuery("-", "+", 10, "b"), [last]);
    assert.deepEqual(await idsOfQuery("IDLE", 100_000, "-", "+", 10), []);
    await group.history(client, "a", ids[0]);
    await untilIdle(client, group, 20);
    assert.deepEqual(
      (await group.pending(client, "IDLE", 20, "-", "+", 10)).map(([, , , n]) => n),
      [
        1,
        2,
        2,
        1, // a read of history counts as a delivery
      ],
    );
  },
);

testOnEachKafka("XCLAIM gives entries to another consumer", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const { group, entries, ids } = await threePending(client);
  const claim = (...args: (string | number)[]): Promise<string> =>
    client.ask("XCLAIM", group.key, group.name, "b", ...args);
  assert.deepEqual(readEntries(await claim(100_000, ...ids)), []);
  assert.deepEqual(readEntries(await claim(0, ids[2]!, "1-1", ids[0]!)), [entries[2], entries[0]]);
  assert.deepEqual(
    (await group.pending(client)).map(([id, consumer, , deliveries]) => [id, consumer, deliveries]),
    [[ids[0], "b", 2], [ids[1], "a", 1], [ids[2], "b", 2]],
  );
  assert.deepEqual(readTexts(await claim(0, ids[1]!, "IDLE", 50_000, "JUSTID")), [ids[1]]);
  const [[, consumer, idleMs, deliveries] = []] = await group.pending(client, ids[1]!, ids[1]!, 1);
  assert.deepEqual([consumer, deliveries], ["b", 1], "JUSTID counts no delivery");
  assert.ok(idleMs! >= 50_000 && idleMs! < 70_000, `${idleMs}`);
  await claim(0, ids[1]!, "TIME", Date.now() - 90_000, "RETRYCOUNT", 7);
  const [[, , since, count] = []] = await group.pending(client, ids[1]!, ids[1]!, 1);
  assert.ok(since! >= 90_000 && since! < 110_000, `${since}`);
  assert.equal(count, 7);
  assert.equal(await group.ack(client, ...ids), 3);
});

Deno.test("XCLAIM takes a time that cannot be as now, as Redis does", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const { group, ids: [id] } = await threePending(client);
  for (const [option, value] of [["IDLE", -5], ["TIME", -1], ["TIME", Date.now() + 1e9]] as const) {
    await client.ask("XCLAIM", group.key, group.name, "b", 0, id!, option, value);
    const [[, , idleMs] = []] = await group.pending(client, id!, id!, 1);
    assert.ok(idleMs! < 10_000, `${option} ${value}: ${idleMs}`);
  }
});

testOnEachKafka("XAUTOCLAIM goes through what has been idle for long", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const { group, entries, ids } = await threePending(client);
  const autoClaim = async (
    ...args: (string | number)[]
  ): Promise<[cursor: string, entries: TestEntry[], deleted: string[]]> => {
    const reply = await client.ask("XAUTOCLAIM", group.key, group.name, "b", ...args);
    const [cursor, claimed, deleted] = itemsOf(readWireReply(reply));
    assert.ok(cursor && "text" in cursor);
    const read = itemsOf(claimed!).map((entry): TestEntry => {
      const [id, fields] = itemsOf(entry);
      assert.ok(id && "text" in id);
      return {
        id: id.text,
        fields: itemsOf(fields!).map((field) => "text" in field ? field.text : ""),
      };
    });
    return [cursor.text, read, itemsOf(deleted!).map((id) => "text" in id ? id.text : "")];
  };
  assert.deepEqual(await autoClaim(100_000, "0"), ["0-0", [], []]);
  assert.deepEqual(await autoClaim(0, "-", "COUNT", 2), [ids[2], entries.slice(0, 2), []]);
  assert.deepEqual(await autoClaim(0, ids[2]!, "COUNT", 2), ["0-0", [entries[2]], []]);
  assert.deepEqual(await autoClaim(0, `(${ids[1]}`), ["0-0", [entries[2]], []]);
  assert.deepEqual((await group.pending(client)).map(([, consumer, , n]) => [consumer, n]), [
    ["b", 2],
    ["b", 2],
    ["b", 3],
  ]);
  const justIds = await client.ask(
    ...["XAUTOCLAIM", group.key, group.name, "c", "0", "0", "JUSTID"],
  );
  assert.deepEqual(itemsOf(readWireReply(justIds))[1], {
    type: "*",
    items: ids.map((text) => ({ type: "$", text })),
  });
});

Deno.test("Claims are whole up to megabytes; what is left out for its size is not claimed", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  const value = "x".repeat(100_000); // the embedded Kafka keeps 5 MB of a partition
  for (let n = 0; n < 130; n++) await group.add(client, value);
  await group.take(client, "a", 130);
  const ids = (await group.pending(client, "-", "+", 200)).map(([id]) => id);
  const claimed = idsOf(
    readEntries(await client.ask("XCLAIM", group.key, group.name, "b", 0, ...ids)),
  );
  assert.ok(claimed.length > 80 && claimed.length < 130, `${claimed.length} entries`);
  const ofB = (await group.pending(client, "-", "+", 200, "b")).map(([id]) => id);
  assert.deepEqual(ofB, claimed);
  const reply = await client.ask(
    ...["XAUTOCLAIM", group.key, group.name, "c", "0", "0", "COUNT", "130"],
  );
  const [cursor, entries] = itemsOf(readWireReply(reply));
  const count = itemsOf(entries!).length;
  assert.deepEqual(cursor, { type: "$", text: ids[count] });
  assert.equal((await group.pending(client, "-", "+", 200, "c")).length, count);
});

testOnRealKafka(
  "An entry that Kafka has deleted is pending without fields, until it is claimed",
  async (startGateway) => {
    const streams = { trim: true, pendingBytes: 0 };
    await using gateway = await startGateway({ server: { streams } });
    using client = await gateway.connect();
    const { group, ids } = await threePending(client);
    await client.ask("XTRIM", group.key, "MINID", ids[2]!);
    const history = await group.history(client, "a");
    assert.deepEqual(history.map(({ id, fields }) => [id, fields?.[1]]), [
      [ids[0], undefined],
      [ids[1], undefined],
      [ids[2], "three"],
    ]);
    assert.deepEqual(
      readEntries(await client.ask("XCLAIM", group.key, group.name, "b", 0, ids[0]!, ids[2]!)).map(
        ({ id }) => id,
      ),
      [ids[2]],
    );
    assert.deepEqual((await group.pending(client)).map(([id]) => id), ids.slice(1));
    const reply = await client.ask("XAUTOCLAIM", group.key, group.name, "b", 0, 0);
    assert.deepEqual(itemsOf(readWireReply(reply)).slice(1).map((list) => itemsOf(list).length), [
      1,
      1,
    ]);
    assert.deepEqual((await group.pending(client)).map(([id]) => id), [ids[2]]);
  },
);
