/**
 * Reliable queues: messages that LMOVE and its kin have moved to a list of the gateway are acked by removing them.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName } from "../../support/gateway.ts";
import { TestCluster, testOnEachKafka } from "../../support/kafka.ts";
import { askText, blpop, joined, pendingCount } from "../../support/plain_list.ts";

const GROUP = uniqueName("group");
const LISTS = { server: { lists: { group: GROUP } } };

/** A topic with values that are all in one partition; its key. */
async function filled(client: TestClient, ...values: string[]): Promise<string> {
  const key = `topics:${uniqueName("topic")}`;
  assert.equal(await client.ask("RPUSH", `${key}:k`, ...values), `:${values.length}\r\n`);
  return key;
}

testOnEachKafka("IntelMQ's sequence delivers, keeps and acks", async (startGateway) => {
  await using gateway = await startGateway(LISTS);
  const source = await filled(await gateway.connect(), "a", "b");
  const list = uniqueName("internal");
  {
    using worker = await gateway.connect();
    assert.equal(await askText(worker, "LINDEX", list, -1), null);
    assert.equal(await askText(worker, "BLMOVE", source, list, "RIGHT", "LEFT", 0), "a");
    assert.equal(await askText(worker, "LINDEX", list, -1), "a");
    assert.equal(await worker.ask("LLEN", list), ":1\r\n");
  }
  await gateway.untilSessions(1);
  using next = await gateway.connect();
  assert.equal(await askText(next, "LINDEX", list, -1), "a", "it stays when its worker goes");
  assert.equal(await next.ask("LLEN", source), ":2\r\n", "the lag of the group");
  assert.equal(await askText(next, "RPOP", list), "a");
  assert.equal(await next.ask("LLEN", list), ":0\r\n");
  assert.equal(await next.ask("LLEN", source), ":1\r\n");
  assert.equal(await askText(next, "BRPOPLPUSH", source, list, 0), "b");
  assert.equal(await next.ask("LREM", list, 1, "b"), ":1\r\n");
  assert.equal(await pendingCount(next, source, GROUP), 0);
});

Deno.test("the commands of lists know one of the gateway as Redis knows its own", async () => {
  await using gateway = await TestGateway.start({ config: LISTS });
  using client = await gateway.connect();
  const source = await filled(client, "a", "b", "a", "c", "d", "e", "f");
  const list = uniqueName("list");
  for (let at = 0; at < 7; at++) await client.ask("BLMOVE", source, list, "LEFT", "RIGHT", 20);
  assert.equal(joined(await client.ask("LRANGE", list, 0, -1)), "a b a c d e f");
  assert.equal(joined(await client.ask("LRANGE", list, -2, 100)), "e f");
  assert.equal(await client.ask("LRANGE", list, 0, -10), "*0\r\n", "before the first of seven");
  assert.equal(await askText(client, "LINDEX", list, 1), "b");
  assert.equal(await client.ask("TYPE", list), "+list\r\n");
  assert.equal(await client.ask("EXISTS", list, source), ":2\r\n");
  assert.equal(await client.ask("LREM", list, -1, "a"), ":1\r\n");
  assert.equal(joined(await client.ask("LRANGE", list, 0, -1)), "a b c d e f");
  assert.equal(joined(await client.ask("LPOP", list, 2)), "a b");
  assert.equal(joined(await client.ask("BRPOP", list, 0)), `${list} f`);
  const other = uniqueName("other");
  assert.equal(await askText(client, "LMOVE", list, other, "RIGHT", "LEFT"), "e");
  assert.equal(await askText(client, "RPOP", other), "e");
  assert.equal(
    await client.ask("LMPOP", 1, list, "LEFT"),
    `*2\r\n$${list.length}\r\n${list}\r\n*1\r\n$1\r\nc\r\n`,
  );
  assert.equal(await pendingCount(client, source, GROUP), 1);
  assert.equal(await client.ask("DEL", list), ":1\r\n");
  assert.equal(await client.ask("DEL", list, other), ":0\r\n", "nothing, as in Redis");
  assert.match(await client.ask("DEL", list, source), /^-ERR Expected key to be 'stats'/);
  assert.equal(await client.ask("TYPE", list), "+none\r\n");
  assert.equal(await pendingCount(client, source, GROUP), 0);
  assert.equal(await askText(client, "RPOP", list), null);
});

Deno.test("lists of the gateway are there when only rules name groups", async () => {
  const [key, topic] = [uniqueName("queue"), uniqueName("topic")];
  const keys = [{ match: key, topic, group: uniqueName("group") }];
  await using gateway = await TestGateway.start({ config: { server: { keys } } });
  using client = await gateway.connect();
  await client.ask("RPUSH", key, "a");
  assert.equal(await askText(client, "BLMOVE", key, "working", "LEFT", "LEFT", 20), "a");
  assert.equal(await askText(client, "LINDEX", "working", -1), "a");
  assert.equal(joined(await client.ask("LRANGE", "working", 0, -1)), "a");
  assert.equal(await askText(client, "LMOVE", "working", "other", "LEFT", "LEFT"), "a");
  assert.equal(await askText(client, "RPOP", "other"), "a");
  using named = await gateway.connectAs("group:worker");
  assert.match(
    await named.ask("LINDEX", "working", -1),
    /^-CONS this is for connections without a name/,
  );
});

Deno.test("back to its topic a message is the group's again, and not produced", async () => {
  await using gateway = await TestGateway.start({ config: LISTS });
  using client = await gateway.connect();
  const source = await filled(client, "a");
  assert.equal(await askText(client, "RPOPLPUSH", "working", source), null);
  assert.equal(await askText(client, "BLMOVE", source, "working", "LEFT", "LEFT", 20), "a");
  assert.equal(await askText(client, "RPOPLPUSH", "working", source), "a");
  assert.equal(await client.ask("XLEN", source), ":1\r\n");
  assert.equal(await blpop(client, source), `${source} a`);
});

testOnEachKafka(
  "to another topic a message is acked when Kafka has it there",
  async (startGateway) => {
    await using gateway = await startGateway(LISTS);
    using client = await gateway.connect();
    const source = await filled(client, "a", "b");
    const target = `topics:${uniqueName("target")}`;
    assert.equal(await askText(client, "BLMOVE", source, target, "LEFT", "RIGHT", 20), "a");
    assert.equal(await pendingCount(client, source, GROUP), 0);
    assert.equal(await askText(client, "BLMOVE", source, "working", "LEFT", "RIGHT", 20), "b");
    assert.equal(await askText(client, "LMOVE", "working", target, "LEFT", "RIGHT"), "b");
    assert.equal(await pendingCount(client, source, GROUP), 0);
    const entries = await client.ask("XRANGE", target, "-", "+");
    for (const text of ["a", "b", "\nk\r"]) {
      assert.ok(
        entries.includes(text),
        `${text}: ${entries}`,
      );
    }
  },
);

Deno.test("what the other topic does not take stays with the group", async () => {
  await using cluster = await TestCluster.start();
  const { server, ...config } = { ...cluster.config(), ...LISTS };
  const producer = { "message.max.bytes": 1_000 };
  await using large = await TestGateway.start({ config: { ...config, server } });
  await using small = await TestGateway.start({ config: { ...config, server, producer } });
  using filling = await large.connect();
  const source = await filled(filling, "x".repeat(2_000));
  using client = await small.connect();
  const moved = await client.ask("BLMOVE", source, `topics:${uniqueName("t")}`, "LEFT", "LEFT", 20);
  assert.match(moved, /^-PROD .*Message size too large/);
  assert.equal((await blpop(client, source))!.length, source.length + 1 + 2_000);
});

Deno.test("after a restart of the gateway the list is empty, and its messages come from the topic", async () => {
  await using cluster = await TestCluster.start();
  const config = { ...cluster.config(), ...LISTS };
  let source: string;
  {
    await using gateway = await TestGateway.start({ config });
    using client = await gateway.connect();
    source = await filled(client, "a", "b");
    for (const value of ["a", "b"]) {
      assert.equal(await askText(client, "BLMOVE", source, "working", "LEFT", "LEFT", 20), value);
    }
    assert.equal(await askText(client, "RPOP", "working"), "a");
  }
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connect();
  assert.equal(await client.ask("LLEN", "working"), ":0\r\n");
  assert.equal(await blpop(client, source), `${source} b`);
});

Deno.test("a list that is empty, or no list, says so", async () => {
  await using gateway = await TestGateway.start({ config: LISTS });
  using client = await gateway.connect();
  assert.match(
    await client.ask("LMOVE", "a", "b", "LEFT", "LEFT"),
    /^-CONS Cannot parse topics from `a`/,
  );
  assert.match(
    await client.ask("BLMOVE", "a", "topics:t", "LEFT", "LEFT", 1),
    /^-ERR BLMOVE waits for messages of topics/,
  );
  assert.match(await client.ask("LREM", "topics:t", 1, "a"), /^-ERR 'topics:t' is a topic/);
  assert.match(await client.ask("LPOP", "nosuch"), /^-CONS Cannot parse topics from `nosuch`/);
});
