/**
 * How long a stream is, which entries it has, and what shortens it: XLEN, LLEN, XDEL, XTRIM, XSETID.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { testOnEachKafka, testOnRealKafka } from "../../support/kafka.ts";
import { addTo, errorIn, idsIn, newStream } from "./stream_client.ts";

/** An hour ago: Kafka deletes at once what is older than it keeps records. */
const T = Date.now() - 3_600_000;

testOnEachKafka("XLEN and LLEN count the messages of all partitions", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 3);
  const key = `topics:${topic}`;
  for (const command of ["XLEN", "LLEN"]) assert.equal(await client.ask(command, key), ":0\r\n");
  for (let n = 0; n < 7; n++) await addTo(client, topic, { partition: n % 3, of: 3 }, "value");
  await client.ask("RPUSHX", key, "one more");
  await client.ask("DUMP", 20_000);
  for (const command of ["XLEN", "LLEN"]) {
    assert.equal(await client.ask(command, key), ":8\r\n");
    assert.equal(await client.ask(command, `topic:${topic}`), ":8\r\n");
    assert.equal(await client.ask(command, `topics:${uniqueName("missing")}`), ":0\r\n");
  }
  assert.match(errorIn(await client.ask("XLEN", "list")), /^ERR Cannot parse a stream from 'list'/);
  assert.equal(await client.ask("LLEN", "list"), ":0\r\n");
  assert.equal(await client.ask("LLEN", "topics:__consumer_offsets"), ":0\r\n");
});

testOnEachKafka("XDEL says how many of the entries there are, and deletes none", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const ids: string[] = [];
  for (let n = 0; n < 200; n++) {
    ids.push(await addTo(client, topic, { partition: n % 2, of: 2, ms: T + n }, `${n}`));
  }
  assert.equal(await client.ask("XDEL", key, ids[0]!), ":1\r\n");
  assert.equal(await client.ask("XDEL", key, ids[0]!), ":1\r\n", "it is still there");
  assert.equal(await client.ask("XDEL", key, ids[0]!, ids[3]!, ids[0]!), ":2\r\n");
  assert.equal(await client.ask("XDEL", key, ...ids), ":200\r\n");
  const [ms, seq] = ids[0]!.split("-");
  const none = [`${Number(ms) + 1}-${seq}`, `${ms}-${2_048_000}`, `${ms}-2047`, "0-0", "5"];
  assert.equal(await client.ask("XDEL", key, ...none), ":0\r\n");
  assert.equal(await client.ask("XDEL", `topics:${uniqueName("missing")}`, ids[0]!), ":0\r\n");
  assert.equal(await client.ask("XLEN", key), ":200\r\n");
});

testOnEachKafka("XTRIM and MAXLEN delete nothing unless they may", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  const key = `topics:${topic}`;
  for (let n = 0; n < 3; n++) await client.ask("XADD", key, "MAXLEN", 1, "*", "n", n);
  assert.equal(await client.ask("XTRIM", key, "MAXLEN", 1), ":0\r\n");
  assert.equal(await client.ask("XTRIM", key, "MINID", "=", "99999999999999"), ":0\r\n");
  assert.equal(await client.ask("XTRIM", `topics:${uniqueName("missing")}`, "MAXLEN", 1), ":0\r\n");
  assert.equal(await client.ask("XLEN", key), ":3\r\n");
});

testOnRealKafka("with streams.trim XTRIM deletes the first records", async (startGateway) => {
  await using gateway = await startGateway({ server: { streams: { trim: true } } });
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  const key = `topics:${topic}`;
  const ids: string[] = [];
  const add = async (count: number): Promise<void> => {
    for (let n = 0; n < count; n++) {
      const place = { partition: n % 3 === 0 ? 1 : 0, of: 2, ms: T + ids.length };
      ids.push(await addTo(client, topic, place, `${n}`));
    }
  };
  const left = async (): Promise<string[]> => idsIn(await client.ask("XRANGE", key, "-", "+"));
  await add(20);
  assert.equal(await client.ask("XTRIM", key, "MAXLEN", "~", 5), ":0\r\n");
  assert.equal(await client.ask("XTRIM", key, "MAXLEN", 30), ":0\r\n");
  assert.equal(await client.ask("XTRIM", key, "MAXLEN", 18), ":2\r\n");
  assert.deepEqual(await left(), ids.slice(2));
  assert.equal(await client.ask("XTRIM", key, "MAXLEN", "=", 6), ":12\r\n");
  assert.deepEqual(await left(), ids.slice(14));
  assert.equal(await client.ask("XLEN", key), ":6\r\n");
  assert.equal(await client.ask("XTRIM", key, "MINID", ids[16]!), ":2\r\n");
  assert.deepEqual(await left(), ids.slice(16));
  assert.equal(await client.ask("XTRIM", key, "MINID", T + 18), ":2\r\n");
  assert.equal(await client.ask("XTRIM", key, "MINID", 5), ":0\r\n");
  assert.equal(await client.ask("XTRIM", key, "MAXLEN", 0), ":2\r\n");
  assert.deepEqual(await left(), []);
  assert.equal(await client.ask("XTRIM", `topics:${uniqueName("missing")}`, "MAXLEN", 1), ":0\r\n");
});

testOnRealKafka("with streams.trim XADD keeps a stream short", async (startGateway) => {
  await using gateway = await startGateway({ server: { streams: { trim: true } } });
  using client = await gateway.connect();
  const topic = await newStream(gateway, 2);
  for (let n = 0; n < 50; n++) {
    await client.ask("XADD", `topics:${topic}:${n}`, "MAXLEN", 10, "*", "n", n);
  }
  await until(async () => await client.ask("XLEN", `topics:${topic}`) === ":10\r\n", "ten entries");
});

Deno.test("the embedded Kafka says that it cannot delete records", async () => {
  const server = { streams: { trim: true } };
  await using gateway = await TestGateway.start({ config: { server } });
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  await client.ask("XADD", `topics:${topic}`, "*", "n", 1);
  assert.equal(
    errorIn(await client.ask("XTRIM", `topics:${topic}`, "MAXLEN", 0)),
    "ERR The embedded Kafka cannot delete records",
  );
});

testOnEachKafka("XSETID is refused: Kafka gives ids", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const topic = await newStream(gateway, 1);
  assert.equal(
    errorIn(await client.ask("XSETID", `topics:${topic}`, "5-1")),
    "ERR XSETID is not possible: Kafka gives the IDs of entries",
  );
  assert.equal(
    errorIn(await client.ask("XSETID", `topics:${uniqueName("missing")}`, "5-1")),
    "ERR no such key",
  );
});
