/**
 * The end of a gateway inside of this process: in which order it lets go, and that nothing is lost. A cluster with
 * slow answers keeps the steps apart. Signals and exit codes are tested on the program.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../support/gateway.ts";
import { ack, mustPop, TestCluster, testInEachProducerMode } from "../support/kafka.ts";
import { encodeRequest } from "../support/wire.ts";
import { CapturedLog } from "../support/captured_log.ts";

const SHUTDOWN = "-CONS Server shutdown\r\n";
/** How long each answer of the cluster takes while a consumer is to be slow in leaving. */
const SLOW_MS = 1_000;

Deno.test("A BLPOP that waits is answered `CONS Server shutdown`, then the connection is closed", async () => {
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start());
  using client = await gateway.connectAs("group:a");
  await client.write(encodeRequest(["BLPOP", "topics:t", "0"]) + encodeRequest(["PING", "behind"]));
  await until(() => (gateway.library.handles.open["rd_kafka_queue_t"] ?? 0) > 1, "a consumer");
  const stopped = running.disposeAsync();
  assert.equal(await client.untilClosed(), SHUTDOWN);
  await stopped;
  assert.equal(gateway.rafka.server.sessionCount, 0);
});

testInEachProducerMode(
  "While consumers leave, no new one is made, and everybody else may still produce",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using running = new AsyncDisposableStack();
    const gateway = running.use(await TestGateway.start({ config: cluster.config({ server }) }));
    using consumer = await gateway.connectAs("group:a");
    using late = await gateway.connectAs("group:late");
    using producer = await gateway.connect();
    await producer.ask("RPUSHX", "topics:t:key", "one");
    assert.equal(await ack(consumer, await mustPop(consumer, "t")), ":1\r\n");

    cluster.mock.setRoundTripMs(SLOW_MS); // the commit at the end takes that long
    let stopped = false;
    const stopping = running.disposeAsync().then(() => stopped = true);
    assert.equal(await consumer.untilClosed(), "", "nothing was waiting for a reply");
    assert.equal(await late.ask("BLPOP", "topics:t", 1), SHUTDOWN);
    assert.equal(await late.ask("PING"), "+PONG\r\n", "a refused consumer is no reason to close");
    assert.equal(await producer.ask("RPUSHX", "topics:t:key", "two"), ":1\r\n");
    using newcomer = await gateway.connect();
    assert.equal(await newcomer.ask("RPUSHX", "topics:t:key", "three"), ":1\r\n");
    assert.ok(!stopped, "the steps were to overlap with the slow consumer");

    cluster.mock.setRoundTripMs(0);
    for (const client of [late, producer, newcomer]) assert.equal(await client.untilClosed(), "");
    await stopping;
    assert.equal(gateway.rafka.server.sessionCount, 0);

    await using next = await TestGateway.start({ config: cluster.config({ server }) });
    using reader = await next.connectAs("group:a");
    const values = [(await mustPop(reader, "t")).value, (await mustPop(reader, "t")).value];
    assert.deepEqual(values.sort(), ["three", "two"], "what was produced meanwhile, and no more");
  },
);

Deno.test("What was acked is committed when stop() is done; what was not is handed out again", async () => {
  await using cluster = await TestCluster.start();
  const config = cluster.config({ consumer: { "auto.commit.interval.ms": 3_600_000 } });
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start({ config }));
  using client = await gateway.connectAs("group:a");
  for (const value of ["one", "two", "three"]) await client.ask("RPUSHX", "topics:t:key", value);
  assert.equal(await ack(client, await mustPop(client, "t")), ":1\r\n");
  await mustPop(client, "t");
  await running.disposeAsync();

  await using next = await TestGateway.start({ config });
  using reader = await next.connectAs("group:a");
  assert.equal((await mustPop(reader, "t")).value, "two");
});

Deno.test("What was answered with 1 is in Kafka when stop() is done", async () => {
  await using cluster = await TestCluster.start();
  const config = cluster.config({ producer: { "linger.ms": 60_000 } });
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start({ config }));
  using client = await gateway.connect();
  await client.write(encodeRequest(["RPUSHX", "topics:t:key", "hello"]).repeat(500));
  for (let i = 0; i < 500; i++) assert.equal(await client.reply(), ":1\r\n");
  await running.disposeAsync();

  await using next = await TestGateway.start({ config });
  using reader = await next.connectAs("group:a");
  for (let i = 0; i < 500; i++) await mustPop(reader, "t");
});

testInEachProducerMode(
  "WAIT and DUMP that a shutdown interrupts are answered with what has come of the messages",
  async (server) => {
    await using cluster = await TestCluster.start();
    await using running = new AsyncDisposableStack();
    const gateway = running.use(await TestGateway.start({ config: cluster.config({ server }) }));
    using waiting = await gateway.connect();
    using dumping = await gateway.connect();
    for (const client of [waiting, dumping]) {
      await client.ask("RPUSHX", "topics:t", "what a first message needs");
      assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
    }
    cluster.mock.setRoundTripMs(SLOW_MS);
    for (const client of [waiting, dumping]) await client.ask("RPUSHX", "topics:t", "hello");
    await waiting.send("WAIT", 1, 0);
    await dumping.send("DUMP", 600_000);
    assert.equal(await gatewayAnswers(gateway), "+PONG\r\n");
    const stopping = running.disposeAsync();
    assert.equal(await waiting.untilClosed(), ":1\r\n");
    assert.equal(await dumping.untilClosed(), ":0\r\n");
    await stopping;
  },
);

testInEachProducerMode(
  "A WAIT is answered with an error when the shutdown cannot know what comes of the messages",
  async (server) => {
    await using log = await CapturedLog.start();
    await using cluster = await TestCluster.start();
    await using running = new AsyncDisposableStack();
    const gateway = running.use(await TestGateway.start({ config: cluster.config({ server }) }));
    using client = await gateway.connect();
    cluster.mock.setBrokerUp(1, false);
    await client.ask("RPUSHX", "topics:t", "hello");
    await client.send("WAIT", 1, 0);
    assert.equal(await gatewayAnswers(gateway), "+PONG\r\n");
    const stopping = running.disposeAsync();
    assert.equal(
      await client.untilClosed(),
      "-PROD Server shutdown: 1 messages are not delivered yet, and may still be\r\n",
    );
    cluster.mock.setBrokerUp(1, true);
    await stopping;
    const durationMs = Number(/could not be delivered in (\d+) ms/.exec(log.lines.join("\n"))?.[1]);
    assert.ok(durationMs < 2_000, `${durationMs} ms: the WAIT has had the 5 s of the flush`);
  },
);

testInEachProducerMode("A DUMP that waits is answered with what is undelivered", async (server) => {
  await using cluster = await TestCluster.start();
  await using running = new AsyncDisposableStack();
  const config = cluster.config({ server: { ...server, flushTimeoutMs: 1_000 } });
  const gateway = running.use(await TestGateway.start({ config }));
  using client = await gateway.connect();
  cluster.mock.setBrokerUp(1, false);
  await client.ask("RPUSHX", "topics:t", "hello");
  await client.send("DUMP", 600_000);
  assert.equal(await gatewayAnswers(gateway), "+PONG\r\n");
  const stopping = running.disposeAsync();
  assert.equal(await client.untilClosed(), ":1\r\n");
  cluster.mock.setBrokerUp(1, true);
  await stopping;
});

Deno.test("The log of a shutdown does not say that a shared producer goes on trying", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  await using running = new AsyncDisposableStack();
  const server = { producerMode: "shared", flushTimeoutMs: 1_000 };
  const gateway = running.use(await TestGateway.start({ config: cluster.config({ server }) }));
  using client = await gateway.connect();
  cluster.mock.setBrokerUp(1, false);
  await client.ask("RPUSHX", "topics:t", "hello");
  await running.disposeAsync();
  assert.equal(log.count("1 of its messages could not be delivered in"), 1);
  assert.equal(log.count("what is not delivered when the shutdown ends is given up"), 1);
  assert.equal(log.count("goes on trying"), 0);
});

Deno.test("A client that reads nothing holds up no shutdown", async () => {
  await using running = new AsyncDisposableStack();
  const gateway = running.use(await TestGateway.start());
  using deaf = await gateway.connect();
  const writing = deaf.write(encodeRequest(["PING", "x".repeat(1_000_000)]).repeat(30))
    .catch(() => {}); // the gateway closes the connection in the middle of it
  assert.equal(await gatewayAnswers(gateway), "+PONG\r\n");
  const startMs = performance.now();
  await running.disposeAsync();
  assert.ok(performance.now() - startMs < 10_000, "the linger of a shutdown is half a second");
  await writing;
});

testInEachProducerMode(
  "Nobody can connect after stop(), and every native handle is closed",
  async (server) => {
    await using running = new AsyncDisposableStack();
    const gateway = running.use(await TestGateway.start({ config: { server } }));
    const { port } = gateway;
    using client = await gateway.connectAs("group:a");
    await client.ask("RPUSHX", "topics:t", "hello");
    await mustPop(client, "t");
    await running.disposeAsync();
    assert.deepEqual(gateway.library.handles.open, {});
    await assert.rejects(
      Deno.connect({ hostname: "127.0.0.1", port }),
      Deno.errors.ConnectionRefused,
    );
  },
);

/** PING of a connection of its own. */
async function gatewayAnswers(gateway: TestGateway): Promise<string> {
  using client = await gateway.connect();
  return await client.ask("PING");
}
