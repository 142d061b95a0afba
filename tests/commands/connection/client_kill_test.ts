/**
 * CLIENT KILL: whom it ends, and that what they held is given back and what they had produced is delivered.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPopped } from "../../support/client.ts";
import { clientList, connectionId, untilBlocked, untilListed } from "../../support/client_list.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { ack, counter, mustPop, TestCluster } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

Deno.test("CLIENT KILL by address answers OK, by filters how many; who is killed is gone from the list", async () => {
  await using gateway = await TestGateway.start();
  using killer = await gateway.connect();
  using one = await gateway.connect();
  using two = await gateway.connect();
  const id = await connectionId(two);
  assert.equal(await killer.ask("CLIENT", "KILL", one.address), "+OK\r\n");
  assert.equal(await killer.ask("CLIENT", "KILL", one.address), "-ERR No such client\r\n");
  assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
  assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":0\r\n");
  assert.equal(await one.untilClosed(), "");
  assert.equal(await two.untilClosed(), "");
  assert.equal((await clientList(killer)).length, 1);
});

Deno.test("CLIENT KILL of the same connection twice in a pipeline ends it once", async () => {
  await using gateway = await TestGateway.start();
  using killer = await gateway.connect();
  using client = await gateway.connect();
  const kill = encodeRequest(["CLIENT", "KILL", client.address]);
  const killById = encodeRequest(["CLIENT", "KILL", "ID", await connectionId(client)]);
  await killer.write(kill + kill + killById + encodeRequest(["CLIENT", "LIST"]));
  assert.equal(await killer.reply(), "+OK\r\n");
  assert.equal(await killer.reply(), "-ERR No such client\r\n");
  assert.equal(await killer.reply(), ":0\r\n");
  assert.ok(!(await killer.reply()).includes(` addr=${client.address} `));
});

Deno.test("CLIENT KILL chooses by all of its filters, and leaves out who asks unless SKIPME is no", async () => {
  await using gateway = await TestGateway.start();
  using killer = await gateway.connect();
  const killerId = await connectionId(killer);
  const local = `127.0.0.1:${gateway.port}`;
  const rows: [filters: (string | number)[], killed: number][] = [
    [["ADDR", "127.0.0.1:1"], 0],
    [["LADDR", "127.0.0.1:1"], 0],
    [["TYPE", "pubsub"], 0],
    [["TYPE", "replica"], 0],
    [["MAXAGE", 3_600], 0],
    [["ID", killerId], 0],
    [["ID", 999], 0],
    [["LADDR", local, "TYPE", "pubsub"], 0],
    [["LADDR", local], 2],
    [["type", "NORMAL", "skipme", "YES"], 2],
    [["USER", "default", "LADDR", local, "TYPE", "normal"], 2],
  ];
  for (const [filters, killed] of rows) {
    using one = await gateway.connect();
    using two = await gateway.connect();
    await Promise.all([one.ask("PING"), two.ask("PING")]);
    const reply = await killer.ask("CLIENT", "KILL", ...filters);
    assert.equal(reply, `:${killed}\r\n`, filters.join(" "));
    for (const client of [one, two]) {
      if (killed > 0) assert.equal(await client.untilClosed(), "");
      else assert.equal(await client.ask("PING"), "+PONG\r\n");
      client[Symbol.dispose]();
    }
    await until(async () => (await clientList(killer)).length === 1, "the others to be gone");
  }
});

Deno.test("CLIENT KILL MAXAGE ends those that are old enough", async () => {
  await using gateway = await TestGateway.start();
  using killer = await gateway.connect();
  using old = await gateway.connect();
  const id = await connectionId(old);
  await until(async () => Number((await untilListed(killer, { id })).age) >= 2, "its age");
  using young = await gateway.connect();
  await young.ask("PING");
  assert.equal(await killer.ask("CLIENT", "KILL", "MAXAGE", 2), ":1\r\n");
  assert.equal(await old.untilClosed(), "");
  assert.equal(await young.ask("PING"), "+PONG\r\n");
});

Deno.test("CLIENT KILL refuses filters that make no sense, and ends nobody", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const rows: [filters: string[], error: string][] = [
    [["ID"], "No such client"],
    [["ID", "x"], "client-id should be greater than 0"],
    [["ID", "0"], "client-id should be greater than 0"],
    [["TYPE", "x"], "Unknown client type 'x'"],
    [["USER", "x"], "No such user 'x'"],
    [["SKIPME", "maybe"], "syntax error"],
    [["MAXAGE", "x"], "maxage is not an integer or out of range"],
    [["MAXAGE", "0"], "maxage should be greater than 0"],
    [["WHO", "x"], "syntax error"],
    [["SKIPME", "no", "ID"], "syntax error"],
  ];
  for (const [filters, error] of rows) {
    assert.equal(await client.ask("CLIENT", "KILL", ...filters), `-ERR ${error}\r\n`);
  }
});

Deno.test("Who kills itself gets the reply, and no later command is run", async () => {
  await using gateway = await TestGateway.start();
  for (const how of ["SKIPME", "address"]) {
    using client = await gateway.connect();
    const words = how === "address" ? [client.address] : ["SKIPME", "no"];
    await client.write(
      encodeRequest(["PING"]) + encodeRequest(["CLIENT", "KILL", ...words]) +
        encodeRequest(["RPUSHX", "topics:t", "late"]),
    );
    const reply = how === "address" ? "+OK\r\n" : ":1\r\n";
    assert.equal(await client.untilClosed(), `+PONG\r\n${reply}`);
    client[Symbol.dispose]();
    await gateway.untilSessions(0);
  }
  using other = await gateway.connect();
  assert.equal(await counter(other, "producer.produced.messages"), 0);
});

Deno.test("A worker killed during BLPOP leaves its group: name free, un-acked message to the next", async () => {
  await using gateway = await TestGateway.start({ config: { server: { producerPool: 0 } } });
  const before = { ...gateway.library.handles.open };
  using killer = await gateway.connect();
  for (const value of ["one", "two"]) await killer.ask("RPUSHX", "topics:t:key", value);
  using worker = await gateway.connectAs("group:a");
  const id = await connectionId(worker);
  const first = await mustPop(worker, "t");
  assert.equal(await ack(worker, first), ":1\r\n");
  assert.equal((await mustPop(worker, "t")).value, "two");
  await worker.send("BLPOP", "topics:t", 0);
  await untilBlocked(killer, id);
  assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
  assert.equal(await worker.untilClosed(), "");
  using next = await gateway.connectAs("group:a");
  assert.equal((await mustPop(next, "t")).value, "two");
  for (const client of [killer, worker, next]) client[Symbol.dispose]();
  await gateway.untilSessions(0);
  assert.deepEqual(gateway.library.handles.open, before);
});

for (const waiting of [["DUMP", "600000"], ["WAIT", "1", "0"]]) {
  Deno.test(`What a client had produced is delivered though it is killed during ${waiting[0]}`, async () => {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config() });
    using killer = await gateway.connect();
    using client = await gateway.connect();
    const id = await connectionId(client);
    cluster.mock.setBrokerUp(1, false);
    await client.ask("RPUSHX", "topics:t", "one", "two", "three");
    const behind = ["RPUSHX", "topics:t", "not any more"];
    await client.write(encodeRequest(waiting) + encodeRequest(behind));
    await untilBlocked(killer, id);
    assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
    assert.equal(await client.untilClosed(), "");
    cluster.mock.setBrokerUp(1, true);
    await gateway.untilSessions(1);
    assert.equal(await counter(killer, "producer.delivered.messages"), 3);
    assert.equal(await counter(killer, "producer.unflushed.messages"), 0);
  });
}

Deno.test("A client killed with replies that it does not read is gone at once", async () => {
  await using gateway = await TestGateway.start();
  using killer = await gateway.connect();
  using client = await gateway.connectAs("group:a");
  const id = await connectionId(client);
  const ping = encodeRequest(["PING", "x".repeat(1_000_000)]);
  const writing = client.write(ping.repeat(30)).catch(() => {}); // the gateway stops reading
  await until(
    async () => Number((await untilListed(killer, { id })).omem) > 0,
    "replies that are not read",
  );
  assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
  await gateway.untilSessions(1, 4_000);
  using _next = await gateway.connectAs("group:a");
  client[Symbol.dispose]();
  await writing;
});

Deno.test("A client killed while it waits for a name does not get it", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using killer = await gateway.connect();
  await killer.ask("RPUSHX", "topics:t", "hello");
  const old = await gateway.connectAs("group:a");
  await ack(old, await mustPop(old, "t"));
  cluster.mock.setRoundTripMs(500); // its commit takes that long
  old[Symbol.dispose]();
  using waiting = await gateway.connect();
  const id = await connectionId(waiting);
  await waiting.send("HELLO", 3, "SETNAME", "group:a");
  await untilListed(killer, { id, cmd: "hello", name: "" });
  assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
  assert.equal(await waiting.untilClosed(), "");
  cluster.mock.setRoundTripMs(0);
  using next = await gateway.connectAs("group:a");
  assert.equal(await next.ask("BLPOP", "topics:t", 0.001), "*-1\r\n");
});

Deno.test("Workers killed at any moment of their first BLPOP leave nothing", async () => {
  await using gateway = await TestGateway.start();
  const before = { ...gateway.library.handles.open };
  using killer = await gateway.connect();
  for (let round = 0; round < 20; round++) {
    using worker = await gateway.connectAs(`group-${round}:a`);
    const id = await connectionId(worker);
    await worker.send("BLPOP", "topics:t", 0);
    for (let turn = 0; turn < round; turn++) await killer.ask("PING");
    assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
    assert.equal(await worker.untilClosed(), "");
  }
  await gateway.untilSessions(1);
  assert.deepEqual(gateway.library.handles.open, before);
});

Deno.test("A message that comes in the moment of CLIENT KILL is handed out, or to the next worker", async () => {
  await using gateway = await TestGateway.start();
  using killer = await gateway.connect();
  const got = new Set<string>();
  for (let round = 0; round < 8; round++) {
    using worker = await gateway.connectAs("group:a");
    const id = await connectionId(worker);
    await worker.pop("topics:t", 1); // it has its partitions, and perhaps what was not acked
    await worker.send("BLPOP", "topics:t", 0);
    await untilListed(killer, { id, cmd: "blpop" });
    await killer.ask("RPUSHX", "topics:t", `value-${round}`);
    for (let turn = 0; turn < 5 * round; turn++) await killer.ask("PING");
    await killer.ask("CLIENT", "KILL", "ID", id);
    const replies = await worker.untilClosed();
    if (replies !== "") readPopped(replies); // whole, if at all
  }
  using last = await gateway.connectAs("group:a");
  while (got.size < 8) {
    const message = await mustPop(last, "t");
    got.add(message.value!);
    await ack(last, message);
  }
});
