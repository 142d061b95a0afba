/**
 * LMPOP and BLMPOP: many messages in one reply, as many as are at hand; and that all else is as with BLPOP.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { connectionId, untilBlocked } from "../../support/client_list.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { counter, mustPop, PATIENCE_SECONDS, produceAll, quit } from "../../support/kafka.ts";
import { readBatch } from "../../support/popped_batch.ts";
import { encodeRequest } from "../../support/wire.ts";

const NOTHING = "*-1\r\n";

Deno.test("BLMPOP answers its key and an array of what BLPOP answers, a tenth message too", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const key = "topic:t"; // as the client writes it
  await produceAll(client, Array.from({ length: 11 }, (_, n) => ["t:key", `value ${n}`]));
  const { partition } = await mustPop(client, "t"); // all are fetched now
  assert.equal(
    await client.ask("blmpop", PATIENCE_SECONDS, 1, key, "left", "count", 2),
    `*2\r\n$7\r\n${key}\r\n*2\r\n` +
      [1, 2].map((offset) =>
        `*8\r\n$5\r\ntopic\r\n$1\r\nt\r\n$9\r\npartition\r\n:${partition}\r\n` +
        `$6\r\noffset\r\n:${offset}\r\n$5\r\nvalue\r\n$7\r\nvalue ${offset}\r\n`
      ).join(""),
  );
  const rest = readBatch(await client.ask("LMPOP", 1, key, "LEFT", "COUNT", 1_000_000));
  assert.deepEqual(rest.map(({ offset }) => offset), [3, 4, 5, 6, 7, 8, 9, 10]);
  assert.equal(rest.at(-1)?.value, "value 10");
});

Deno.test("A message without a value is a null of the client's protocol, in a batch, too", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, [["t:key", "first"]]);
  for (let n = 0; n < 4; n++) assert.equal(await client.ask("DEL", "topics:t:key"), ":1\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  await mustPop(client, "t");
  const takeTwo = async (shape: string): Promise<void> => {
    for (let left = 2; left > 0;) { // the second one may be fetched later
      const batch = ["BLMPOP", PATIENCE_SECONDS, 1, "topics:t", "LEFT", "COUNT", left];
      const nulls = (await client.ask(...batch)).split(`$5\r\nvalue\r\n${shape}\r\n`).length - 1;
      assert.ok(nulls > 0);
      left -= nulls;
    }
  };
  await takeTwo("$-1");
  await client.ask("HELLO", 3);
  await takeTwo("_");
});

Deno.test("Without COUNT it is one message", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, [["t:key", "one"], ["t:key", "two"], ["t:key", "three"]]);
  const first = await client.ask("BLMPOP", PATIENCE_SECONDS, 1, "topics:t", "LEFT");
  assert.deepEqual(readBatch(first).map(({ value }) => value), ["one"]);
  assert.deepEqual(await poll(client, "LMPOP 1 topics:t LEFT"), ["two"]);
});

Deno.test("LMPOP never waits: again and again it is a poll, which joins the group at first", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, [["t:key", "one"], ["t:key", "two"]]);
  assert.equal(await client.ask("LMPOP", 1, "topics:t", "LEFT", "COUNT", 10), NOTHING);
  const values: (string | null)[] = [];
  while (values.length < 2) values.push(...await poll(client, "LMPOP 1 topics:t LEFT COUNT 10"));
  assert.deepEqual(values, ["one", "two"]);
  assert.equal(await client.ask("LMPOP", 1, "topics:t", "LEFT", "COUNT", 10), NOTHING);
});

Deno.test("BLMPOP waits for the first message, not for the last of its count", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  using other = await gateway.connect();
  const id = await connectionId(client);
  await client.send("BLMPOP", 0, 1, "topics:t", "LEFT", "COUNT", 1_000);
  await untilBlocked(other, id);
  await other.ask("RPUSHX", "topics:t", "alone");
  assert.deepEqual(readBatch(await client.reply()).map(({ value }) => value), ["alone"]);
});

Deno.test("BLMPOP answers the null array when nothing came in time; its unit is that of BLPOP", async () => {
  for (const [dialect, timeout] of [["rafka", 0.2], ["readme", 200]] as const) {
    await using gateway = await TestGateway.start({ config: { server: { dialect } } });
    using client = await gateway.connectAs("group:a");
    const startMs = performance.now();
    assert.equal(await client.ask("BLMPOP", timeout, 1, "topics:t", "LEFT"), NOTHING);
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs >= 195, `${dialect}: 200 ms were over after ${tookMs} ms`);
  }
});

Deno.test("A reply ends after a mebibyte of values, whatever COUNT says, and no message is missing", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const value = "x".repeat(100_000);
  const sent = Array.from({ length: 30 }, (_, n) => `${n} ${value}`);
  await produceAll(client, sent.map((text) => ["t:key", text]));
  await mustPop(client, "t");
  const received: (string | null)[] = [];
  while (received.length < sent.length - 1) {
    const reply = await client.ask("BLMPOP", PATIENCE_SECONDS, 1, "topics:t", "LEFT", "COUNT", 50);
    assert.ok(reply.length < 1.3 * 1024 * 1024, `a reply of ${reply.length} bytes`);
    received.push(...readBatch(reply).map((message) => message.value));
  }
  assert.deepEqual(received, sent.slice(1));
});

Deno.test("A reply that begins with a small message ends after a mebibyte, too", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const large = Array.from({ length: 30 }, (_, n) => `${n} ${"x".repeat(100_000)}`);
  const sent = ["first", "small", ...large];
  await produceAll(client, sent.map((text) => ["t:key", text]));
  await mustPop(client, "t");
  using other = await gateway.connectAs("other-group:a");
  for (const _ of sent) await mustPop(other, "t"); // meanwhile the first has fetched all of them, too
  const reply = await client.ask("BLMPOP", PATIENCE_SECONDS, 1, "topics:t", "LEFT", "COUNT", 1_000);
  assert.ok(reply.length < 1.3 * 1024 * 1024, `a reply of ${reply.length} bytes`);
  assert.equal(readBatch(reply)[0]?.value, "small");
});

Deno.test("The ack of a partition's last message acks all of it: a batch over several partitions", async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  const sent = Array.from({ length: 40 }, (_, n) => [`t:key ${n}`, `${n}`] as const);
  await produceAll(producer, sent);
  using first = await gateway.connectAs("group:a");
  const batch = [];
  while (batch.length < sent.length) {
    const pop = ["BLMPOP", PATIENCE_SECONDS, 1, "topics:t", "LEFT", "COUNT", 1_000] as const;
    batch.push(...readBatch(await first.ask(...pop)));
  }
  const last = new Map(batch.map(({ partition, offset }) => [partition, offset]));
  assert.ok(last.size > 1, "all messages are in one partition");
  const acks = [...last].map(([partition, offset]) => `t:${partition}:${offset}`);
  assert.equal(await first.ask("RPUSH", "acks", ...acks), `:${last.size}\r\n`);
  await quit(first);

  await produceAll(producer, [["t:key 0", "the next"]]);
  using second = await gateway.connectAs("group:b");
  assert.equal((await mustPop(second, "t")).value, "the next");
});

Deno.test("BLPOP, LMPOP and BLMPOP of a connection share a consumer, and so its topics", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, ["1", "2", "3", "4"].map((value) => ["t:key", value]));
  assert.equal((await mustPop(client, "t")).value, "1");
  assert.deepEqual(await poll(client, "LMPOP 1 topics:t LEFT"), ["2"]);
  assert.deepEqual(await poll(client, "BLMPOP 5 1 topics:t LEFT"), ["3"]);
  const other = await client.ask("LMPOP", 1, "topics:u", "LEFT");
  assert.match(other, /^-CONS Client 'group:a' has Consumer 'group:a\|t' registered/);
  assert.equal((await mustPop(client, "t")).value, "4");
});

Deno.test("A BLMPOP that waits is ended by CLIENT UNBLOCK, a hang-up and a shutdown, as BLPOP is", async () => {
  const gateway = await TestGateway.start();
  try {
    using other = await gateway.connect();
    using unblocked = await gateway.connectAs("group:a");
    const id = await connectionId(unblocked);
    await unblocked.send("BLMPOP", 0, 1, "topics:t", "LEFT");
    await untilBlocked(other, id);
    assert.equal(await other.ask("CLIENT", "UNBLOCK", id), ":1\r\n");
    assert.equal(await unblocked.reply(), NOTHING);

    const gone = await gateway.connectAs("gone:a");
    const goneId = await connectionId(gone);
    await gone.send("BLMPOP", 0, 1, "topics:t", "LEFT");
    await untilBlocked(other, goneId);
    gone[Symbol.dispose]();
    await gateway.untilSessions(2);

    await unblocked.send("BLMPOP", 0, 1, "topics:t", "LEFT");
    await untilBlocked(other, id);
    const stopped = gateway[Symbol.asyncDispose]();
    assert.equal(await unblocked.untilClosed(), "-CONS Server shutdown\r\n");
    await stopped;
  } catch (error) {
    await gateway[Symbol.asyncDispose]();
    throw error;
  }
});

Deno.test("In EXEC a batch is answered like any reply; under CLIENT REPLY OFF none is taken", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, ["1", "2", "3"].map((value) => ["t:key", value]));
  await mustPop(client, "t");
  await client.write(
    encodeRequest(["CLIENT", "REPLY", "OFF"]) +
      encodeRequest(["LMPOP", "1", "topics:t", "LEFT", "COUNT", "9"]) +
      encodeRequest(["CLIENT", "REPLY", "ON"]) + encodeRequest(["MULTI"]) +
      encodeRequest(["LMPOP", "1", "topics:t", "LEFT", "COUNT", "9"]) + encodeRequest(["EXEC"]),
  );
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), "+QUEUED\r\n");
  const [, exec] = /^\*1\r\n([^]*)$/.exec(await client.reply())!;
  assert.deepEqual(readBatch(exec!).map(({ value }) => value), ["2", "3"]);
});

Deno.test("All messages of a batch count as consumed when it is written", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using client = await gateway.connectAs("group:a");
  await produceAll(client, ["1", "2", "3"].map((value) => ["t:key", value]));
  await mustPop(client, "t");
  assert.deepEqual(await poll(client, "LMPOP 1 topics:t LEFT COUNT 9"), ["2", "3"]);
  await until(
    async () => await counter(other, "consumer.consumed.messages") === 3,
    "3 consumed messages",
  );
});

/** What a batch command answers, nothing for null. */
async function poll(client: TestClient, command: string): Promise<(string | null)[]> {
  return readBatch(await client.ask(...command.split(" "))).map(({ value }) => value);
}
