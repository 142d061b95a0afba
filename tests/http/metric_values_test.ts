/**
 * Metrics that are 0 on a good day: each is made to move, and by how much.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestAuthority } from "../support/certificates.ts";
import { connectionId, untilListed } from "../support/client_list.ts";
import { holdUpEventLoop, TestGateway, uniqueName, until } from "../support/gateway.ts";
import { ack, mustPop, onBrokers, produceAll, TestCluster } from "../support/kafka.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { scrape, value, valueNow } from "../support/metrics.ts";
import { startTls } from "../support/tls_gateway.ts";
import { encodeRequest } from "../support/wire.ts";

const HTTP = { http: { port: 0 } };
const config = { server: HTTP };
/** OffsetCommit in Kafka's protocol. */
const OFFSET_COMMIT = 8;
const GROUP_AUTHORIZATION_FAILED = 30;

Deno.test("a client that waits for room is held, and what it has produced is outstanding", async () => {
  await using kafka = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: kafka.config({ ...config, producer: { "queue.buffering.max.messages": 10 } }),
  });
  using other = await gateway.connect();
  using client = await gateway.connect();
  kafka.mock.setBrokerUp(1, false);
  const values = Array.from({ length: 15 }, () => "x".repeat(1_000));
  await client.send("RPUSHX", "topics:t", ...values);
  await untilListed(other, { addr: client.address, held: "1" });
  const held = await scrape(gateway);
  assert.equal(value(held, "rafka_held_clients"), 1);
  assert.equal(value(held, "rafka_outstanding_messages"), 10);
  const bytes = value(held, "rafka_outstanding_bytes");
  assert.ok(bytes >= 10_000 && bytes < 20_000, String(bytes));
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await client.reply(), ":15\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  const free = await scrape(gateway);
  for (const name of ["held_clients", "outstanding_messages", "outstanding_bytes"]) {
    assert.equal(value(free, `rafka_${name}`), 0, name);
  }
});

Deno.test("a commit that Kafka refuses is counted for its group", async () => {
  await using kafka = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: kafka.config(config) });
  const group = uniqueName("group");
  const failures = `rafka_consumer_commit_failures_total{group="${group}"}`;
  using worker = await gateway.connectAs(`${group}:worker`);
  await produceAll(worker, [["t", "one"], ["t", "two"]]);
  const first = await mustPop(worker, "t");
  kafka.mock.failRequests(OFFSET_COMMIT, [GROUP_AUTHORIZATION_FAILED]);
  assert.equal(await ack(worker, first), ":1\r\n");
  await until(async () => await valueNow(gateway, failures) === 1, "a commit failure");
  assert.equal(await ack(worker, await mustPop(worker, "t")), ":1\r\n");
  using next = await gateway.connectAs(`${group}:next`);
  await next.ask("BLPOP", "topics:t", 0.1);
  assert.equal(await valueNow(gateway, failures), 1, "the next one is not refused");
});

Deno.test("an event loop that stood still was late by as long", async () => {
  await using gateway = await TestGateway.start({ config });
  const delay = "rafka_event_loop_delay_seconds";
  const late = async (): Promise<number> => {
    const text = await scrape(gateway);
    return value(text, `${delay}_count`) - value(text, `${delay}_bucket{le="0.262144"}`);
  };
  const before = await late();
  const sumBefore = await valueNow(gateway, `${delay}_sum`);
  holdUpEventLoop(1_500); // 250 ms of it may be before the timer is due
  await until(async () => await late() > before, "a late timer");
  const sum = await valueNow(gateway, `${delay}_sum`) - sumBefore;
  assert.ok(sum > 1.2, String(sum));
});

Deno.test({
  name: "open files are counted one by one",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start({ config });
    const count = (): Promise<number> => valueNow(gateway, "process_open_fds");
    let before = NaN;
    await until(async () => before === (before = await count()), "no connection to come or go");
    using files = new DisposableStack();
    for (let i = 0; i < 20; i++) files.use(await Deno.open(Deno.execPath()));
    await until(async () => await count() === before + 20, "20 more");
  },
});

Deno.test("rejected connections are counted by their cause", async () => {
  await using gateway = await TestGateway.start({ config: { server: { ...HTTP, maxClients: 1 } } });
  using first = await gateway.connect();
  assert.equal(await first.ask("PING"), "+PONG\r\n");
  const rejected = 'rafka_connections_rejected_total{cause="maxClients"}';
  assert.equal(await valueNow(gateway, rejected), 0);
  for (let i = 0; i < 3; i++) {
    using client = await gateway.connect();
    await client.send("RPUSHX", "topics:t", "value");
    assert.match(await client.untilClosed(), /^-ERR max number of clients reached/);
  }
  const text = await scrape(gateway);
  assert.equal(value(text, rejected), 3);
  assert.equal(value(text, 'rafka_connections_rejected_total{cause="protectedMode"}'), 0);
  assert.equal(value(text, "rafka_connections_accepted_total"), 4);
});

/** How a client earns its end. */
const cutOff: {
  readonly cause: string;
  /** Connections that are cut off; 1 unless given. */
  readonly count?: number;
  readonly server?: Record<string, unknown>;
  readonly end: (gateway: TestGateway) => Promise<void>;
}[] = [
  {
    cause: "pipelineLimitBytes",
    server: { pipelineLimitBytes: 10_000 },
    async end(gateway): Promise<void> {
      using client = await gateway.connectAs("group:a");
      const behind = encodeRequest(["PING", "x".repeat(20_000)]);
      const writing = client.write(encodeRequest(["BLPOP", "topics:t", "0"]) + behind);
      await client.untilClosed();
      await writing.catch(() => {}); // the gateway need not read it to its end
    },
  },
  {
    cause: "maxInputBytes",
    count: 2,
    server: { maxInputBytes: 1_048_576 },
    async end(gateway): Promise<void> {
      const { inputBudget } = gateway.rafka.server.state;
      const big = encodeRequest(["RPUSH", "acks", "x".repeat(900_000)]);
      using stalled = await gateway.connect();
      using collecting = await gateway.connect();
      await collecting.ask("MULTI");
      await collecting.ask("PING", "x".repeat(400_000));
      await stalled.write(big.slice(0, 700_000));
      await until(() => inputBudget.usedBytes > 1_000_000, "memory that is held");
      using client = await gateway.connect();
      using next = await gateway.connect();
      await Promise.all([client.write(big), next.write(big)]);
      assert.match(await client.reply(), /^-CONS/);
      assert.match(await next.reply(), /^-CONS/);
      for (const slow of [stalled, collecting]) assert.match(await slow.untilClosed(), /too slow/);
    },
  },
  {
    cause: "monitorBacklogBytes",
    server: { monitorBacklogBytes: 10_000 },
    async end(gateway): Promise<void> {
      using monitor = await gateway.connect();
      assert.equal(await monitor.ask("MONITOR"), "+OK\r\n");
      using client = await gateway.connect();
      await client.ask("PING", "x".repeat(20_000));
      await monitor.untilClosed();
    },
  },
  {
    cause: "outputLimitBytes",
    server: { outputLimitBytes: 100_000 },
    async end(gateway): Promise<void> {
      using client = await gateway.connect();
      const pings = Array.from({ length: 5 }, () => ["PING", "x".repeat(50_000)]);
      await client.write([["MULTI"], ...pings, ["EXEC"]].map(encodeRequest).join(""));
      await client.untilClosed();
    },
  },
  {
    cause: "protocol",
    async end(gateway): Promise<void> {
      using client = await gateway.connect();
      await client.write("*1\r\n$-5\r\n");
      assert.match(await client.untilClosed(), /^-ERR Protocol error/);
    },
  },
  {
    cause: "CLIENT KILL",
    async end(gateway): Promise<void> {
      using client = await gateway.connect();
      using killer = await gateway.connect();
      const id = await connectionId(client);
      assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
      await client.untilClosed();
    },
  },
  {
    cause: "idleTimeoutMs",
    server: { idleTimeoutMs: 100 },
    async end(gateway): Promise<void> {
      using client = await gateway.connect();
      await client.untilClosed();
    },
  },
];

for (const { cause, count = 1, server, end } of cutOff) {
  Deno.test(`a connection that is cut off for ${cause} is counted for it, and for nothing else`, async () => {
    await using gateway = await TestGateway.start({
      config: { server: { ...HTTP, ...server } },
      timeouts: { inputStallMs: 1_000 },
    });
    await end(gateway);
    const text = await scrape(gateway);
    const found = [
      ...text.matchAll(/^rafka_connections_cut_off_total\{cause="(.*)"\} ([^0].*)$/gm),
    ];
    assert.deepEqual(found.map(([, by, total]) => [by, total]), [[cause, `${count}`]]);
  });
}

Deno.test("a client without a certificate is cut off by TLS, and counted as such", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority, {
    tls: { clientCaFile: authority.caFile },
    server: HTTP,
  });
  const { caFile } = authority;
  const served = gateway.connectTls({ caFile }).then(async (client) => {
    using _client = client;
    return await client.ask("PING");
  });
  await assert.rejects(served);
  await until(
    async () => await valueNow(gateway, 'rafka_connections_cut_off_total{cause="TLS"}') === 1,
    "its end",
  );
  assert.equal(await valueNow(gateway, "rafka_connections_certificate_refused_total"), 1);
});

Deno.test({
  name: "the time that a broker holds back for a quota is shown (real Kafka)",
  ignore: !hasKafkaTool,
  async fn(): Promise<void> {
    await using kafka = await KafkaCluster.start();
    const everybody = ["--entity-type", "clients", "--entity-default"] as const;
    await kafka.run(
      ...["configs", "--alter", ...everybody, "--add-config", "producer_byte_rate=10000"] as const,
    );
    await using gateway = await TestGateway.start({
      config: onBrokers(kafka.bootstrapServers, { server: { ...HTTP, producerMode: "shared" } }),
    });
    using client = await gateway.connect();
    const values = new Array(10).fill("x".repeat(20_000));
    assert.equal(await client.ask("RPUSHX", "topics:much:k", ...values), ":10\r\n");
    const throttle = 'rafka_broker_throttle_seconds{broker="1"}';
    await until(
      async () => {
        await client.ask("RPUSHX", "topics:much:k", "m");
        return await valueNow(gateway, throttle) > 0.1;
      },
      "a throttle time",
      60_000,
    );
  },
});
