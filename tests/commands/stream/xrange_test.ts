/**
 * XRANGE and XREVRANGE over several partitions: every entry of the range once, in the order of ids where timestamps allow
 * it, also page by page while somebody else produces.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { uniqueName } from "../../support/gateway.ts";
import { testOnEachKafka, testOnRealKafka } from "../../support/kafka.ts";
import { addTo, entriesIn, errorIn, idsIn, newStream, valuesIn } from "./stream_client.ts";

/** An hour ago, so that Kafka does not delete them at once: entries of tests have this and the milliseconds behind it. */
const T = Date.now() - 3_600_000;

/** Adds entries `[partition, milliseconds after T]` in this order; their ids. */
async function addAll(
  client: TestClient,
  topic: string,
  partitions: number,
  places: readonly (readonly [partition: number, ms: number])[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const [partition, ms] of places) {
    const place = { partition, of: partitions, ms: T + ms };
    ids.push(await addTo(client, topic, place, `p${partition}@${ms}`));
  }
  return ids;
}

testOnEachKafka("a range has the entries of all partitions by their ids", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 3);
  const ids = await addAll(client, topic, 3, [[0, 1], [2, 2], [1, 3], [0, 4], [0, 4], [1, 5]]);
  const key = `topics:${topic}`;
  const rows: [args: (string | number)[], ids: string[]][] = [
    [["-", "+"], ids],
    [["-", "+", "COUNT", 2], ids.slice(0, 2)],
    [[ids[1]!, ids[3]!], ids.slice(1, 4)],
    [[`(${ids[1]}`, `(${ids[3]}`], ids.slice(2, 3)],
    [[T + 3, T + 4], ids.slice(2, 5)],
    [[`(${T + 3}`, "+"], ids.slice(2)],
    [[T + 6, "+"], []],
    [[ids[3]!, ids[3]!], [ids[3]!]],
    [[`${T + 4}-1`, `${T + 4}-1`], []],
    [[ids[3]!, ids[1]!], []],
    [["-", `${T}`], []],
  ];
  for (const [args, expected] of rows) {
    assert.deepEqual(idsIn(await client.ask("XRANGE", key, ...args)), expected, `${args}`);
    const [start, end, ...count] = args;
    if (count.length > 0) continue;
    const reversed = await client.ask("XREVRANGE", key, end!, start!);
    assert.deepEqual(idsIn(reversed), expected.toReversed(), `${args}, reversed`);
  }
  assert.deepEqual(idsIn(await client.ask("XREVRANGE", key, "+", "-", "COUNT", 2)), [
    ids[5],
    ids[4],
  ]);
});

testOnEachKafka("a range may begin within many entries of one time", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 3);
  const places = Array.from({ length: 40 }, (_, at): [number, number] => [at % 5 % 3, 7]);
  const late: [number, number][] = [[0, 9], [0, 6], [1, 8], [0, 7], [2, 9]];
  await addAll(client, topic, 3, [...places, ...late]);
  const key = `topics:${topic}`;
  const all = idsIn(await client.ask("XRANGE", key, "-", "+"));
  for (const from of all.filter((id) => id.startsWith(`${T + 7}-`)).slice(0, 30)) {
    using fresh = await gateway.connect(); // goes on from the id alone
    const found = idsIn(await fresh.ask("XRANGE", key, from, "+", "COUNT", 200));
    const missing = all.filter((id) => !isBefore(id, from) && !found.includes(id));
    assert.deepEqual(missing, [], `from ${from}`);
    assert.equal(new Set(found).size, found.length, `each once, from ${from}`);
  }
});

/** Whether an id is smaller than another. */
function isBefore(id: string, than: string): boolean {
  const [ms, seq] = id.split("-").map(BigInt);
  const [thanMs, thanSeq] = than.split("-").map(BigInt);
  return ms! < thanMs! || ms === thanMs && seq! < thanSeq!;
}

testOnEachKafka("entries come with all their fields", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  await client.ask("XADD", `topics:${topic}`, "*", "a", "1", "b", "2", "a", "\x00\xff");
  const [entry] = entriesIn(await client.ask("XRANGE", `topic:${topic}`, "-", "+"));
  assert.deepEqual(entry!.fields, ["a", "1", "b", "2", "a", "bytes:\x00\xff"]);
});

testOnEachKafka("COUNT 0 is null, and a missing topic has no entries", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  for (const command of ["XRANGE", "XREVRANGE"]) {
    const [from, to] = command === "XRANGE" ? ["-", "+"] : ["+", "-"];
    assert.equal(await client.ask(command, `topics:${topic}`, from, to), "*0\r\n");
    assert.equal(await client.ask(command, `topics:${topic}`, from, to, "COUNT", 0), "*-1\r\n");
    const missing = `topics:${uniqueName("missing")}`;
    assert.equal(await client.ask(command, missing, from, to), "*0\r\n");
    assert.equal(await client.ask(command, missing, from, to, "COUNT", 0), "*0\r\n");
    assert.equal(await client.ask("EXISTS", missing), ":0\r\n", "reading creates no topic");
  }
});

testOnEachKafka("pages go on over entries that have come late", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const first = await addAll(client, topic, 2, [[0, 1], [0, 2], [1, 3]]);
  const [, , last] = idsIn(await client.ask("XRANGE", key, "-", "+", "COUNT", 3));
  assert.equal(last, first[2]);
  // one is older than what was returned, one has the same time, both are appended now
  const late = await addAll(client, topic, 2, [[0, 2], [0, 3], [1, 4]]);
  const next = idsIn(await client.ask("XRANGE", key, `(${last}`, "+", "COUNT", 3));
  assert.deepEqual(next, late);
  assert.equal(await client.ask("XRANGE", key, `(${late[2]}`, "+"), "*0\r\n");
  // also for a client that has read up to there on another connection
  using pooled = await gateway.connect();
  assert.deepEqual(idsIn(await pooled.ask("XRANGE", key, `(${last}`, "+")), late);
  // and for one that asks by the next possible id, as before Redis 6.2
  const [ms, seq] = last!.split("-");
  const following = `${ms}-${BigInt(seq!) + 1n}`;
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, following, "+")), late);
});

testOnEachKafka("each connection goes on behind its own entries", async (startGateway) => {
  await using gateway = await startGateway();
  using early = await gateway.connect();
  using later = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const [, last] = await addAll(early, topic, 2, [[0, 1], [1, 3]]);
  await early.ask("XRANGE", key, "-", "+");
  const [late] = await addAll(early, topic, 2, [[0, 2]]);
  assert.ok(idsIn(await later.ask("XRANGE", key, "-", "+")).includes(late!));
  // both have read up to the same id
  assert.deepEqual(idsIn(await early.ask("XRANGE", key, `(${last}`, "+")), [late]);
  assert.equal(await later.ask("XRANGE", key, `(${last}`, "+"), "*0\r\n");
});

testOnEachKafka("timestamps that go backwards hide no entry", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const places = [[0, 10], [0, 5], [1, 7], [0, 12], [1, 6], [1, 20]] as const;
  const ids = await addAll(client, topic, 2, places);
  assert.deepEqual(new Set(idsIn(await client.ask("XRANGE", key, "-", "+"))), new Set(ids));
  for (const command of ["XRANGE", "XREVRANGE"]) {
    const seen: string[] = [];
    for (let last = command === "XRANGE" ? "-" : "+";;) {
      const edge = command === "XRANGE" ? "+" : "-";
      const page = idsIn(await client.ask(command, key, last, edge, "COUNT", 1));
      if (page.length === 0) break;
      seen.push(...page);
      last = `(${page[0]}`;
    }
    assert.deepEqual(seen.toSorted(), ids.toSorted(), command);
  }
  assert.deepEqual(
    idsIn(await client.ask("XRANGE", key, T + 5, T + 7)).toSorted(),
    [
      ids[1],
      ids[2],
      ids[4],
    ].toSorted(),
  );
});

testOnEachKafka(
  "pages of a topic that grows miss nothing and repeat nothing",
  async (startGateway) => {
    await using gateway = await startGateway();
    const topic = await newStream(gateway, 8);
    const added = new Set<string>();
    let producing = true;
    const produce = async (worker: number): Promise<void> => {
      using client = await gateway.connect();
      for (let n = 0; n < 40; n++) {
        const keys = [...Array(8).keys()].map((at) => `topics:${topic}:${worker}.${n}.${at}`);
        for (const key of keys) await client.send("XADD", key, "*", "value", key);
        for (const _ of keys) added.add((await client.reply()).split("\r\n")[1]!);
      }
    };
    const read = async (count: number): Promise<string[]> => {
      using client = await gateway.connect();
      const seen: string[] = [];
      for (let start = "-", isLast = false; !isLast;) {
        isLast = !producing;
        for (;;) {
          const page = idsIn(
            await client.ask("XRANGE", `topics:${topic}`, start, "+", "COUNT", count),
          );
          if (page.length === 0) break;
          seen.push(...page);
          start = `(${page.at(-1)}`;
        }
      }
      return seen;
    };
    const readers = [read(3), read(50)];
    await Promise.all([produce(0), produce(1), produce(2)]);
    producing = false;
    for (const seen of await Promise.all(readers)) {
      assert.equal(seen.length, added.size);
      assert.deepEqual(new Set(seen), added);
    }
  },
);

testOnEachKafka(
  "without COUNT a reply is bounded, with COUNT it is an error",
  async (startGateway) => {
    const limits = { streams: { readBytes: 100_000 }, outputLimitBytes: 200_000 };
    await using gateway = await startGateway({ server: limits });
    using client = await gateway.connect();
    const topic = await newStream(gateway, 2);
    const key = `topics:${topic}`;
    const value = "x".repeat(30_000);
    const ids: string[] = [];
    for (let n = 0; n < 10; n++) {
      ids.push(await addTo(client, topic, { partition: n % 2, of: 2, ms: T + n }, value));
    }
    assert.deepEqual(idsIn(await client.ask("XRANGE", key, "-", "+")), ids.slice(0, 4));
    assert.deepEqual(idsIn(await client.ask("XRANGE", key, `(${ids[3]}`, "+")), ids.slice(4, 8));
    assert.deepEqual(
      idsIn(await client.ask("XREVRANGE", key, "+", "-")),
      ids.slice(-4).toReversed(),
    );
    assert.equal(
      errorIn(await client.ask("XRANGE", key, "-", "+", "COUNT", 100)),
      "ERR 100 entries are larger than a reply may be, server.outputLimitBytes is 200000: use a smaller COUNT",
    );
    assert.equal(idsIn(await client.ask("XRANGE", key, "-", "+", "COUNT", 5)).length, 5);
  },
);

testOnRealKafka("deleted records are no longer in a range", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const ids = await addAll(client, topic, 2, [[0, 1], [1, 2], [0, 3], [1, 4], [0, 5]]);
  const page = idsIn(await client.ask("XRANGE", key, "-", "+", "COUNT", 1));
  const { admin } = gateway.rafka.server.state.principals.own.cluster;
  await admin.deleteRecords(topic, new Map([[0, 2n], [1, 1n]]));
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, "-", "+")), ids.slice(3));
  assert.deepEqual(idsIn(await client.ask("XREVRANGE", key, "+", "-")), ids.slice(3).toReversed());
  // going on from an entry that is gone
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, `(${page[0]}`, "+")), ids.slice(3));
  assert.equal(await client.ask("XRANGE", key, ids[0]!, ids[0]!), "*0\r\n");
  using other = await gateway.connect();
  assert.deepEqual(idsIn(await other.ask("XRANGE", key, `(${ids[1]}`, "+")), ids.slice(3));
  assert.equal(await client.ask("XLEN", key), ":2\r\n");
});

testOnRealKafka("a topic that was made anew is read from its beginning", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  const key = `topics:${topic}`;
  const ids = await addAll(client, topic, 1, [[0, 1], [0, 2], [0, 3]]);
  assert.equal(idsIn(await client.ask("XRANGE", key, "-", "+")).length, 3);
  const { admin } = gateway.rafka.server.state.principals.own.cluster;
  await admin.deleteTopic(topic);
  await admin.createTopic(topic, { partitions: 1 });
  const [anew] = await addAll(client, topic, 1, [[0, 9]]);
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, `(${ids[2]}`, "+")), [anew]);
  assert.deepEqual(idsIn(await client.ask("XRANGE", key, "-", "+")), [anew]);
});

testOnEachKafka("values of a topic that others have produced are entries", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  await client.ask("RPUSHX", `topics:${topic}`, "plain", "");
  await client.ask("DUMP", 20_000);
  const reply = await client.ask("XRANGE", `topics:${topic}`, "-", "+");
  assert.deepEqual(valuesIn(reply), ["plain", ""]);
});
