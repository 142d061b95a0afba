/**
 * XADD: the id that it returns is where the message is, and it returns one only for a message that Kafka has.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clientList, connectionId } from "../../support/client_list.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import {
  counter,
  onBrokers,
  TestCluster,
  type TestConfig,
  testOnEachKafka,
} from "../../support/kafka.ts";
import { kcatMessages } from "../../support/kcat.ts";
import { hasKcat, kafkaBrokers } from "../../support/machine.ts";
import { failures } from "../../support/rafka_errors.ts";
import { encodeRequest } from "../../support/wire.ts";

/** Its number in the Kafka protocol. */
const PRODUCE = 0;
/** An error that is final. */
const INVALID_RECORD = 87;
const PARTITIONS = 2048n;

interface AddedEntry {
  readonly id: string;
  readonly ms: number;
  readonly partition: number;
  readonly offset: number;
}

/** The id in a bulk string. */
function readAdded(reply: string): AddedEntry {
  const [, id, ms, seq] = /^\$\d+\r\n((\d+)-(\d+))\r\n$/.exec(reply) ??
    assert.fail(`not an id: ${JSON.stringify(reply)}`);
  const place = BigInt(seq!);
  return {
    id: id!,
    ms: Number(ms),
    partition: Number(place % PARTITIONS),
    offset: Number(place / PARTITIONS),
  };
}

testOnEachKafka("XADD returns the time and the place of its message", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connectAs(`${uniqueName("group")}:a`);
  const topic = uniqueName("topic");
  const beforeMs = Date.now();
  const added: AddedEntry[] = [];
  for (let n = 0; n < 20; n++) {
    added.push(readAdded(await client.ask("XADD", `topics:${topic}`, "*", "value", n, "n", n)));
  }
  for (const { ms } of added) assert.ok(ms >= beforeMs && ms <= Date.now(), `${ms}`);
  for (let n = 0; n < added.length; n++) {
    const message = await client.pop(`topics:${topic}`, 30);
    const { partition, offset } = added[Number(message!.value)]!;
    assert.deepEqual([message!.partition, message!.offset], [partition, offset]);
  }
});

testOnEachKafka("XADD <ms>-* sets the time of the message", async (startGateway) => {
  await using gateway = await startGateway();
  using client = await gateway.connect();
  const key = `topics:${uniqueName("topic")}`;
  const pastMs = Date.now() - 60_000;
  assert.equal(readAdded(await client.ask("XADD", key, `${pastMs}-*`, "f", "v")).ms, pastMs);
  assert.equal(readAdded(await client.ask("XADD", key, "1-*", "f", "v")).ms, 1);
  assert.equal(readAdded(await client.ask("XADD", key, "0-*", "f", "v")).ms, 1, "0-0 is no id");
});

const CLUSTERS: readonly {
  readonly title: string;
  readonly ignore: boolean;
  readonly open: () => Promise<{ brokers: string; config: TestConfig } & AsyncDisposable>;
}[] = [{
  title: "embedded Kafka",
  ignore: false,
  open: async () => {
    const cluster = await TestCluster.start();
    return {
      brokers: cluster.mock.bootstrapServers,
      config: cluster.config(),
      [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
    };
  },
}, {
  title: "real Kafka",
  ignore: kafkaBrokers === undefined,
  open: () =>
    Promise.resolve({
      brokers: kafkaBrokers!,
      config: onBrokers(kafkaBrokers!),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
}];

for (const { title, ignore, open } of CLUSTERS) {
  Deno.test({
    name: `a native client sees value, key, headers and time of an entry (${title})`,
    ignore: ignore || !hasKcat,
    async fn(): Promise<void> {
      await using cluster = await open();
      await using gateway = await TestGateway.start({ config: cluster.config });
      using client = await gateway.connect();
      const topic = uniqueName("topic");
      const key = `topics:${topic}:the:key`;
      const added = [
        await client.ask("XADD", key, "1700000000000-*", "data", "first", "h", "1", "h", "2"),
        await client.ask("XADD", key, "1700000000001-*", "value", "second"),
        await client.ask("XADD", key, "1700000000002-*", "a", "1", "b", "2"),
      ].map(readAdded);
      const messages = await kcatMessages(cluster.brokers, topic);
      assert.deepEqual(
        messages,
        [
          { value: "first", headers: "rafka.value=data,h=1,h=2" },
          { value: "second", headers: "" },
          { value: "", headers: "rafka.value=,a=1,b=2" },
        ].map((seen, at) => ({
          ...seen,
          key: "the:key",
          partition: added[at]!.partition,
          offset: added[at]!.offset,
          timestampMs: 1_700_000_000_000 + at,
        })),
      );
    },
  });
}

testOnEachKafka(
  "pipelined XADDs do not wait for each other, and are answered in order",
  async (startGateway) => {
    await using gateway = await startGateway();
    using client = await gateway.connect();
    const topic = uniqueName("topic");
    const count = 3_000;
    const adds = Array.from(
      { length: count },
      (_, n) => encodeRequest(["XADD", `topics:${topic}:one key`, "*", "data", `${n}`]),
    );
    const writing = client.write(`${adds.join("")}${encodeRequest(["PING"])}`);
    const offsets: number[] = [];
    for (let n = 0; n < count; n++) {
      offsets.push(readAdded(await client.reply()).offset);
    }
    assert.equal(await client.reply(), "+PONG\r\n");
    await writing;
    assert.deepEqual(offsets, Array.from({ length: count }, (_, n) => offsets[0]! + n));
  },
);

Deno.test("XADD between MULTI and EXEC: EXEC's reply has the ids", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (
    const command of [["MULTI"], ["XADD", "topics:t:k", "*", "f", "1"], ["PING"], [
      "XADD",
      "topics:t:k",
      "*",
      "f",
    ], ["EXEC"]]
  ) {
    await client.send(...command);
  }
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), "+QUEUED\r\n");
  assert.equal(await client.reply(), "+QUEUED\r\n");
  assert.match(await client.reply(), /^-ERR wrong number of arguments/);
  assert.match(await client.reply(), /^-EXECABORT/);
  for (
    const command of [["MULTI"], ["XADD", "topics:t:k", "*", "f", "1"], ["PING"], [
      "XADD",
      "topics:t:k",
      "*",
      "f",
      "2",
    ], ["EXEC"]]
  ) {
    await client.send(...command);
  }
  for (let n = 0; n < 4; n++) await client.reply();
  const [, first, second] = /^\*3\r\n(\$\d+\r\n\d+-\d+\r\n)\+PONG\r\n(\$\d+\r\n\d+-\d+\r\n)$/.exec(
    await client.reply(),
  )!;
  assert.deepEqual([readAdded(first!).offset, readAdded(second!).offset], [0, 1]);
});

Deno.test("NOMKSTREAM makes no topic, and adds to one that is there", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("XADD", "topics:t", "NOMKSTREAM", "*", "f", "v"), "$-1\r\n");
  assert.equal(await client.ask("KEYS", "topics:"), "*0\r\n");
  await client.ask("HELLO", 3);
  assert.equal(await client.ask("XADD", "topics:t", "nomkstream", "*", "f", "v"), "_\r\n");
  readAdded(await client.ask("XADD", "topics:t", "*", "f", "v"));
  readAdded(await client.ask("XADD", "topics:t", "NOMKSTREAM", "MAXLEN", "~", 5, "*", "f", "v"));
  assert.equal(await counter(client, "producer.produced.messages"), 2);
});

Deno.test("what XADD cannot do is refused, and nothing is produced", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const rows: [args: string[], error: RegExp][] = [
    [
      ["topics:t", "5-5", "f", "v"],
      /^-ERR The ID specified in XADD must be \* or <milliseconds>-\*: Kafka /,
    ],
    [["topics:t", "5", "f", "v"], /^-ERR The ID specified in XADD must be \* or /],
    [["topics:t", "*", "a", "1", "b\0", "2"], /^-PROD Field name 'b\\x00' holds a NUL/],
    [
      ["topics:t", "*", "a", "1", "rafka.value", "2"],
      /^-PROD Field name 'rafka.value' is reserved/,
    ],
    [["orders", "*", "f", "v"], /^-ERR Cannot parse a stream from 'orders': .*'topics:orders'/],
    [["topics:a b", "*", "f", "v"], /^-ERR Cannot parse a stream from 'topics:a b'/],
    [["topics:__consumer_offsets", "*", "f", "v"], /^-ERR .* is Kafka's own/],
  ];
  for (const [args, error] of rows) {
    assert.match(await client.ask("XADD", ...args), error);
    assert.equal(
      await client.ask("WAIT", 1, 0),
      ":0\r\n",
      "whoever is not shown replies asks WAIT",
    );
  }
  assert.equal(await counter(client, "producer.produced.messages"), 0);
});

Deno.test("a message that is too large is refused, and the others of a pipeline are not", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "message.max.bytes": 2_000 } },
  });
  using client = await gateway.connect();
  for (const value of ["small", "x".repeat(2_001), "x".repeat(1_999), "small"]) {
    await client.send("XADD", "topics:t", "*", "data", value);
  }
  readAdded(await client.reply());
  assert.match(await client.reply(), /^-PROD Broker: Message size too large: 2001 bytes, /);
  assert.match(await client.reply(), /^-PROD Broker: Message size too large: \d+ bytes, /);
  readAdded(await client.reply());
});

Deno.test("a message that Kafka refuses is an error, and counts as any failed one", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  readAdded(await client.ask("XADD", "topics:t:k", "*", "data", "fine"));
  cluster.mock.failRequests(PRODUCE, [INVALID_RECORD]);
  const reply = await client.ask("XADD", "topics:t:k", "*", "data", "secret", "h", "1");
  assert.equal(reply, "-PROD Broker: Broker failed to validate record\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  assert.equal(await counter(client, "producer.delivery.errors"), 1);
  const [failed] = await failures(client, "COUNT", 1, "WITHVALUES");
  assert.partialDeepStrictEqual(failed, { topic: "t", key: "k", value: "secret" });
  readAdded(await client.ask("XADD", "topics:t:k", "*", "data", "fine again"));
});

Deno.test("XADD does not wait longer than addTimeoutMs, and says that the message may be stored", async () => {
  await using cluster = await TestCluster.start();
  const addTimeoutMs = 1_000; // a first message takes its time
  const server = { streams: { addTimeoutMs } };
  await using gateway = await TestGateway.start({ config: cluster.config({ server }) });
  using client = await gateway.connect();
  using other = await gateway.connect();
  readAdded(await client.ask("XADD", "topics:t:k", "*", "data", "1"));
  cluster.mock.setBrokerUp(1, false);
  const startMs = performance.now();
  for (const n of [2, 3]) await client.send("XADD", "topics:t:k", "*", "data", n);
  for (let n = 0; n < 2; n++) {
    assert.match(await client.reply(), /^-PROD Kafka has not acknowledged .*addTimeoutMs; it may /);
  }
  assert.ok(performance.now() - startMs >= addTimeoutMs);
  assert.equal(await client.ask("DUMP", 0), ":2\r\n", "they are still tried");
  const id = await connectionId(client);
  const listed = (await clientList(other)).find((one) => one.id === id);
  assert.equal(listed!.outstanding, "2");
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  assert.equal(readAdded(await client.ask("XADD", "topics:t:k", "*", "data", "4")).offset, 3);
});

Deno.test("without room in the queue the client is held, and the order is kept", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({ producer: { "queue.buffering.max.messages": 10 } }),
  });
  using client = await gateway.connect();
  using other = await gateway.connect();
  readAdded(await client.ask("XADD", "topics:t:k", "*", "data", "first"));
  cluster.mock.setBrokerUp(1, false);
  const add = (n: number): string => encodeRequest(["XADD", "topics:t:k", "*", "data", `${n}`]);
  const id = await connectionId(client);
  const writing = client.write(Array.from({ length: 50 }, (_, n) => add(n)).join("") + "PING\r\n");
  await until(async () => {
    return (await clientList(other)).some((one) => one.id === id && one.held === "1");
  }, "the client to be held");
  cluster.mock.setBrokerUp(1, true);
  for (let n = 0; n < 50; n++) assert.equal(readAdded(await client.reply()).offset, n + 1);
  assert.equal(await client.reply(), "+PONG\r\n");
  await writing;
});

Deno.test("XADD is durable and quick, whatever the configuration says of other producers", async () => {
  await using gateway = await TestGateway.start({
    config: { producer: { "acks": 0, "queue.buffering.max.ms": 60_000, "topic.acks": 0 } },
  });
  using client = await gateway.connect();
  for (const offset of [0, 1]) {
    const startMs = performance.now();
    assert.equal(readAdded(await client.ask("XADD", "topics:t:k", "*", "f", "v")).offset, offset);
    assert.ok(performance.now() - startMs < 20_000);
  }
});

Deno.test("a shutdown answers XADDs that Kafka gets in time", async () => {
  await using cluster = await TestCluster.start();
  const gateway = await TestGateway.start({ config: cluster.config() });
  using client = await gateway.connect();
  readAdded(await client.ask("XADD", "topics:t", "*", "data", "1"));
  cluster.mock.setRoundTripMs(300);
  await client.send("XADD", "topics:t", "*", "data", "2");
  await until(() => gateway.rafka.server.state.principals.outstanding === 1, "XADD");
  const stopping = gateway[Symbol.asyncDispose]();
  readAdded(await client.untilClosed());
  await stopping;
});

Deno.test("messages of XADD are delivered when their client is gone", async () => {
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: cluster.config() });
  using watcher = await gateway.connect();
  using client = await gateway.connect();
  readAdded(await client.ask("XADD", "topics:t", "*", "data", "1"));
  cluster.mock.setBrokerUp(1, false);
  await client.send("XADD", "topics:t", "*", "data", "2");
  await until(() => gateway.rafka.server.state.principals.outstanding === 1, "XADD");
  client[Symbol.dispose]();
  cluster.mock.setBrokerUp(1, true);
  await until(async () => await counter(watcher, "producer.delivered.messages") === 2, "both");
});
