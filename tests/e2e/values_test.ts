/**
 * What may be in a message: large, binary, empty values and any key come out as they went in.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { kcatRecords } from "../support/kcat.ts";
import { mustPop, onBrokers, PATIENCE_SECONDS, testOnEachKafka } from "../support/kafka.ts";
import { hasKcat, kafkaBrokers } from "../support/machine.ts";
import { fromBytes, SeededRandom, toBytes } from "../support/wire.ts";

const MIB = 1024 * 1024;
const EVERY_BYTE = String.fromCharCode(...Array.from({ length: 256 }, (_, byte) => byte));

const values: [name: string, value: string][] = [
  ["an empty value", ""],
  ["every byte there is", EVERY_BYTE],
  ["ends of lines and a reply", "\r\n$-1\r\n*0\r\n"],
  ["zeros", "\0\0\0"],
  ["bytes that are not UTF-8", "\xff\xfe\xc0\x80"],
];

testOnEachKafka("A value comes out as it went in, whatever its bytes", async (start) => {
  await using gateway = await start();
  const topic = uniqueName("values");
  using producer = await gateway.connect();
  using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
  for (const [name, value] of values) {
    assert.equal(await producer.ask("RPUSHX", `topics:${topic}:key`, value), ":1\r\n", name);
  }
  assert.equal(await producer.ask("DUMP", 20_000), ":0\r\n");
  for (const [name, value] of values) {
    assert.equal((await mustPop(consumer, topic)).value, value, name);
  }
});

testOnEachKafka("A value of 30 MiB makes the round trip", async (start) => {
  await using gateway = await start({ producer: { "message.max.bytes": 40_000_000 } });
  const value = randomBytes(30 * MIB);
  const topic = uniqueName("large");
  using producer = await gateway.connect();
  assert.equal(await producer.ask("RPUSHX", `topics:${topic}`, value), ":1\r\n");
  assert.equal(await producer.ask("DUMP", 60_000), ":0\r\n");
  using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
  assert.ok(equal(await popValue(consumer, topic), value), "the value has changed");
});

testOnEachKafka("A value that librdkafka finds too large is an error of RPUSHX", async (start) => {
  await using gateway = await start();
  using producer = await gateway.connect();
  const value = new Uint8Array(2 * MIB);
  assert.match(
    await producer.ask("RPUSHX", `topics:${uniqueName("large")}`, value),
    /^-PROD .*large/i,
  );
  assert.equal(await producer.ask("DUMP", 20_000), ":0\r\n");
});

Deno.test({
  name: "Keys arrive in Kafka byte by byte; no key is not an empty key (real Kafka, kcat)",
  ignore: kafkaBrokers === undefined || !hasKcat,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config: onBrokers(kafkaBrokers!) });
    const topic = uniqueName("keys");
    using producer = await gateway.connect();
    const keys = ["\xff\xfe", "\xff\xfd", "\xc3\xa9", "a:b:c", "with space", ""];
    for (const key of keys) await producer.ask("RPUSHX", `topics:${topic}:${key}`, `of ${key}`);
    await producer.ask("RPUSHX", `topics:${topic}`, "of nobody");
    assert.equal(await producer.ask("DUMP", 20_000), ":0\r\n");

    const records = await kcatRecords(kafkaBrokers!, topic);
    assert.deepEqual(
      records.map(({ key, value }) => [key, value]).sort(byValue),
      [...keys.map((key) => [key, `of ${key}`]), [null, "of nobody"]].sort(byValue),
    );
  },
});

function byValue(a: (string | null)[], b: (string | null)[]): number {
  return a[1]! < b[1]! ? -1 : 1;
}

/** The value of the next message, which is too large for a string. */
async function popValue(client: TestClient, topic: string): Promise<Uint8Array> {
  await client.send("BLPOP", `topics:${topic}`, PATIENCE_SECONDS);
  const reply = await client.replyBytes(60_000);
  const head = fromBytes(reply.subarray(0, 300));
  const length = /\$5\r\nvalue\r\n\$(\d+)\r\n/.exec(head);
  assert.ok(length, `Not a message: ${head}`);
  const begin = length.index + length[0].length;
  assert.deepEqual(reply.subarray(begin + Number(length[1])), toBytes("\r\n"));
  return reply.subarray(begin, begin + Number(length[1]));
}

/** Not compressible, not periodic, all bytes. */
function randomBytes(byteLength: number): Uint8Array {
  const random = new SeededRandom(byteLength);
  const words = new Uint32Array(byteLength / 4).map(() => random.below(2 ** 32));
  return new Uint8Array(words.buffer);
}

/** `assert.deepEqual` takes minutes for millions of bytes. */
function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.byteLength === b.byteLength && a.every((byte, index) => byte === b[index]);
}
