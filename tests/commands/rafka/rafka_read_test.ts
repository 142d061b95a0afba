/**
 * RAFKA READ: messages without a group, from anywhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import { testOnEachKafka } from "../../support/kafka.ts";
import { askPlain, askRecords } from "../../support/plain_reply.ts";
import { TestGateway, uniqueName } from "../../support/gateway.ts";

testOnEachKafka(
  "messages are read from the end, the beginning, an offset and a time",
  async (start) => {
    await using gateway = await start();
    using client = await gateway.connect();
    await client.ask("HELLO", 3);
    const topic = uniqueName("read");
    await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 2);
    assert.deepEqual(await askPlain(client, "RAFKA", "READ", topic), []);
    const [ms, key] = [1_700_000_000_000, `topics:${topic}`];
    for (let n = 0; n < 20; n++) {
      await client.ask("XADD", `${key}:key-${n}`, `${ms + n * 1_000}-*`, "value", n);
    }
    const read = async (...args: (string | number)[]): Promise<number[]> =>
      (await askPlain(client, "RAFKA", "READ", topic, ...args) as string[]).map(Number);
    const from = (first: number, count: number): number[] =>
      Array.from({ length: count }, (_, at) => first + at);

    assert.deepEqual(await read(), from(10, 10));
    assert.deepEqual(await read("COUNT", 3), from(17, 3));
    assert.deepEqual(await read("FROM", "latest", "COUNT", 100), from(0, 20));
    assert.deepEqual(await read("from", "Earliest", "count", 4), from(0, 4));
    assert.deepEqual(await read("FROM", ms + 5_000, "COUNT", 2), from(5, 2));
    assert.deepEqual(await read("FROM", ms + 99_000), []);
    const first = await read("PARTITION", 0, "FROM", "earliest", "COUNT", 20);
    assert.ok(first.length > 0 && first.length < 20, "one partition");
    assert.deepEqual(await read("PARTITION", 0, "FROM", 1, "COUNT", 20), first.slice(1));
    assert.deepEqual(await read("PARTITION", 0, "FROM", first.length), []);
    assert.deepEqual(await read("PARTITION", 0, "COUNT", 2), first.slice(-2));

    const out = `-ERR Partition 0 of ${topic} has the offsets 0 to ${first.length}, not 99\r\n`;
    assert.equal(await client.ask("RAFKA", "READ", topic, "PARTITION", 0, "FROM", 99), out);
    const none = `-ERR Topic ${topic} has the partitions 0 to 1, not 2\r\n`;
    assert.equal(await client.ask("RAFKA", "READ", topic, "PARTITION", 2), none);
  },
);

testOnEachKafka("with WITHMETA a message has its place, key, headers and time", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  await client.ask("HELLO", 3);
  const topic = uniqueName("meta");
  await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 1);
  const ms = 1_700_000_000_000;
  await client.ask("XADD", `topics:${topic}:k`, `${ms}-*`, "value", "v", "h", "1", "h", "2");
  await client.ask("DEL", `topics:${topic}:gone`);
  await client.ask("DUMP", 20_000);
  const [message, tombstone] = await askRecords(client, "RAFKA", "READ", topic, "WITHMETA");
  assert.deepEqual(message, {
    partition: 0,
    offset: 0,
    timestamp: ms,
    key: "k",
    value: "v",
    headers: ["h", "1", "h", "2"],
  });
  assert.deepEqual([tombstone!.key, tombstone!.value], ["gone", null]);
  await client.ask("HELLO", 2);
  const flat = await askPlain(
    client,
    "RAFKA",
    "READ",
    topic,
    "COUNT",
    1,
    "WITHMETA",
  ) as unknown[][];
  assert.deepEqual(flat[0]!.slice(0, 4), ["partition", 0, "offset", 1]);
});

Deno.test("what is wrong with a read is said with what is allowed", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { outputLimitBytes: 10_000 } },
  });
  using client = await gateway.connect();
  await client.ask("RAFKA", "TOPIC", "CREATE", "t", "PARTITIONS", 1);
  for (const _ of Array(9)) await client.ask("RPUSHX", "topics:t", "x".repeat(1_000));
  await client.ask("DUMP", 20_000);
  for (
    const [args, error] of [
      [["nothere"], /^-ERR Topic 'nothere' does not exist\r\n/],
      [["t", "COUNT", 0], /^-ERR COUNT is a whole number from 1 to 1000000, got '0'/],
      [["t", "PARTITION", "x"], /^-ERR PARTITION is a whole number from 0 to 2147483647, got 'x'/],
      [
        ["t", "FROM", "x"],
        /^-ERR FROM is earliest, latest, milliseconds since 1970, or .* got 'x'/,
      ],
      [["t", "FROM"], /^-ERR syntax error/],
      [["t", "AND"], /^-ERR syntax error/],
      [
        ["t", "COUNT", 9],
        /^-ERR 9 messages are larger than a reply may be, .*: use a smaller COUNT/,
      ],
    ] as const
  ) {
    assert.match(await client.ask("RAFKA", "READ", ...args), error, args.join(" "));
  }
  assert.match(await client.ask("RAFKA", "READ", "t", "COUNT", 2), /^\*2/);
});

testOnEachKafka("reading takes nothing from workers", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const topic = uniqueName("shared");
  await client.ask("RPUSHX", `topics:${topic}`, "x");
  await client.ask("DUMP", 20_000);
  for (const _ of Array(3)) assert.deepEqual(await askPlain(client, "RAFKA", "READ", topic), ["x"]);
  using worker = await gateway.connectAs(`${uniqueName("group")}:a`);
  assert.equal((await worker.pop(`topics:${topic}`, 30))!.value, "x");
});
