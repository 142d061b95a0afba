/**
 * Reading parts of partitions, with Kafka's gaps: markers of transactions, deleted records, empty partitions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cluster } from "../../../src/kafka/cluster.ts";
import type { Message } from "../../../src/kafka/client/message.ts";
import type { ReadRange } from "../../../src/kafka/reader/range_read.ts";
import { ReaderPool } from "../../../src/kafka/reader/reader_pool.ts";
import { LONG_READS, POINT_READS } from "../../../src/kafka/reader/reader_settings.ts";
import { uniqueName, until } from "../../support/gateway.ts";
import { hasKcat, kafkaBrokers } from "../../support/machine.ts";
import { DEADLINE_MS, TestKafka, textOf, toBytes } from "../../support/kafka_environment.ts";
import { type TestedCluster, testOnEachCluster } from "../clusters.ts";

interface Reading extends TestedCluster {
  readonly cluster: Cluster;
  readonly pool: ReaderPool;
}

/** Runs a test with a pool of two readers. */
async function withPool(
  tested: TestedCluster,
  run: (reading: Reading) => Promise<void>,
  stallMs = DEADLINE_MS,
): Promise<void> {
  const { kafka, settings, isReal } = tested;
  const mock = isReal ? undefined : kafka.mock;
  const all = { producer: settings, consumer: settings };
  const cluster = new Cluster(kafka.environment, all, mock);
  const pool = new ReaderPool((sink) => cluster.newReader(POINT_READS, sink), {
    maxReaders: 2,
    idleMs: 60_000,
    stallMs,
  });
  try {
    await run({ ...tested, cluster, pool });
  } finally {
    await pool.close(new Error("the test has ended"));
    await cluster.close();
  }
}

function range(
  partition: number,
  start: number,
  end: number,
  more: Partial<ReadRange> = {},
): ReadRange {
  return {
    partition,
    start: BigInt(start),
    end: BigInt(end),
    maxCount: Infinity,
    maxBytes: Infinity,
    ...more,
  };
}

function offsets(messages: readonly Message[]): number[] {
  return messages.map(({ offset }) => Number(offset));
}

/** A topic with messages `0`, `1` … in its only partition. */
async function fill({ kafka, settings, cluster, topic }: Reading, count: number): Promise<void> {
  await cluster.admin.createTopic(topic, { partitions: 1 });
  const producer = kafka.newProducer(settings);
  for (let n = 0; n < count; n++) producer.produce(topic, toBytes(`${n}`), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
}

testOnEachCluster(
  "a range is read from its start to its end",
  (tested) =>
    withPool({ ...tested, topic: uniqueName("range") }, async (reading) => {
      await fill(reading, 10);
      const rows: [range: ReadRange, offsets: number[], next: bigint, first: bigint][] = [
        [range(0, 0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], 10n, 0n],
        [range(0, 3, 5), [3, 4], 5n, 3n],
        [range(0, 9, 10), [9], 10n, 9n],
        [range(0, 3, 10, { maxCount: 2 }), [3, 4], 5n, 3n],
        [range(0, 3, 10, { maxBytes: 1 }), [3], 4n, 3n],
        [range(0, 2, 8, { maxCount: 2, fromEnd: true }), [6, 7], 8n, 6n],
        [range(0, 2, 8, { maxBytes: 1, fromEnd: true }), [7], 8n, 7n],
        [range(0, 4, 4), [], 4n, 4n],
        [range(0, 8, 99), [8, 9], 99n, 8n], // the partition ends before
        [range(0, 10, 99), [], 99n, 10n],
      ];
      for (const [asked, expected, next, first] of rows) {
        const part = (await reading.pool.read(reading.topic, [asked])).get(0)!;
        assert.deepEqual(offsets(part.messages), expected);
        assert.deepEqual([part.next, part.first], [next, first], JSON.stringify(expected));
        for (const message of part.messages) assert.equal(textOf(message), `${message.offset}`);
      }
    }),
);

testOnEachCluster(
  "a few messages of a large batch are read wherever they are in it",
  (tested) =>
    withPool({ ...tested, topic: uniqueName("batches") }, async (reading) => {
      const { kafka, settings, cluster, pool, topic } = reading;
      await cluster.admin.createTopic(topic, { partitions: 3 });
      for (const compression of ["none", "gzip"]) {
        const producer = kafka.newProducer({
          ...settings,
          "linger.ms": 200,
          "compression.type": compression,
          "partitioner": "murmur2",
        });
        for (let n = 0; n < 6_000; n++) producer.produce(topic, toBytes(`${n}`), toBytes(`${n}`));
        assert.equal(await producer.flush(DEADLINE_MS), 0);
      }
      for (let start = 0; start < 3_900; start += 137) { // each partition has 4,000, about
        const ranges = [0, 1, 2].map((partition) =>
          range(partition, start, 9_999, { maxCount: 7 })
        );
        const parts = await pool.read(topic, ranges);
        const first = Array.from({ length: 7 }, (_, n) => start + n);
        for (const { messages, next } of parts.values()) {
          const there = messages.length < 7 ? first.slice(0, messages.length) : first;
          assert.deepEqual(offsets(messages), there);
          assert.equal(next, messages.length < 7 ? 9_999n : BigInt(start + 7));
        }
      }
    }),
);

Deno.test("a limited reader gets no more messages of a batch at a time, and misses none", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producer = kafka.newProducer({ "linger.ms": 200 });
  for (let n = 0; n < 1_000; n++) producer.produce(topic, toBytes(`${n}`), null);
  assert.equal(await producer.flush(DEADLINE_MS), 0);
  const cluster = new Cluster(kafka.environment, {
    producer: kafka.settings,
    consumer: kafka.settings,
  });
  const takes: number[][] = [];
  const reader = cluster.newReader(POINT_READS, {
    onWake: () => {},
    onMessage: ({ offset }) => void takes.at(-1)!.push(Number(offset)),
    onEnd: () => {},
    onError: (error) => assert.fail(error.message),
  });
  reader.limit(3);
  reader.add([{ topic, partition: 0, offset: 500n }]);
  await until(() => {
    takes.push([]);
    reader.take(64);
    return takes.flat().length >= 30;
  }, "30 messages");
  await reader.close();
  await cluster.close();
  assert.deepEqual(takes.flat(), Array.from({ length: takes.flat().length }, (_, n) => 500 + n));
  assert.equal(Math.max(...takes.map(({ length }) => length)), 3);
});

testOnEachCluster(
  "partitions are read beside each other, the empty ones, too",
  (tested) =>
    withPool(
      { ...tested, topic: uniqueName("partitions") },
      async ({ kafka, settings, cluster, pool, topic }) => {
        await cluster.admin.createTopic(topic, { partitions: 4 });
        const producer = kafka.newProducer(settings);
        for (let n = 0; n < 50; n++) producer.produce(topic, toBytes("value"), toBytes("one key"));
        assert.equal(await producer.flush(DEADLINE_MS), 0);
        const ranges = [0, 1, 2, 3].map((partition) => range(partition, 0, 1_000));
        for (let n = 0; n < 20; n++) {
          const counts = [...(await pool.read(topic, ranges)).values()]
            .map(({ messages }) => messages.length);
          assert.deepEqual(counts.toSorted(), [0, 0, 0, 50]);
        }
      },
    ),
);

testOnEachCluster(
  "more reads than readers wait for their turn",
  (tested) =>
    withPool({ ...tested, topic: uniqueName("turns") }, async (reading) => {
      await fill(reading, 10);
      const { kafka, pool, topic } = reading;
      const parts = await Promise.all(
        Array.from({ length: 30 }, (_, n) => pool.read(topic, [range(0, n % 10, n % 10 + 1)])),
      );
      assert.deepEqual(
        parts.map((part) => offsets(part.get(0)!.messages)),
        Array.from({ length: 30 }, (_, n) => [n % 10]),
      );
      assert.equal(kafka.environment.library.handles.clients.reader, 2);
    }),
);

testOnEachCluster(
  "a read ends with its signal, and with the pool",
  (tested) =>
    withPool({ ...tested, topic: uniqueName("signal") }, async (reading) => {
      await fill(reading, 1);
      const { pool, topic } = reading;
      const reason = new Error("the client is gone");
      await assert.rejects(pool.read(topic, [range(0, 0, 1)], AbortSignal.abort(reason)), reason);
      assert.equal((await pool.read(topic, [range(0, 0, 1)])).get(0)!.messages.length, 1);
      const closed = new Error("shutdown");
      await pool.close(closed);
      await assert.rejects(pool.read(topic, [range(0, 0, 1)]), closed);
    }),
);

Deno.test("a broker that hangs ends a read after its time, and the next one works", async () => {
  await using kafka = await TestKafka.start();
  const { settings } = kafka;
  const tested = { kafka, settings, consumerSettings: settings, isReal: false };
  await withPool({ ...tested, topic: uniqueName("hung") }, async (reading) => {
    await fill(reading, 3);
    const { pool, topic } = reading;
    await pool.read(topic, [range(0, 0, 3)]);
    kafka.mock.setRoundTripMs(2_000);
    await assert.rejects(pool.read(topic, [range(0, 0, 3)]), { codeName: "_TIMED_OUT" });
    kafka.mock.setRoundTripMs(0);
    await until(async () => {
      try {
        return (await pool.read(topic, [range(0, 0, 3)])).get(0)!.messages.length === 3;
      } catch {
        return false;
      }
    }, "a read that works");
  }, 500);
});

Deno.test({
  name: "deleted records are stepped over (real Kafka)",
  ignore: kafkaBrokers === undefined,
  async fn(): Promise<void> {
    await onReal(async (reading) => {
      await fill(reading, 10);
      const { pool, topic, cluster } = reading;
      await cluster.admin.deleteRecords(topic, new Map([[0, 6n]]));
      for (const asked of [range(0, 0, 10), range(0, 5, 10, { fromEnd: true })]) {
        const part = (await pool.read(topic, [asked])).get(0)!;
        assert.deepEqual(offsets(part.messages), [6, 7, 8, 9]);
      }
      const gone = (await pool.read(topic, [range(0, 2, 3)])).get(0)!;
      assert.deepEqual([gone.messages.length, gone.next], [0, 3n]);
    });
  },
});

Deno.test({
  name: "markers of transactions are stepped over (real Kafka)",
  ignore: kafkaBrokers === undefined || !hasKcat,
  async fn(): Promise<void> {
    await onReal(async (reading) => {
      const { cluster, pool, topic } = reading;
      await cluster.admin.createTopic(topic, { partitions: 1 });
      for (const value of ["a", "b", "c"]) await produceInTransaction(topic, value);
      const end = async (): Promise<bigint | undefined> =>
        (await cluster.admin.listOffsets(topic, 1, "latest"))[0];
      await until(async () => await end() === 6n, "a marker behind each message");
      const read = async (asked: ReadRange): Promise<(string | undefined)[]> =>
        (await pool.read(topic, [asked])).get(0)!.messages.map(textOf);
      assert.deepEqual(await read(range(0, 0, 6)), ["a", "b", "c"]);
      assert.deepEqual(await read(range(0, 5, 6)), [], "only the last marker");
      assert.deepEqual(await read(range(0, 3, 6)), ["c"]);
      assert.deepEqual(await read(range(0, 0, 6, { maxCount: 1, fromEnd: true })), ["c"]);
    });
  },
});

Deno.test("long reads read the same", async () => {
  await using kafka = await TestKafka.start();
  const { settings } = kafka;
  const cluster = new Cluster(kafka.environment, { producer: settings, consumer: settings });
  const limits = { maxReaders: 1, idleMs: 60_000, stallMs: DEADLINE_MS };
  const pool = new ReaderPool((sink) => cluster.newReader(LONG_READS, sink), limits);
  const topic = kafka.newTopic();
  await kafka.fill(topic, Array.from({ length: 5_000 }, (_, n) => `${n}`));
  const { messages } = (await pool.read(topic, [range(0, 0, 5_000)])).get(0)!;
  assert.deepEqual(messages.map(textOf), Array.from({ length: 5_000 }, (_, n) => `${n}`));
  await pool.close(new Error("the test has ended"));
  await cluster.close();
});

async function onReal(run: (reading: Reading) => Promise<void>): Promise<void> {
  await using kafka = await TestKafka.start();
  const settings = { "bootstrap.servers": kafkaBrokers! };
  const topic = uniqueName("topic");
  await withPool({ kafka, settings, consumerSettings: settings, isReal: true, topic }, run);
}

async function produceInTransaction(topic: string, value: string): Promise<void> {
  const kcat = new Deno.Command("kcat", {
    args: ["-P", "-b", kafkaBrokers!, "-t", topic, "-X", `transactional.id=${uniqueName("txn")}`],
    stdin: "piped",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const writer = kcat.stdin.getWriter();
  await writer.write(toBytes(`${value}\n`));
  await writer.close();
  const { success, stderr } = await kcat.output();
  assert.ok(success, new TextDecoder().decode(stderr));
}
