/**
 * CLIENT UNBLOCK: what the command that waited is answered, and that no message is lost by it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPopped } from "../../support/client.ts";
import { connectionId, untilBlocked } from "../../support/client_list.ts";
import { holdUpEventLoop, TestGateway } from "../../support/gateway.ts";
import { ack, mustPop, TestCluster } from "../../support/kafka.ts";
import { encodeRequest } from "../../support/wire.ts";

const UNBLOCKED = "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n";

for (const protocol of [2, 3]) {
  const nothing = protocol === 2 ? "*-1\r\n" : "_\r\n";
  Deno.test(`CLIENT UNBLOCK ends a BLPOP as a timeout or with an error, in RESP${protocol}`, async () => {
    await using gateway = await TestGateway.start();
    using other = await gateway.connect();
    using worker = await gateway.connectAs("group:a");
    await worker.ask("HELLO", protocol);
    const id = await connectionId(worker);
    const rows: [how: string[], reply: string][] = [
      [[], nothing],
      [["TIMEOUT"], nothing],
      [["error"], UNBLOCKED],
      [["timeout"], nothing],
    ];
    for (const [how, reply] of rows) {
      await worker.send("BLPOP", "topics:t", 0);
      await untilBlocked(other, id);
      assert.equal(await other.ask("CLIENT", "UNBLOCK", id, ...how), ":1\r\n");
      assert.equal(await worker.reply(), reply, how.join());
    }
    await worker.send("BLPOP", "topics:t", 0);
    await untilBlocked(other, id);
    await other.ask("RPUSHX", "topics:t", "hello");
    assert.match(await worker.reply(), /hello/);
  });
}

Deno.test("CLIENT UNBLOCK ends DUMP and WAIT: they answer their number, or the error", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using other = await gateway.connect();
  using client = await gateway.connect();
  const id = await connectionId(client);
  cluster.mock.setBrokerUp(1, false);
  await client.ask("RPUSHX", "topics:t", "one", "two");
  const rows: [command: string[], how: string, reply: string][] = [
    [["DUMP", "600000"], "TIMEOUT", ":2\r\n"],
    [["DUMP", "600000"], "ERROR", UNBLOCKED],
    [["WAIT", "1", "0"], "TIMEOUT", ":0\r\n"],
    [["WAIT", "1", "0"], "ERROR", UNBLOCKED],
  ];
  for (const [command, how, reply] of rows) {
    await client.send(...command);
    await untilBlocked(other, id);
    assert.equal(await other.ask("CLIENT", "UNBLOCK", id, how), ":1\r\n");
    assert.equal(await client.reply(), reply, `${command} ${how}`);
  }
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
});

Deno.test("CLIENT UNBLOCK answers 0 for a client that does not wait, and it stays as it is", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connectAs("group:a");
  const id = await connectionId(other);
  assert.equal(await client.ask("CLIENT", "UNBLOCK", id), ":0\r\n");
  assert.equal(await client.ask("CLIENT", "UNBLOCK", id, "ERROR"), ":0\r\n");
  assert.equal(await client.ask("CLIENT", "UNBLOCK", 999), ":0\r\n");
  assert.equal(await client.ask("CLIENT", "UNBLOCK", await connectionId(client)), ":0\r\n");
  assert.equal(await other.ask("BLPOP", "topics:t", 0.001), "*-1\r\n");
});

Deno.test("CLIENT UNBLOCK twice in a pipeline ends one wait, not the next", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using worker = await gateway.connectAs("group:a");
  const id = await connectionId(worker);
  const wait = encodeRequest(["BLPOP", "topics:t", "0"]);
  await worker.write(wait.repeat(3));
  await untilBlocked(other, id);
  const unblock = encodeRequest(["CLIENT", "UNBLOCK", id]);
  await other.write(unblock + unblock);
  assert.equal(await other.reply(), ":1\r\n");
  // the turn of a connection may end between the two, on a busy machine: then the next wait has begun
  const again = await other.reply() === ":1\r\n";
  for (const _ of again ? [1, 2] : [1]) assert.equal(await worker.reply(), "*-1\r\n");
  await untilBlocked(other, id);
  await other.ask("RPUSHX", "topics:t", "hello");
  assert.equal(readPopped(await worker.reply())?.value, "hello");
});

Deno.test("CLIENT UNBLOCK refuses what is no ID and no reason", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const noReason = "-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR\r\n";
  assert.equal(await client.ask("CLIENT", "UNBLOCK", 1, "x"), noReason);
  assert.equal(
    await client.ask("CLIENT", "UNBLOCK", "x"),
    "-ERR value is not an integer or out of range\r\n",
  );
});

Deno.test("A message that comes in the moment of CLIENT UNBLOCK is not lost, and none comes twice", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using worker = await gateway.connectAs("group:a");
  const id = await connectionId(worker);
  await other.ask("RPUSHX", "topics:t:key", "first");
  await ack(worker, await mustPop(worker, "t"));
  for (let round = 0; round < 100; round++) {
    await worker.send("BLPOP", "topics:t", 0);
    await untilBlocked(other, id);
    const value = `value-${round}`;
    await other.ask("RPUSHX", "topics:t:key", value);
    const unblocking = other.send("CLIENT", "UNBLOCK", id, round % 3 === 0 ? "ERROR" : "TIMEOUT");
    // meanwhile Kafka hands over the message: the gateway finds it and the UNBLOCK in the same turn
    holdUpEventLoop(round % 10);
    await unblocking;
    assert.match(await other.reply(), /^:[01]\r\n$/);
    const reply = await worker.reply();
    const message = reply === UNBLOCKED ? undefined : readPopped(reply);
    assert.equal((message ?? await mustPop(worker, "t")).value, value);
  }
});
