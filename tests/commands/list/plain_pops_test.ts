/**
 * Pops and pushes of connections without a name `<group>:<name>`, in Redis' own shapes: who gets which message, as which
 * group, and when it is acked. Shapes are compared with a Redis' in tests/commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { connectionId, untilBlocked } from "../../support/client_list.ts";
import { holdUpEventLoop, TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { testOnEachKafka } from "../../support/kafka.ts";
import { askText, blpop, joined, pendingCount } from "../../support/plain_list.ts";

/** The configuration of plain lists. */
function lists(more: Record<string, unknown> = {}): { server: Record<string, unknown> } {
  return { server: { lists: { group: uniqueName("group"), ...more } } };
}

/** The key of a topic that the group has joined: to do so may take longer than a pop that does not block. */
async function joinedKey(client: TestClient): Promise<string> {
  const key = `topics:${uniqueName("topic")}`;
  await client.ask("RPUSH", `${key}:k`, "first");
  assert.equal(await blpop(client, key), `${key} first`);
  return key;
}

testOnEachKafka("What is pushed is popped at once, each value once", async (startGateway) => {
  await using gateway = await startGateway(lists());
  using client = await gateway.connect();
  assert.equal(await client.ask("LPOP", `topics:${uniqueName("none")}`), "$-1\r\n");
  const topicKey = await joinedKey(client);
  const key = `${topicKey}:k`;
  assert.equal(await client.ask("RPUSH", key, "a", "b", "c"), ":3\r\n");
  assert.equal(await askText(client, "LPOP", topicKey), "a");
  assert.equal(await client.ask("LPUSH", key, "d"), ":1\r\n");
  assert.equal(await client.ask("RPOP", topicKey), "$1\r\nb\r\n");
  assert.equal(await blpop(client, topicKey), `${topicKey} c`);
  assert.equal(await askText(client, "LPOP", topicKey), "d");
  assert.equal(await askText(client, "LPOP", topicKey), null);
  assert.equal(await client.ask("RPUSH", key, "e"), ":1\r\n");
  assert.equal(
    await askText(client, "LPOP", topicKey),
    "e",
    "a message that is not fetched yet is there, too",
  );
});

Deno.test("BLPOP waits for a topic that does not exist yet, and for any of several", async () => {
  await using gateway = await TestGateway.start({ config: lists() });
  using worker = await gateway.connect();
  using other = await gateway.connect();
  const id = await connectionId(worker);
  const [one, two] = [`topics:${uniqueName("one")}`, `topics:${uniqueName("two")}`];
  for (const key of [two, one]) {
    await worker.send("BRPOP", one, "0", two, 0);
    await untilBlocked(other, id);
    await other.ask("RPUSH", key, "m");
    assert.equal(joined(await worker.reply()), `${key} m`);
  }
});

Deno.test("keys that are no topics are ignored beside one that is, and an error alone", async () => {
  await using gateway = await TestGateway.start({ config: lists() });
  using client = await gateway.connect();
  const key = `topics:${uniqueName("topic")}`;
  assert.equal(await client.ask("BLPOP", key, "0", "0.01"), "*-1\r\n");
  assert.match(
    await client.ask("BLPOP", "orders", "0.01"),
    /^-CONS Cannot parse topics from `orders`: the topic is/,
  );
  assert.match(
    await client.ask("LPOP", "orders"),
    /^-CONS Cannot parse topics from `orders`: the topic is/,
  );
});

Deno.test("a message goes to one worker of the group, all of which share one consumer", async () => {
  await using gateway = await TestGateway.start({ config: lists() });
  using producer = await gateway.connect();
  const key = await joinedKey(producer);
  const values = Array.from({ length: 20 }, (_, at) => String(at));
  await producer.ask("RPUSH", key, ...values);
  const got: string[] = [];
  for (let at = 0; at < values.length; at++) {
    using worker = await gateway.connect();
    got.push((await askText(worker, "LPOP", key))!);
    await worker.ask("QUIT");
  }
  assert.deepEqual(got.sort(), values.sort());
  assert.equal(gateway.rafka.server.state.liveGroups.length, 1);
});

Deno.test("the group is that of the rule, else of the user, else of the gateway", async () => {
  const topic = uniqueName("topic");
  await using gateway = await TestGateway.start({
    config: {
      server: {
        users: ["user default on nopass ~* &* +@all", "user alice on >alice ~* &* +@all"],
        keys: [{ match: "ruled", topic, group: "of-rule" }],
        lists: { group: "of-gateway", userGroups: { alice: "of-user" } },
      },
    },
  });
  using client = await gateway.connect();
  await client.ask("RPUSH", "ruled", "m");
  const groups = async (): Promise<string[]> =>
    [...(await client.ask("CLIENT", "LIST")).matchAll(/stream-groups=(\S+)/g)].map(([, list]) =>
      list!
    );
  assert.equal(await blpop(client, "ruled"), "ruled m");
  assert.equal(
    await blpop(client, `topics:${topic}`),
    `topics:${topic} m`,
    "another group has all messages, too",
  );
  assert.deepEqual(await groups(), ["of-rule,of-gateway"]);
  await client.ask("AUTH", "alice", "alice");
  assert.equal(await blpop(client, `topics:${topic}`), `topics:${topic} m`);
  assert.match((await groups())[0]!, /of-user$/);
});

Deno.test("without a group, and with a name, all is as ever", async () => {
  const group = uniqueName("group");
  await using gateway = await TestGateway.start();
  await using plain = await TestGateway.start({ config: lists({ group }) });
  const NO_NAME = "-CONS Connection not ready. Identify yourself using `CLIENT SETNAME` first\r\n";
  using client = await gateway.connect();
  assert.equal(await client.ask("BLPOP", "topics:t", 1), NO_NAME);
  assert.equal(await client.ask("LPOP", "topics:t"), NO_NAME);
  const key = `topics:${uniqueName("topic")}`;
  using worker = await plain.connectAs(`${group}:worker`);
  await worker.ask("RPUSHX", key, "m");
  const { topic, value } = (await worker.pop(key, 20))!;
  assert.deepEqual({ topic, value }, { topic: key.slice("topics:".length), value: "m" });
  assert.match(
    await worker.ask("BLPOP", key, "0", 1),
    /^-ERR wrong number of arguments for 'blpop'/,
  );
});

testOnEachKafka("next: the next pop acks, and QUIT", async (startGateway) => {
  const config = lists();
  await using gateway = await startGateway(config);
  const { group } = config.server["lists"] as { group: string };
  using other = await gateway.connect();
  const key = `topics:${uniqueName("topic")}`;
  await other.ask("RPUSH", key, "a", "b");
  using worker = await gateway.connect();
  await blpop(worker, key);
  assert.equal(await pendingCount(other, key, group), 1);
  await blpop(worker, key);
  assert.equal(await pendingCount(other, key, group), 1);
  assert.equal(await worker.ask("QUIT"), "+OK\r\n");
  await worker.untilClosed();
  await until(async () => await pendingCount(other, key, group) === 0, "the ack of QUIT");
  assert.equal(await askText(other, "LPOP", key), null);
});

for (
  const [how, die] of Object.entries<(worker: TestClient, other: TestClient) => unknown>({
    "hangs up": (worker) => worker[Symbol.dispose](),
    "is killed": async (worker, other) =>
      await other.ask("CLIENT", "KILL", "ID", await connectionId(worker)),
    "sends RESET": (worker) => worker.ask("RESET"),
  })
) {
  Deno.test(`next: what a worker has not acked that ${how} is another one's at once`, async () => {
    await using gateway = await TestGateway.start({ config: lists() });
    using other = await gateway.connect();
    const key = `topics:${uniqueName("topic")}`;
    await other.ask("RPUSH", key, "a");
    using worker = await gateway.connect();
    assert.equal(await blpop(worker, key), `${key} a`);
    assert.equal(await askText(other, "LPOP", key), null);
    await die(worker, other);
    assert.equal(await blpop(other, key), `${key} a`);
  });
}

Deno.test("sent: what a worker has got is acked, also of one that hangs up", async () => {
  const config = lists({ ack: "sent" });
  const { group } = config.server["lists"] as { group: string };
  await using gateway = await TestGateway.start({ config });
  using other = await gateway.connect();
  const key = `topics:${uniqueName("topic")}`;
  await other.ask("RPUSH", key, "a", "b");
  using worker = await gateway.connect();
  const first = (await blpop(worker, key))!;
  await until(async () => await pendingCount(other, key, group) === 0, "the ack of the reply");
  worker[Symbol.dispose]();
  await gateway.untilSessions(1);
  const second = (await blpop(other, key))!;
  assert.deepEqual([first, second].sort(), [`${key} a`, `${key} b`]);
  assert.equal(await askText(other, "LPOP", key), null);
});

for (const ack of ["next", "sent"]) {
  Deno.test(`${ack}: a reply that is not written gives back what it has`, async () => {
    await using gateway = await TestGateway.start({
      config: { server: { lists: { group: uniqueName("group"), ack }, outputLimitBytes: 1_000 } },
    });
    using other = await gateway.connect();
    const key = await joinedKey(other);
    await other.ask("RPUSH", key, "x".repeat(900), "y".repeat(900));
    using worker = await gateway.connect();
    await worker.ask("MULTI");
    for (let at = 0; at < 2; at++) await worker.ask("LPOP", key);
    await worker.send("EXEC"); // its reply is larger than outputLimitBytes
    await worker.untilClosed();
    const got = [await askText(other, "LPOP", key), await askText(other, "LPOP", key)];
    assert.deepEqual(got.map((value) => value?.at(0)).sort(), ["x", "y"]);
  });
}

Deno.test("in EXEC no pop blocks", async () => {
  await using gateway = await TestGateway.start({ config: lists() });
  using client = await gateway.connect();
  const key = await joinedKey(client);
  await client.ask("RPUSH", key, "m");
  await client.ask("MULTI");
  await client.ask("BLPOP", key, 0);
  await client.ask("BRPOP", key, 0);
  await client.ask("LPOP", key);
  assert.equal(
    await client.ask("EXEC"),
    `*3\r\n*2\r\n$${key.length}\r\n${key}\r\n$1\r\nm\r\n*-1\r\n$-1\r\n`,
  );
});

Deno.test("the batch script of Logstash pops", async () => {
  await using gateway = await TestGateway.start({ config: lists() });
  using client = await gateway.connect();
  const key = await joinedKey(client);
  const evalsha = ["EVALSHA", "b9af23c13eeefc2ae7a9375fe3d3645e2e9c9fc8", "1", key, "124"];
  assert.equal(await client.ask(...evalsha), "*0\r\n");
  await client.ask("RPUSH", `${key}:k`, "a", "b");
  const got: string[] = [];
  await until(async () => { // each time what is fetched by then
    got.push(...joined(await client.ask(...evalsha))!.split(" "));
    return got.filter(Boolean).length === 2;
  }, "both messages");
  assert.deepEqual(got.filter(Boolean), ["a", "b"]);
});

Deno.test("LRANGE and LINDEX show what the group has not delivered, and consume nothing", async () => {
  await using gateway = await TestGateway.start({ config: lists() });
  using client = await gateway.connect();
  const key = `topics:${uniqueName("topic")}`;
  assert.equal(await client.ask("LRANGE", key, 0, -1), "*0\r\n");
  for (const value of ["a", "b", "c"]) await client.ask("RPUSH", `${key}:k`, value);
  const range = async (...ends: number[]): Promise<string | null> =>
    joined(await client.ask("LRANGE", key, ...ends));
  assert.equal(await range(0, -1), "a b c");
  assert.equal(await range(1, 1), "b");
  assert.equal(await range(-2, 9), "b c");
  assert.equal(await range(3, 9), "");
  assert.equal(await askText(client, "LINDEX", key, -1), "c");
  assert.equal(await askText(client, "LINDEX", key, 3), null);
  {
    using worker = await gateway.connect();
    assert.equal(await blpop(worker, key), `${key} a`); // joins the group
    await worker.ask("RESET");
    await worker.ask("MULTI"); // all of them before the first ack
    for (let at = 0; at < 3; at++) await worker.ask("LPOP", key);
    assert.equal(joined(await worker.ask("EXEC")), "a b c");
    assert.equal(await range(0, -1), "");
  }
  await gateway.untilSessions(1);
  assert.equal(await range(0, -1), "a b c", "what was given back is there again");
  assert.equal(await client.ask("LLEN", key), ":3\r\n");
});

for (const round of ["hangs up", "is unblocked"]) {
  Deno.test(`a message that comes in the moment when its worker ${round} is not lost`, async () => {
    await using gateway = await TestGateway.start({ config: lists() });
    using other = await gateway.connect();
    const key = `topics:${uniqueName("topic")}`;
    for (let at = 0; at < 30; at++) {
      const worker = await gateway.connect();
      const id = await connectionId(worker);
      await worker.send("BLPOP", key, 0);
      await untilBlocked(other, id);
      await other.send("RPUSH", key, at);
      if (round === "hangs up") worker[Symbol.dispose]();
      else await other.send("CLIENT", "UNBLOCK", id);
      holdUpEventLoop(at % 10);
      assert.equal(await other.reply(), ":1\r\n");
      if (round !== "hangs up") {
        await other.reply();
        const got = joined(await worker.reply()) ?? await blpop(worker, key);
        assert.equal(got, `${key} ${at}`);
        await worker.ask("QUIT");
        worker[Symbol.dispose]();
      } else {
        await gateway.untilSessions(1);
        assert.equal(await blpop(other, key), `${key} ${at}`);
      }
    }
  });
}

Deno.test("a shutdown ends a pop that waits with the error of a shutdown", async () => {
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start({ config: lists() }));
  using worker = await gateway.connect();
  using other = await gateway.connect();
  const id = await connectionId(worker);
  await worker.send("BLPOP", `topics:${uniqueName("topic")}`, 0);
  await untilBlocked(other, id);
  await running.disposeAsync();
  assert.equal(await worker.reply(), "-CONS Server shutdown\r\n");
});
