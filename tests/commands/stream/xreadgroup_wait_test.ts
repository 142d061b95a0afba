/**
 * XREADGROUP with BLOCK: what ends the wait, and that no entry is taken for a client that has gone.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { clientList, connectionId, untilBlocked } from "../../support/client_list.ts";
import { holdUpEventLoop, TestGateway, until } from "../../support/gateway.ts";
import { testOnEachKafka } from "../../support/kafka.ts";
import { readStreams, TestGroup, valuesOf } from "../../support/stream_group.ts";
import { encodeRequest } from "../../support/wire.ts";

const UNBLOCKED = "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n";

/** XREADGROUP that waits for ever. */
function waiting({ key, name }: TestGroup, consumer: string, blockMs = 0): string[] {
  return ["XREADGROUP", "GROUP", name, consumer, "BLOCK", String(blockMs), "STREAMS", key, ">"];
}

/** Sends a XREADGROUP that waits for ever, and waits until it does. */
async function wait(
  client: TestClient,
  group: TestGroup,
  other: TestClient,
): Promise<void> {
  const id = await connectionId(client);
  await client.send(...waiting(group, "waiting"));
  await untilBlocked(other, id);
}

testOnEachKafka("A wait ends with the entry that it is for", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  await wait(client, group, other);
  await group.add(other, "late");
  const streams = readStreams(await client.reply());
  assert.deepEqual(valuesOf(streams!.get(group.key)!), ["late"]);
});

Deno.test("A wait for several streams ends with an entry of any", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const one = await TestGroup.create(other);
  const two = await TestGroup.create(other, one.name);
  const id = await connectionId(client);
  const command = ["XREADGROUP", "GROUP", one.name, "a", "BLOCK", "0", "STREAMS"];
  for (const group of [two, one]) {
    await client.send(...command, one.key, two.key, ">", ">");
    await untilBlocked(other, id);
    await group.add(other, "new");
    const streams = readStreams(await client.reply());
    assert.deepEqual([...streams!.keys()], [group.key]);
  }
});

for (const protocol of [2, 3]) {
  const nothing = protocol === 2 ? "*-1\r\n" : "_\r\n";
  Deno.test(`A wait ends with a null after its time and by CLIENT UNBLOCK, in RESP${protocol}`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    using other = await gateway.connect();
    const group = await TestGroup.create(other);
    await client.ask("HELLO", protocol);
    const startMs = performance.now();
    assert.equal(await client.ask(...waiting(group, "a", 300)), nothing);
    assert.ok(performance.now() - startMs >= 300);
    const id = await connectionId(client);
    const rows: [how: string[], reply: string][] = [
      [[], nothing],
      [["TIMEOUT"], nothing],
      [["ERROR"], UNBLOCKED],
    ];
    for (const [how, reply] of rows) {
      await wait(client, group, other);
      assert.equal(await other.ask("CLIENT", "UNBLOCK", id, ...how), ":1\r\n");
      assert.equal(await client.reply(), reply, how.join());
    }
    await wait(client, group, other);
    await group.add(other, "one");
    assert.equal(readStreams(await client.reply())!.get(group.key)!.length, 1);
  });
}

Deno.test("In EXEC nothing waits, and entries at hand are read", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  const exec = async (): Promise<string> => {
    await client.ask("MULTI");
    assert.equal(await client.ask(...waiting(group, "a")), "+QUEUED\r\n");
    return await client.ask("EXEC");
  };
  assert.equal(await exec(), "*1\r\n*-1\r\n");
  await group.add(client, "one");
  let reply = "";
  await until(async () => (reply = await exec()) !== "*1\r\n*-1\r\n", "the entry");
  assert.match(reply, /one/);
});

for (
  const [how, leave] of [
    ["disconnects", (client: TestClient): void => client[Symbol.dispose]()],
    ["closes its sending side", (client: TestClient): Promise<void> => client.endWriting()],
  ] as const
) {
  Deno.test(`A client that ${how} while it waits gets no entry, without a name of its own`, async () => {
    await using gateway = await TestGateway.start({ timeouts: { halfClosedMs: 600_000 } });
    using other = await gateway.connect();
    const group = await TestGroup.create(other);
    using gone = await gateway.connect();
    await gone.write(encodeRequest(waiting(group, "gone")) + encodeRequest(["PING", "behind"]));
    await until(async () => (await clientList(other)).some(({ flags }) => flags === "b"), "a wait");
    await leave(gone);
    await gateway.untilSessions(1);
    await group.add(other, "one");
    const [entry] = await group.take(other, "stays", 1);
    assert.deepEqual((await group.pending(other)).map(([id, consumer]) => [id, consumer]), [
      [entry!.id, "stays"],
    ]);
  });
}

Deno.test("An entry that comes in the moment of a disconnect is pending, with one consumer", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  for (let round = 0; round < 50; round++) {
    const gone = await gateway.connect();
    await wait(gone, group, other);
    const id = await group.add(other, String(round));
    gone[Symbol.dispose]();
    holdUpEventLoop(round % 10);
    await gateway.untilSessions(1);
    const pending = await group.pending(other, id, id, 1);
    if (pending.length === 0) await group.take(other, "stays", 1);
    const [[, consumer] = []] = await group.pending(other, id, id, 1);
    assert.ok(consumer === "stays" || consumer === "waiting", consumer);
  }
  assert.equal((await group.pending(other)).length, 50);
});

Deno.test("An entry that comes in the moment of CLIENT UNBLOCK is not lost", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  using client = await gateway.connect();
  const group = await TestGroup.create(other);
  const id = await connectionId(client);
  for (let round = 0; round < 50; round++) {
    await wait(client, group, other);
    await group.add(other, String(round));
    const unblocking = other.send("CLIENT", "UNBLOCK", id, round % 2 === 0 ? "ERROR" : "TIMEOUT");
    holdUpEventLoop(round % 10);
    await unblocking;
    assert.match(await other.reply(), /^:[01]\r\n$/);
    const reply = await client.reply();
    const streams = reply === UNBLOCKED ? null : readStreams(reply);
    const entries = streams?.get(group.key) ?? await group.take(client, "waiting", 1);
    assert.deepEqual(valuesOf(entries), [String(round)]);
  }
});

Deno.test("A wait ends with an error when its group is destroyed", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  await wait(client, group, other);
  assert.equal(await other.ask("XGROUP", "DESTROY", group.key, group.name), ":1\r\n");
  assert.equal(
    await client.reply(),
    "-NOGROUP the consumer group this client was blocked on no longer exists\r\n",
  );
  assert.equal(
    await client.ask(...waiting(group, "a")),
    `-NOGROUP No such key '${group.key}' or consumer group '${group.name}' in XREADGROUP with GROUP option\r\n`,
  );
});

Deno.test("A shutdown ends a wait with the error of a shutdown", async () => {
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start());
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  await wait(client, group, other);
  const stopped = running.disposeAsync();
  assert.equal(await client.untilClosed(), "-CONS Server shutdown\r\n");
  await stopped;
});

Deno.test("A wait ends when the client sends too much behind it", async () => {
  const server = { pipelineLimitBytes: 100_000 };
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  await wait(client, group, other);
  await client.write(encodeRequest(["PING", "x".repeat(1_000)]).repeat(200)).catch(() => {});
  assert.match(await client.untilClosed(), /^-ERR Protocol error: \d+ bytes behind a command/);
});

Deno.test("No entry is taken while CLIENT REPLY is OFF or SKIP", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  await group.add(other, "one");
  await group.take(other, "a", 1);
  await group.add(other, "two");
  await client.send("CLIENT", "REPLY", "SKIP");
  await client.send(...waiting(group, "silent"));
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  await client.send("CLIENT", "REPLY", "OFF");
  await client.send(...waiting(group, "silent"));
  assert.equal(await client.ask("CLIENT", "REPLY", "ON"), "+OK\r\n");
  const [entry] = await group.take(client, "b", 1);
  assert.deepEqual(entry!.fields, ["value", "two"]);
  assert.deepEqual(await group.history(client, "silent"), []);
});

Deno.test("Many workers wait, and each entry is read by one", async () => {
  await using gateway = await TestGateway.start();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  const workers = await Promise.all(Array.from({ length: 20 }, () => gateway.connect()));
  const values: string[] = [];
  const work = async (worker: TestClient, name: string): Promise<void> => {
    while (values.length < 200) {
      const streams = await group.read(worker, name, "COUNT", 1, "BLOCK", 200);
      const entries = streams?.get(group.key) ?? [];
      values.push(...valuesOf(entries));
      for (const { id } of entries) assert.equal(await group.ack(worker, id), 1);
    }
  };
  const working = workers.map((worker, at) => work(worker, `worker-${at}`));
  for (let n = 0; n < 200; n++) await group.add(other, String(n));
  await Promise.all(working);
  for (const worker of workers) worker[Symbol.dispose]();
  assert.deepEqual(values.sort(), Array.from({ length: 200 }, (_, n) => String(n)).sort());
  assert.deepEqual(await group.pending(other), []);
});
