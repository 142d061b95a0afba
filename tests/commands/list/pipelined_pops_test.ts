/**
 * Pipelines of BLPOPs: those behind one are answered many at a time, and nobody can tell.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type PoppedMessage, readPopped, type TestClient } from "../../support/client.ts";
import { connectionId, untilBlocked, untilListed } from "../../support/client_list.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { ack, counter, mustPop, PATIENCE_SECONDS, produceAll } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

const BLPOP = blpop("topics:t");

for (const protocol of [2, 3]) {
  Deno.test(`A pipeline of BLPOPs gets each message once, those of a partition in order (RESP${protocol})`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connectAs("group:a");
    await client.ask("HELLO", protocol);
    const values = Array.from({ length: 1_000 }, (_, n) => `${n}`.padEnd(n % 100, "."));
    await produceAll(client, values.map((value, n) => [`t:${n % 7}`, value]));
    const popped = await popAll(client, "topics:t", values.length);
    assert.deepEqual(popped.map(({ value }) => value).toSorted(), values.toSorted());
    for (const [partition, ofIt] of Map.groupBy(popped, (one) => one.partition)) {
      const offsets = ofIt.map(({ offset }) => offset);
      assert.deepEqual(offsets, offsets.map((_, at) => at), `offsets of partition ${partition}`);
    }
    assert.equal(await counter(client, "consumer.consumed.messages"), values.length);
    assert.match(
      await client.ask("INFO", "commandstats"),
      new RegExp(`^cmdstat_blpop:calls=${values.length},.*rejected_calls=0,failed_calls=0\r$`, "m"),
    );
  });
}

Deno.test("A pipeline takes no more messages than it asks for", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, numbered(100));
  for (const first of [0, 20, 40]) {
    const popped = await popAll(client, "topics:t", 20);
    assert.deepEqual(popped.map(({ value }) => value), values(first, first + 20));
    assert.equal(await counter(client, "consumer.consumed.messages"), first + 20);
  }
});

Deno.test("The BLPOPs of a pipeline that find no message wait, and run out one after the other", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  using other = await gateway.connect();
  const id = await connectionId(client);
  await produceAll(other, numbered(5));
  await client.write(BLPOP.repeat(7));
  for (const value of values(0, 5)) assert.equal(readPopped(await client.reply())?.value, value);
  await untilBlocked(other, id);
  await produceAll(other, [["t:key", "late"]]);
  assert.equal(readPopped(await client.reply())?.value, "late");
  await untilBlocked(other, id);
  await produceAll(other, [["t:key", "later"]]);
  assert.equal(readPopped(await client.reply())?.value, "later");
  await client.write(blpop("topics:t", 0.001).repeat(3));
  for (let n = 0; n < 3; n++) assert.equal(await client.reply(), "*-1\r\n");
});

Deno.test("The replies of a pipeline have the fields that the JSON of its key asks for", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, numbered(10));
  await client.write(blpop('topics:t:{"rafka.fields":["key"]}').repeat(10));
  for (const value of values(0, 10)) {
    const end = `$5\r\nvalue\r\n$${value.length}\r\n${value}\r\n$3\r\nkey\r\n$3\r\nkey\r\n`;
    assert.ok((await client.reply()).endsWith(end));
  }
});

Deno.test("Messages of a pipeline can be acked, and those that are not go to the next worker", async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  await produceAll(producer, numbered(30));
  const worker = await gateway.connectAs("group:a");
  const popped = await popAll(worker, "topics:t", 30);
  assert.equal(await ack(worker, popped[11]!), ":1\r\n");
  worker[Symbol.dispose]();
  await gateway.untilSessions(1);
  using next = await gateway.connectAs("group:a");
  const again = await popAll(next, "topics:t", 18);
  assert.deepEqual(again.map(({ value }) => value), values(12, 30));
});

Deno.test("Of a pipeline each message can have an ack of its own", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, numbered(10));
  const popped = await popAll(client, 'topics:t:{"rafka.acks":"each"}', 10);
  assert.deepEqual(popped.map(({ value }) => value), values(0, 10));
  const { partition } = popped[0]!;
  assert.equal(await client.ask("RAFKA", "NACK", `t:${partition}:3`), ":1\r\n");
  assert.equal((await mustPop(client, "t")).value, "3");
});

for (
  const [what, end] of [
    ["hangs up", (worker) => Promise.resolve(worker[Symbol.dispose]())],
    [
      "is killed",
      async (_, other, id) => assert.equal(await other.ask("CLIENT", "KILL", "ID", id), ":1\r\n"),
    ],
  ] as readonly [
    what: string,
    end: (worker: TestClient, other: TestClient, id: string) => Promise<unknown>,
  ][]
) {
  Deno.test(`A worker that ${what} within a pipeline loses no message: each counts as consumed or as unread`, async () => {
    await using gateway = await TestGateway.start();
    using other = await gateway.connect();
    const all = numbered(2_000).map(([key, n]): [string, string] => [key, n.padStart(1_000, ".")]);
    await produceAll(other, all);
    using worker = await gateway.connectAs("group:a");
    const id = await connectionId(worker);
    const padding = encodeRequest(["PING", "x".repeat(200_000)]); // more than the connection takes unread
    const writing = worker.write((padding + BLPOP.repeat(50)).repeat(40)).catch(() => {});
    await until(async () => {
      const { idle, omem } = await untilListed(other, { id });
      return Number(idle) > 0 && Number(omem) > 0;
    }, "the gateway to wait for its reading, since replies do not fit into the connection");
    const consumed = await counter(other, "consumer.consumed.messages");
    await end(worker, other, id);
    await writing;
    await gateway.untilSessions(1);
    const unread = await counter(other, "consumer.unread.messages");
    assert.equal(await counter(other, "consumer.consumed.messages"), consumed);
    assert.ok(unread > 0 && consumed + unread < all.length, `${consumed} and ${unread}`);
    using next = await gateway.connectAs("group:a");
    const again = await popAll(next, "topics:t", all.length);
    assert.deepEqual(again.map(({ value }) => value), all.map(([, value]) => value));
  });
}

Deno.test("A pipeline of messages that grow is within outputLimitBytes where one by one is", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { outputLimitBytes: 500_000 } },
  });
  using client = await gateway.connectAs("group:a");
  const sizes = [...Array(33).fill(1), ...Array(31).fill(100_000)] as number[];
  await produceAll(client, sizes.map((bytes) => ["t:key", "x".repeat(bytes)]));
  const popped = await popAll(client, "topics:t", sizes.length);
  assert.deepEqual(popped.map(({ value }) => value!.length), sizes);
});

Deno.test("What a pipeline holds between BLPOPs takes effect there", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, numbered(20));
  assert.equal((await mustPop(client, "t")).value, "0");
  const foreign = /^-CONS Client 'group:a' has Consumer 'group:a\|t' registered /;
  const rows: [wire: string, replies: readonly (string | RegExp)[]][] = [
    [BLPOP.repeat(3), ["1", "2", "3"]],
    [blpop("topics:other").repeat(2), [foreign, foreign]],
    [blpop("topics:t", 20).repeat(2), ["4", "5"]],
    [encodeRequest(["MULTI"]) + BLPOP.repeat(2), [/^\+OK/, /^\+QUEUED/, /^\+QUEUED/]],
    [encodeRequest(["EXEC"]) + BLPOP.repeat(2), [
      /^\*2\r\n\*8[^]*\r\n6\r\n[^]*\r\n7\r\n$/,
      "8",
      "9",
    ]],
    [encodeRequest(["CLIENT", "REPLY", "OFF"]) + BLPOP.repeat(2), []],
    [encodeRequest(["CLIENT", "REPLY", "ON"]) + BLPOP.repeat(2), [/^\+OK/, "10", "11"]],
    ["BLPOP topics:t 20\r\n".repeat(3), ["12", "13", "14"]],
    [encodeRequest(["CLIENT", "REPLY", "SKIP"]) + BLPOP.repeat(3), ["15", "16"]],
    [BLPOP + encodeRequest(["BLPOP"]) + BLPOP, ["17", /^-ERR wrong number/, "18"]],
  ];
  await client.write(rows.map(([wire]) => wire).join(""));
  for (const wanted of rows.flatMap(([, replies]) => replies)) {
    const reply = await client.reply();
    if (typeof wanted === "string") assert.equal(readPopped(reply)?.value, wanted);
    else assert.match(reply, wanted);
  }
});

Deno.test("MONITOR shows each BLPOP of a pipeline", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  using monitor = await gateway.connect();
  await produceAll(client, numbered(3));
  assert.equal(await monitor.ask("MONITOR"), "+OK\r\n");
  await client.write(BLPOP.repeat(3) + encodeRequest(["PING"]));
  for (let n = 0; n < 3; n++) assert.match(await monitor.reply(), /"BLPOP" "topics:t"/);
  assert.match(await monitor.reply(), /"PING"/);
});

Deno.test("A pipeline of BLPOPs of a connection without a name gets values in Redis' shape", async () => {
  const config = { server: { lists: { group: "plain" } } };
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connect();
  await client.write(
    numbered(50).map(([key, value]) => {
      return encodeRequest(["RPUSH", `topics:${key}`, value]);
    }).join(""),
  );
  for (const _ of numbered(50)) assert.match(await client.reply(), /^:\d+\r\n$/);
  await client.write(BLPOP.repeat(50));
  for (const value of values(0, 50)) {
    const wanted = `*2\r\n$8\r\ntopics:t\r\n$${value.length}\r\n${value}\r\n`;
    assert.equal(await client.reply(), wanted);
  }
  assert.equal(await counter(client, "consumer.consumed.messages"), 50);
});

function blpop(key: string, timeout: number | string = PATIENCE_SECONDS): string {
  return encodeRequest(["BLPOP", key, String(timeout)]);
}

/** Messages of one partition. */
function numbered(count: number): [target: string, value: string][] {
  return values(0, count).map((value) => ["t:key", value]);
}

function values(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => String(from + n));
}

/** Sends so many BLPOPs in one write, each of which must get a message. */
async function popAll(client: TestClient, key: string, count: number): Promise<PoppedMessage[]> {
  await client.write(blpop(key).repeat(count));
  const popped: PoppedMessage[] = [];
  while (popped.length < count) {
    const message = readPopped(await client.reply());
    assert.ok(message, `${popped.length} messages of ${count}`);
    popped.push(message);
  }
  return popped;
}
