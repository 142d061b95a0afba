/**
 * What /metrics says, as Prometheus reads it: its own checker, figures that clients know, labels within bounds.
 *
 * @module
 */
import assert from "node:assert/strict";
import { metricsText } from "../../src/http/metrics_text.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { mustPop, TestCluster } from "../support/kafka.ts";
import { hasPrometheus } from "../support/machine.ts";
import { scrape, value } from "../support/metrics.ts";

const OPEN_METRICS = { Accept: "application/openmetrics-text; version=1.0.0" };
const config = { server: { http: { port: 0 } } };

/** A gateway that has produced 10 messages, consumed 6 and acked 4, with a few errors. */
async function withTraffic(run: (gateway: TestGateway) => Promise<void>): Promise<void> {
  await using gateway = await TestGateway.start({ config });
  using producer = await gateway.connect();
  const values = Array.from({ length: 10 }, (_, at) => `message ${at}`);
  assert.equal(await producer.ask("RPUSHX", "topics:orders:key", ...values), ":10\r\n");
  assert.equal(await producer.ask("DUMP", 10_000), ":0\r\n");
  await producer.ask("NOTHING");
  using worker = await gateway.connectAs("shop:worker");
  const acks: string[] = [];
  for (let count = 0; count < 6; count++) {
    const { topic, partition, offset } = await mustPop(worker, "orders");
    acks.push(`${topic}:${partition}:${offset}`);
  }
  assert.equal(await worker.ask("RPUSH", "acks", ...acks.slice(0, 4)), ":4\r\n");
  await run(gateway);
}

Deno.test("figures are those that the clients know, by topic and group", () =>
  withTraffic(async (gateway) => {
    const text = await scrape(gateway);
    const sample = (name: string): number => value(text, name);
    const labels = '{group="shop",topic="orders"}';
    assert.equal(sample('rafka_producer_produced_messages_total{topic="orders"}'), 10);
    assert.equal(sample('rafka_producer_delivered_messages_total{topic="orders"}'), 10);
    assert.equal(sample("rafka_producer_delivery_duration_seconds_count"), 10);
    assert.ok(sample("rafka_producer_delivery_duration_seconds_sum") > 0);
    assert.equal(sample(`rafka_consumer_consumed_messages_total${labels}`), 6);
    assert.equal(sample(`rafka_consumer_acked_messages_total${labels}`), 4);
    assert.ok(sample('rafka_consumer_rebalances_total{group="shop"}') >= 1);
    assert.ok(sample(`rafka_consumer_assigned_partitions${labels}`) >= 1);
    assert.equal(sample('rafka_commands_total{command="blpop"}'), 6);
    assert.equal(sample('rafka_command_duration_seconds_count{command="blpop"}'), 6);
    assert.equal(sample('rafka_error_replies_total{code="ERR"}'), 1);
    assert.equal(sample("rafka_connected_clients"), 2);
    assert.equal(sample("rafka_kafka_up"), 1);
    for (const name of ["process_open_fds", "process_threads", "process_cpu_seconds_total"]) {
      if (Deno.build.os === "linux") assert.ok(sample(name) > 0, name);
    }
  }));

Deno.test("brokers are up, or down, with their round trips", async () => {
  await using kafka = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: kafka.config(config) });
  using client = await gateway.connect();
  await until(async () => value(await scrape(gateway), 'rafka_broker_up{broker="1"}') === 1, "it");
  const text = await scrape(gateway);
  assert.ok(value(text, 'rafka_broker_round_trip_seconds{broker="1"}') > 0);
  assert.equal(value(text, 'rafka_broker_throttle_seconds{broker="1"}'), 0);
  kafka.mock.setBrokerUp(1, false);
  assert.equal(await client.ask("RPUSHX", "topics:t", "m"), ":1\r\n");
  await until(
    async () => value(await scrape(gateway), 'rafka_broker_up{broker="1"}') === 0,
    "its end",
  );
  kafka.mock.setBrokerUp(1, true);
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
});

Deno.test("lag is what is behind the acks that are committed", () =>
  withTraffic(async (gateway) => {
    await until(async () => {
      const text = await scrape(gateway);
      const lags = [...text.matchAll(
        /^rafka_consumer_lag_messages\{group="shop",topic="orders",partition="\d+"\} (\d+)$/gm,
      )];
      return lags.reduce((sum, [, lag]) => sum + Number(lag), 0) === 6;
    }, "a lag of 6");
  }));

for (const [format, headers] of [["text", {}], ["OpenMetrics", OPEN_METRICS]] as const) {
  Deno.test(`${format}: each family has one HELP and TYPE, all of its samples, and no sample twice`, () =>
    withTraffic(async (gateway) => {
      const text = await scrape(gateway, headers);
      const lines = text.trimEnd().split("\n");
      assert.equal(lines.at(-1) === "# EOF", format === "OpenMetrics");
      const seen = new Set<string>();
      let family = "";
      for (const line of lines) {
        const [, kind, name] = /^# (HELP|TYPE) (\S+) /.exec(line) ?? [];
        if (kind === "HELP") family = name!;
        const key = kind ? `${kind} ${name}` : line.replace(/ \S+$/, "");
        assert.ok(!seen.has(key), `twice: ${key}`);
        seen.add(key);
        if (!line.startsWith("#")) assert.ok(line.startsWith(family), `${line} in ${family}`);
      }
    }));
}

Deno.test({
  name: "promtool finds nothing wrong",
  ignore: !hasPrometheus,
  fn: () =>
    withTraffic(async (gateway) => {
      const child = new Deno.Command("promtool", {
        args: ["check", "metrics"],
        stdin: "piped",
        stdout: "piped",
        stderr: "piped",
      }).spawn();
      const writer = child.stdin.getWriter();
      await writer.write(new TextEncoder().encode(await scrape(gateway)));
      await writer.close();
      const { code, stdout, stderr } = await child.output();
      const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
      assert.deepEqual([code, said], [0, ""]);
    }),
});

Deno.test("29: 20,000 topics and groups do not grow /metrics", () => {
  const { messages, registry } = new Telemetry(0);
  const fill = (from: number, to: number): number => {
    for (let n = from; n < to; n++) {
      messages.produced.of(`topic-${n}`).total++;
      messages.consumed.of(`group-${n}`, `topic-${n}`).total++;
    }
    return metricsText(registry.metrics, { openMetrics: false, names: true }).length;
  };
  const full = fill(0, 1_100);
  assert.ok(fill(1_100, 20_000) < full + 100);
});

Deno.test("29: 100,000 names of connections, and of topics in acks, do not grow /metrics", async () => {
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connectAs("group:worker");
  await client.ask("BLPOP", "topics:orders", 0.1);
  const before = (await scrape(gateway)).split("\n").length;
  for (let from = 0; from < 20_000; from += 1_000) {
    const acks = Array.from({ length: 1_000 }, (_, at) => `topic-${from + at}:0:0`);
    assert.match(await client.ask("RPUSH", "acks", ...acks), /^-CONS Cannot ack/);
  }
  using named = await gateway.connect();
  await named.send("CLIENT", "REPLY", "OFF");
  for (let from = 0; from < 100_000; from += 10_000) {
    const names = Array.from({ length: 10_000 }, (_, at) => `CLIENT SETNAME n${from + at}\r\n`);
    await named.write(names.join(""));
  }
  assert.equal(await named.ask("CLIENT", "REPLY", "ON"), "+OK\r\n");
  assert.ok((await scrape(gateway)).split("\n").length < before + 100);
});

Deno.test("18: without names figures are summed up, whoever they are of", () => {
  const { messages, registry } = new Telemetry(0);
  messages.consumed.of("shop", "orders").total += 2;
  messages.consumed.of("audit", "payments").total += 3;
  messages.failedByTopic.of("orders", "_MSG_TIMED_OUT", "alice").total += 4;
  messages.failedByTopic.of("payments", "_MSG_TIMED_OUT", "bob").total += 5;
  const text = metricsText(registry.metrics, { openMetrics: false, names: false });
  assert.doesNotMatch(text, /shop|audit|orders|payments|alice|bob/);
  const consumed = 'rafka_consumer_consumed_messages_total{group="(hidden)",topic="(hidden)"}';
  assert.equal(value(text, consumed), 5);
  assert.match(text, /^rafka_producer_failed_messages_total\{[^}]*_MSG_TIMED_OUT[^}]*\} 9$/m);
});

Deno.test("labels are escaped", () => {
  const { messages, registry } = new Telemetry(0);
  messages.produced.of('a"b\\c\nd').total++;
  const text = metricsText(registry.metrics, { openMetrics: false, names: true });
  assert.match(text, /^rafka_producer_produced_messages_total\{topic="a\\"b\\\\c\\nd"\} 1$/m);
});
