/**
 * XREADGROUP and XACK: each new entry goes to one consumer, and is its own until it acks it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { counter, TestCluster, testOnEachKafka, testOnRealKafka } from "../../support/kafka.ts";
import { idsOf, numberOf, readStreams, TestGroup, valuesOf } from "../../support/stream_group.ts";

testOnEachKafka(
  "Each entry goes to one consumer of the group, and is its own until it acks it",
  async (startGateway) => {
    await using gateway = await startGateway();
    using one = await gateway.connect();
    using two = await gateway.connect();
    const group = await TestGroup.create(one);
    const values = Array.from({ length: 20 }, (_, n) => String(n)).sort();
    const added = new Set<string>();
    for (const value of values) added.add(await group.add(one, value));
    const [a, b] = [await group.take(one, "a", 12), await group.take(two, "b", 8)];
    assert.deepEqual(valuesOf([...a, ...b]), values);
    assert.deepEqual(new Set(idsOf([...a, ...b])), added);
    assert.equal(await group.read(one, "a"), null, "nothing is new any more");
    assert.deepEqual(valuesOf(await group.history(two, "a")), valuesOf(a));

    const [first, ...others] = idsOf(a);
    assert.equal(await group.ack(two, first!), 1, "from any connection");
    assert.equal(await group.ack(one, first!, ...others.slice(1), "1-1"), others.length - 1);
    assert.deepEqual(idsOf(await group.history(one, "a")), [others[0]]);
    assert.equal((await group.history(one, "b")).length, 8);
  },
);

Deno.test("What is not acked is delivered again after a restart, what is acked is not (embedded Kafka)", async () => {
  await using cluster = await TestCluster.start();
  await restart(() => TestGateway.start({ config: cluster.config() }));
});

testOnRealKafka(
  "What is not acked is delivered again after a restart, what is acked is not",
  restart,
);

async function restart(startGateway: () => Promise<TestGateway>): Promise<void> {
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await startGateway());
  using client = await gateway.connect();
  const group = await TestGroup.createWith(client, "one", "key");
  for (const value of ["two", "three"]) await group.add(client, value, "key");
  const entries = await group.take(client, "a", 3);
  assert.equal(await group.ack(client, entries[0]!.id, entries[2]!.id), 2);
  await running.disposeAsync();
  await using next = await startGateway();
  using worker = await next.connect();
  assert.deepEqual(await group.take(worker, "b", 1), [entries[1]]);
  assert.equal(await group.read(worker, "b", "BLOCK", 200), null);
}

testOnEachKafka(
  "Several streams in one call: new entries and pending ones",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const one = await TestGroup.create(client);
    const two = await TestGroup.create(client, one.name);
    await one.add(client, "pending");
    await one.take(client, "a", 1);
    await two.take(client, "a", 0);
    const read = (...streams: string[]): Promise<string> =>
      client.ask("XREADGROUP", "GROUP", one.name, "a", "BLOCK", 20_000, "STREAMS", ...streams);
    const both = readStreams(await read(one.key, two.key, "0", "0"))!;
    assert.deepEqual([...both.keys()], [one.key, two.key]);
    assert.deepEqual([...both.values()].map(valuesOf), [["pending"], []], "an empty one, too");
    await two.add(client, "new");
    const added = readStreams(await read(one.key, two.key, ">", ">"))!;
    assert.deepEqual([...added].map(([key, entries]) => [key, valuesOf(entries)]), [
      [two.key, ["new"]],
    ]);
    const mixed = readStreams(await read(one.key, two.key, ">", "0"))!;
    assert.deepEqual([...mixed].map(([key, entries]) => [key, valuesOf(entries)]), [
      [two.key, ["new"]],
    ]);
  },
);

Deno.test("An entry comes back as it was added, in RESP2 and in RESP3", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  await client.ask("XADD", group.key, "*", "f", "v", "g", "w");
  const [entry] = await group.take(client, "a", 1);
  const { key, name } = group;
  const wire = `*1\r\n*2\r\n$${entry!.id.length}\r\n${entry!.id}\r\n` +
    "*4\r\n$1\r\nf\r\n$1\r\nv\r\n$1\r\ng\r\n$1\r\nw\r\n";
  const ask = (): Promise<string> =>
    client.ask("XREADGROUP", "GROUP", name, "a", "STREAMS", key, "0");
  assert.equal(await ask(), `*1\r\n*2\r\n$${key.length}\r\n${key}\r\n${wire}`);
  await client.ask("HELLO", 3);
  assert.equal(await ask(), `%1\r\n$${key.length}\r\n${key}\r\n${wire}`);
  const nothing = ["XREADGROUP", "GROUP", name, "a", "STREAMS", key, ">"];
  assert.equal(await client.ask(...nothing), "_\r\n");
  await client.ask("HELLO", 2);
  assert.equal(await client.ask(...nothing), "*-1\r\n");
});

Deno.test("COUNT limits the entries of a stream, new ones and pending ones", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  for (let n = 0; n < 5; n++) await group.add(client, String(n), "key");
  const entries = await group.take(client, "a", 5);
  assert.deepEqual(valuesOf(entries), ["0", "1", "2", "3", "4"]);
  const { key, name } = group;
  const history = readStreams(
    await client.ask("XREADGROUP", "GROUP", name, "a", "COUNT", 2, "STREAMS", key, entries[1]!.id),
  );
  assert.deepEqual(history?.get(key), entries.slice(2, 4));
});

Deno.test("With NOACK nothing stays pending", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  await group.add(client, "one");
  const [entry] = await group.take(client, "a", 1, "NOACK");
  assert.deepEqual(await group.history(client, "a"), []);
  assert.equal(await group.ack(client, entry!.id), 0);
});

Deno.test("A history of more than a megabyte comes whole, and one of ten in parts", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  const value = "x".repeat(100_000);
  const size = async (): Promise<number> => (await group.history(client, "a")).length;
  for (let n = 0; n < 30; n++) await group.add(client, value);
  await group.take(client, "a", 30);
  assert.equal(await size(), 30);
  for (let n = 0; n < 110; n++) await group.add(client, value);
  await group.take(client, "a", 110);
  const first = await group.history(client, "a");
  assert.ok(first.length > 80 && first.length < 140, `${first.length} entries`);
  const rest = await group.history(client, "a", first.at(-1)!.id);
  assert.equal(first.length + rest.length, 140);
});

Deno.test("XACK of a group that is not in use here answers 0, is counted, and does not join it", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  const before = { ...gateway.library.handles.open };
  assert.equal(await group.ack(client, "1-1"), 0);
  assert.equal(numberOf(await client.ask("XACK", "topics:absent", group.name, "1-1")), 0);
  assert.deepEqual(gateway.library.handles.open, before);
  assert.equal(await counter(client, "consumer.stray.acks"), 2);
});

Deno.test("A gateway that only looks at a group is no member of it", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  const before = { ...gateway.library.handles.open };
  assert.deepEqual(await group.pending(client), []);
  const { key, name } = group;
  const questions = [
    ["XPENDING", key, name],
    ["XCLAIM", key, name, "a", "0", "1-1"],
    ["XAUTOCLAIM", key, name, "a", "0", "0"],
    ["XNACK", key, name, "FAIL", "IDS", "1", "1-1"],
    ["XINFO", "GROUPS", key],
    ["XINFO", "CONSUMERS", key, name],
    ["XGROUP", "DELCONSUMER", key, name, "a"],
  ];
  for (const question of questions) {
    assert.match(await client.ask(...question), /^[*:]/, question.join(" "));
    assert.deepEqual(gateway.library.handles.open, before, question.join(" "));
  }
});
