/**
 * XNACK, and CLAIM of XREADGROUP: entries that a consumer gives back, or keeps for too long, go to others with the
 * number of their deliveries.
 *
 * @module
 */
import assert from "node:assert/strict";
import { connectionId, untilBlocked } from "../../support/client_list.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { testOnEachKafka } from "../../support/kafka.ts";
import {
  idsOf,
  itemsOf,
  numberOf,
  readEntries,
  readStreams,
  TestGroup,
} from "../../support/stream_group.ts";
import { readWireReply } from "../../support/wire_reply.ts";

const MAX_INT64 = "9223372036854775807";
const PENDING_FOR_LONG_MS = 50_000;

testOnEachKafka(
  "An entry that is given back is pending with nobody, and claimed at once",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const group = await TestGroup.create(client);
    for (const value of ["one", "two", "three"]) await group.add(client, value, "key");
    const [one, two, three] = idsOf(await group.take(client, "a", 3));
    const nack = async (...args: (string | number)[]): Promise<number> =>
      numberOf(await client.ask("XNACK", group.key, group.name, ...args));
    assert.equal(await nack("FAIL", "IDS", 2, one!, "1-1"), 1);
    assert.equal(await nack("silent", "ids", 1, two!), 1);
    assert.deepEqual(
      (await group.pending(client)).map(([id, consumer, idleMs, n]) => [
        id,
        consumer,
        idleMs === -1,
        n,
      ]),
      [[one, "", true, 1], [two, "", true, 0], [three, "a", false, 1]],
    );
    assert.equal(await group.read(client, "b", "BLOCK", 50), null, "it is not new");
    assert.deepEqual(idsOf(await group.history(client, "a")), [three]);
    const claimed = await group.read(client, "b", "CLAIM", PENDING_FOR_LONG_MS);
    assert.deepEqual(claimed!.get(group.key), [
      { id: one, fields: ["value", "one", "key", "key"], counts: [-1, 1] },
      { id: two, fields: ["value", "two", "key", "key"], counts: [-1, 0] },
    ]);
    assert.deepEqual((await group.pending(client)).map(([, consumer, , n]) => [consumer, n]), [
      ["b", 2],
      ["b", 1],
      ["a", 2],
    ]);
    assert.equal(await nack("FAIL", "IDS", 1, three!), 1);
    const byXclaim = await client.ask("XCLAIM", group.key, group.name, "c", 99_999, three!);
    assert.deepEqual(idsOf(readEntries(byXclaim)), [three]);
    assert.equal(await group.ack(client, one!, two!, three!), 3);
  },
);

testOnEachKafka(
  "XNACK FATAL sets the largest number of deliveries, which stays",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const group = await TestGroup.create(client);
    await group.add(client, "poison");
    const [id] = idsOf(await group.take(client, "a", 1));
    const nack = (...args: (string | number)[]): Promise<string> =>
      client.ask("XNACK", group.key, group.name, ...args);
    const count = async (): Promise<unknown> => {
      const reply = await client.ask("XPENDING", group.key, group.name, "-", "+", 1);
      return itemsOf(itemsOf(readWireReply(reply))[0]!)[3];
    };
    assert.equal(await nack("FATAL", "IDS", 1, id!), ":1\r\n");
    assert.deepEqual(await count(), { type: ":", text: MAX_INT64 });
    await client.ask("XCLAIM", group.key, group.name, "a", 0, id!);
    assert.deepEqual(await count(), { type: ":", text: MAX_INT64 });
    assert.equal(await nack("FAIL", "RETRYCOUNT", 3, "IDS", 1, id!), ":1\r\n");
    assert.deepEqual(await count(), { type: ":", text: "3" });
  },
);

Deno.test("An entry that was given back can be acked, whatever its number of deliveries is", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  await group.add(client, "one");
  const [id] = idsOf(await group.take(client, "a", 1));
  await client.ask("XNACK", group.key, group.name, "SILENT", "IDS", 1, id!);
  assert.equal(await group.ack(client, id!), 1);
  assert.equal(
    await client.ask("XPENDING", group.key, group.name),
    "*4\r\n:0\r\n$-1\r\n$-1\r\n*-1\r\n",
  );
});

Deno.test("A reader with CLAIM is woken by an entry that is given back, and by one that is old enough", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(other);
  await group.add(other, "one");
  const [id] = idsOf(await group.take(other, "a", 1));
  const waiting = (claimMs: number): (string | number)[] => {
    const { name, key } = group;
    return ["XREADGROUP", "GROUP", name, "b", "BLOCK", 0, "CLAIM", claimMs, "STREAMS", key, ">"];
  };
  const connection = await connectionId(client);
  await client.send(...waiting(PENDING_FOR_LONG_MS));
  await untilBlocked(other, connection);
  assert.equal(
    await other.ask("XNACK", group.key, group.name, "FAIL", "IDS", 1, id!),
    ":1\r\n",
  );
  assert.deepEqual(readStreams(await client.reply())!.get(group.key)![0]!.counts, [-1, 1]);
  const [entry] = readStreams(await client.ask(...waiting(300)))!.get(group.key)!;
  const [idleMs, deliveries] = entry!.counts!;
  assert.ok(idleMs! >= 300 && idleMs! < 10_000, `${idleMs}`);
  assert.equal(deliveries, 2);
});

testOnEachKafka(
  "CLAIM gives what was idle for long first, then what is new",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const group = await TestGroup.create(client);
    await group.add(client, "one", "key");
    await group.add(client, "two", "key");
    const [one, two] = idsOf(await group.take(client, "a", 2));
    await client.ask("XCLAIM", group.key, group.name, "a", 0, two!, "IDLE", PENDING_FOR_LONG_MS);
    const three = await group.add(client, "three", "key");
    const read = async (
      ...options: (string | number)[]
    ): Promise<(readonly [string, number])[]> => {
      const streams = await group.read(client, "b", ...options);
      return (streams?.get(group.key) ?? []).map(({ id, counts }) => [id, counts![1]!]);
    };
    assert.deepEqual(await read("CLAIM", 100_000, "COUNT", 0, "NOACK", "BLOCK", 20_000), [[
      three,
      0,
    ]]);
    assert.deepEqual(await read("COUNT", 1, "CLAIM", 0), [[two, 2]], "the one idle for longest");
    await until(
      async () => (await group.pending(client, "IDLE", 5, "-", "+", 10)).length === 2,
      "some idle time",
    );
    assert.deepEqual((await read("CLAIM", 5, "NOACK")).sort(), [[one!, 1], [two!, 3]]);
    assert.equal((await group.pending(client)).length, 2, "NOACK is for new entries");
    assert.equal((await group.history(client, "b")).length, 2);
  },
);

Deno.test("Entries that are delivered again by a new owner say how often they were delivered", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  await group.add(client, "one");
  const [id] = idsOf(await group.take(client, "a", 1));
  await client.ask("XCLAIM", group.key, group.name, "a", 0, id!, "RETRYCOUNT", 5);
  assert.equal(await client.ask("XGROUP", "DELCONSUMER", group.key, group.name, "a"), ":1\r\n");
  const [entry] = await group.take(client, "b", 1, "CLAIM", PENDING_FOR_LONG_MS);
  assert.deepEqual(entry, { id, fields: ["value", "one"], counts: [0, 5] });
});

/** What follows `XNACK <key> <group>`, and the error. */
const ERRORS: readonly (readonly [args: string, error: string])[] = [
  ["BAD IDS 1 1-0", "mode must be SILENT, FAIL, or FATAL"],
  ["FAIL FATAL IDS 1 1-0", "Unrecognized XNACK option 'FATAL'"],
  ["FAIL IDS 1 1-0 BAD", "Unrecognized XNACK option 'BAD'"],
  ["FAIL IDS 1 1-0 2-0", "Unrecognized XNACK option '2-0'"],
  ["FAIL IDS 1 1-0 RETRYCOUNT", "Unrecognized XNACK option 'RETRYCOUNT'"],
  ["FAIL RETRYCOUNT 5 RETRYCOUNT 6", "syntax error, expected IDS keyword"],
  ["FAIL IDS x 1-0", "numids must be a positive integer"],
  ["FAIL IDS 0 1-0", "numids must be a positive integer"],
  ["FAIL IDS -1 1-0", "numids must be a positive integer"],
  ["FAIL IDS 2 1-0", "number of IDs doesn't match numids"],
  ["FAIL IDS 1 bad", "Invalid stream ID specified as stream command argument"],
  ["FAIL IDS 1 1-0 RETRYCOUNT x", "value is not an integer or out of range"],
  ["FAIL IDS 1 1-0 RETRYCOUNT -1", "Invalid RETRYCOUNT value, must be >= 0"],
  ["FAIL IDS 1 1-0 FORCE", "FORCE is not possible: only pending entries can be given back"],
];

Deno.test("XNACK and CLAIM refuse what Redis 8.8 refuses, with its texts", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  for (const [args, error] of ERRORS) {
    const reply = await client.ask("XNACK", group.key, group.name, ...args.split(" "));
    assert.equal(reply, `-ERR ${error}\r\n`, args);
  }
  assert.equal(
    await client.ask("XNACK", group.key, "none", "FAIL", "IDS", 1, "1-0"),
    `-NOGROUP No such key '${group.key}' or consumer group 'none'\r\n`,
  );
  const claim = (...options: string[]): Promise<string> =>
    client.ask("XREADGROUP", "GROUP", group.name, "a", ...options, "STREAMS", group.key, ">");
  const noInteger = "-ERR min-idle-time is not an integer or out of range\r\n";
  assert.equal(await claim("CLAIM", "x"), noInteger);
  assert.equal(await claim("CLAIM", "-0"), noInteger);
  assert.equal(await claim("CLAIM"), noInteger);
  assert.equal(await claim("CLAIM", "-1"), "-ERR min-idle-time must be a positive integer\r\n");
});
