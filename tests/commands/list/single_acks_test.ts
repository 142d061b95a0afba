/**
 * BLPOP with rafka.acks each: each ack stands for its message, in any order, and RAFKA NACK gives one back. With
 * rafka.fields the reply has more of a message.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { encodeRequest } from "../../support/wire.ts";
import { MAX_PENDING_MESSAGES } from "../../../src/groups/pending_messages.ts";
import { TestGateway, uniqueName } from "../../support/gateway.ts";
import { ack, mustPop, quit, testOnEachKafka } from "../../support/kafka.ts";

const EACH = '{"rafka.acks":"each"}';

/** Produces 0 to `count` - 1, all to one partition. */
async function produce(client: TestClient, topic: string, count: number): Promise<void> {
  for (let n = 0; n < count; n++) await client.ask("RPUSHX", `topics:${topic}:one key`, n);
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
}

testOnEachKafka(
  "acks in any order: the group goes on at the first message without one",
  async (startGateway) => {
    await using gateway = await startGateway();
    const [topic, group] = [uniqueName("topic"), uniqueName("group")];
    {
      using client = await gateway.connectAs(`${group}:a`);
      await produce(client, topic, 5);
      const messages = [];
      for (let n = 0; n < 5; n++) messages.push(await mustPop(client, `${topic}:${EACH}`));
      for (const n of [4, 0, 1, 3]) assert.equal(await ack(client, messages[n]!), ":1\r\n");
      assert.equal(await ack(client, messages[4]!), ":1\r\n", "an ack may be repeated");
      await quit(client);
      await gateway.untilSessions(0);
    }
    using next = await gateway.connectAs(`${group}:b`);
    for (const n of [2, 3, 4]) {
      const message = await mustPop(next, `${topic}:${EACH}`);
      assert.equal(message.value, `${n}`);
      assert.equal(await ack(next, message), ":1\r\n");
    }
    await quit(next);
    await gateway.untilSessions(0);
    using last = await gateway.connectAs(`${group}:c`);
    await produce(last, topic, 1);
    assert.equal((await mustPop(last, topic)).value, "0", "all others were acked");
  },
);

Deno.test("without rafka.acks an ack stands for all before it, as it always has", async () => {
  await using gateway = await TestGateway.start();
  {
    using client = await gateway.connectAs("g:a");
    await produce(client, "t", 3);
    await mustPop(client, 't:{"rafka.acks":"upto"}');
    await ack(client, await mustPop(client, "t"));
    await quit(client);
    await gateway.untilSessions(0);
  }
  using next = await gateway.connectAs("g:b");
  assert.equal((await mustPop(next, "t")).value, "2");
});

Deno.test("RAFKA NACK gives a message back at once, or after a while", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:a");
  await produce(client, "t", 2);
  const first = await mustPop(client, `t:${EACH}`);
  const place = `${first.topic}:${first.partition}:${first.offset}`;
  assert.equal(await client.ask("RAFKA", "NACK", place), ":1\r\n");
  assert.deepEqual(await mustPop(client, "t"), first, "in front of new ones");
  assert.equal(await client.ask("rafka", "nack", place, 300), ":1\r\n");
  const second = await mustPop(client, "t");
  assert.equal(second.value, "1");
  const startMs = performance.now();
  assert.deepEqual(await mustPop(client, "t"), first, "a BLPOP waits for it");
  assert.ok(performance.now() - startMs > 100);
  assert.equal(await ack(client, first), ":1\r\n");
  assert.equal(await client.ask("RAFKA", "NACK", place), ":0\r\n", "acked");
  assert.equal(await client.ask("LMPOP", 1, "topics:t", "LEFT"), "*-1\r\n");
});

Deno.test("what is given back is not acked: the next worker gets it", async () => {
  await using gateway = await TestGateway.start();
  {
    using client = await gateway.connectAs("g:a");
    await produce(client, "t", 2);
    const [first, second] = [await mustPop(client, `t:${EACH}`), await mustPop(client, "t")];
    assert.equal(await client.ask("RAFKA", "NACK", `t:${first.partition}:0`, 60_000), ":1\r\n");
    assert.equal(await ack(client, second), ":1\r\n");
    await quit(client);
    await gateway.untilSessions(0);
  }
  using next = await gateway.connectAs("g:b");
  assert.equal((await mustPop(next, "t")).value, "0");
});

Deno.test("RAFKA NACK says what is wrong", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:a");
  assert.match(await client.ask("RAFKA", "NACK", "t:0:0"), /^-CONS No consumer registered for /);
  assert.match(await client.ask("RAFKA", "NACK", "t"), /^-CONS Cannot parse ack: 't'/);
  assert.match(await client.ask("RAFKA", "NACK", "t:0:0", "x"), /^-ERR delayMs must be /);
  assert.match(await client.ask("RAFKA", "NACK", "t:0:0", "-1"), /^-ERR delayMs must be /);
  assert.match(
    await client.ask("RAFKA", "NACK", "t:0:0", "1", "2"),
    /^-ERR unknown subcommand or wr/,
  );
  await produce(client, "t", 1);
  const { partition } = await mustPop(client, `t:${EACH}`);
  assert.match(
    await client.ask("RAFKA", "NACK", `t:${partition}:5`),
    /^-CONS Cannot give back t:\d:5: offset 5 of partition \d of 't' was not handed out/,
  );
  assert.match(
    await client.ask("RAFKA", "NACK", "other:0:0"),
    /^-CONS Cannot give back other:0:0: partition 0 of 'other' is not assigned to this consumer/,
  );
  using other = await gateway.connectAs("h:a");
  await mustPop(other, "t");
  assert.match(await other.ask("RAFKA", "NACK", "t:0:0"), /^-CONS RAFKA NACK needs /);
});

Deno.test("a worker that acks nothing is told so, and goes on when it does", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:a");
  const count = MAX_PENDING_MESSAGES + 10;
  await client.write(encodeRequest(["RPUSHX", "topics:t:k", "x"]).repeat(count));
  for (let n = 0; n < count; n++) await client.reply();
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  const { partition } = await mustPop(client, `t:${EACH}`);
  let taken = 1;
  for (;;) {
    const reply = await client.ask("BLMPOP", 20, 1, "topics:t", "LEFT", "COUNT", 5_000);
    if (reply.startsWith("-")) {
      assert.match(reply, /^-CONS Poll too many messages are neither acked nor given back/);
      break;
    }
    taken += reply.split("offset").length - 1;
  }
  assert.ok(taken >= MAX_PENDING_MESSAGES && taken <= count, `${taken}`);
  for (let offset = 0; offset < 100; offset++) {
    await client.ask("RPUSH", "acks", `t:${partition}:${offset}`);
  }
  assert.match(await client.ask("BLPOP", "topics:t", 0.01), /^\*(8|-1)\r\n/);
});

Deno.test("rafka.fields adds what is asked for behind the value", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("g:a");
  await client.ask("XADD", "topics:t:the key", "1700000000000-*", "value", "v", "h", "1", "h", "");
  await client.ask("XADD", "topics:u", "1700000000000-*", "value", "w");
  const json = '{"rafka.fields":["timestamp","key","headers"]}';
  assert.match(
    await client.ask("BLPOP", `topics:t:${json}`, 20),
    /^\*14\r\n\$5\r\ntopic\r\n\$1\r\nt\r\n\$9\r\npartition\r\n:\d\r\n\$6\r\noffset\r\n:0\r\n\$5\r\nvalue\r\n\$1\r\nv\r\n\$9\r\ntimestamp\r\n:1700000000000\r\n\$3\r\nkey\r\n\$7\r\nthe key\r\n\$7\r\nheaders\r\n\*4\r\n\$1\r\nh\r\n\$1\r\n1\r\n\$1\r\nh\r\n\$0\r\n\r\n$/,
  );
  using other = await gateway.connectAs("h:a");
  assert.match(
    await other.ask("BLMPOP", 20, 1, 'topics:u:{"rafka.fields":["key","headers"]}', "LEFT"),
    /\$3\r\nkey\r\n\$-1\r\n\$7\r\nheaders\r\n\*0\r\n$/,
  );
});
