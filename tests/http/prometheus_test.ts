/**
 * Prometheus itself scrapes a gateway under load, and its queries give the figures that the clients have counted and that
 * kcat finds in Kafka.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers, PATIENCE_SECONDS, TestCluster } from "../support/kafka.ts";
import { kcatRecords } from "../support/kcat.ts";
import { hasKcat, hasPrometheus, kafkaBrokers } from "../support/machine.ts";
import { Prometheus } from "../support/prometheus.ts";

const PRODUCERS = 5;
const WORKERS = 3;

/** Produces until `ended` is aborted; returns the number of messages. */
async function produce(gateway: TestGateway, topic: string, ended: AbortSignal): Promise<number> {
  using client = await gateway.connect();
  let produced = 0;
  for (; !ended.aborted; produced++) {
    assert.equal(await client.ask("RPUSHX", `topics:${topic}`, `message ${produced}`), ":1\r\n");
  }
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  return produced;
}

/** What a worker has counted. */
interface Journal {
  consumed: number;
  acked: number;
  /** Acks of messages whose partition a rebalance has taken meanwhile. */
  refused: number;
}

/** Consumes and acks until `ended` is aborted, or nothing is left. */
async function consume(
  gateway: TestGateway,
  group: string,
  topic: string,
  ended: AbortSignal,
): Promise<Journal> {
  using client = await gateway.connectAs(`${group}:${uniqueName("worker")}`);
  const journal: Journal = { consumed: 0, acked: 0, refused: 0 };
  while (!ended.aborted) {
    const message = await client.pop(
      `topics:${topic}`,
      journal.consumed === 0 ? PATIENCE_SECONDS : 2,
    );
    if (!message) break;
    journal.consumed++;
    const ack = `${topic}:${message.partition}:${message.offset}`;
    const reply = await client.ask("RPUSH", "acks", ack);
    if (reply === ":1\r\n") journal.acked++;
    else {
      assert.match(reply, /^-CONS Cannot ack .* it was lost in a rebalance\r\n$/);
      journal.refused++;
    }
  }
  return journal;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}

async function proof(
  config: Parameters<typeof TestGateway.start>[0],
  brokers: string,
): Promise<void> {
  await using gateway = await TestGateway.start(config);
  await using prometheus = await Prometheus.start(`127.0.0.1:${gateway.rafka.httpPort}`);
  const [topic, group] = [uniqueName("orders"), uniqueName("shop")];
  const end = new AbortController();
  const producing = Array.from({ length: PRODUCERS }, () => produce(gateway, topic, end.signal));
  const consuming = Array.from(
    { length: WORKERS },
    () => consume(gateway, group, topic, end.signal),
  );
  const seen = until(
    async () =>
      await prometheus.query("rate(rafka_commands_total{command='blpop'}[10s]) > 0") !== undefined,
    "Prometheus to see the load",
  ).finally(() => end.abort());
  const [counts, journals] = await Promise.all([
    Promise.all(producing),
    Promise.all(consuming),
    seen,
  ]);
  const produced = sum(counts);
  const consumed = sum(journals.map((one) => one.consumed));
  assert.ok(consumed > 0);
  assert.ok(produced > 0);
  if (hasKcat) assert.equal((await kcatRecords(brokers, topic)).length, produced);
  const figures: Record<string, number> = {
    [`rafka_producer_produced_messages_total{topic="${topic}"}`]: produced,
    [`rafka_producer_delivered_messages_total{topic="${topic}"}`]: produced,
    [`sum(rafka_producer_failed_messages_total) or vector(0)`]: 0,
    [`rafka_consumer_consumed_messages_total{group="${group}",topic="${topic}"}`]: consumed,
    [`rafka_consumer_acked_messages_total{group="${group}",topic="${topic}"}`]: sum(
      journals.map(({ acked }) => acked),
    ),
    [`sum(rafka_consumer_refused_acks_total) or vector(0)`]: sum(
      journals.map(({ refused }) => refused),
    ),
    [`rafka_commands_total{command="rpushx"}`]: produced,
    [`rafka_producer_delivery_duration_seconds_count`]: produced,
    [`histogram_quantile(0.99, rafka_producer_delivery_duration_seconds_bucket) < bool 60`]: 1,
    [`rafka_outstanding_messages`]: 0,
    [`max_over_time(rafka_connected_clients[1m]) > bool 1`]: 1,
    [`up{job="rafka"}`]: 1,
  };
  for (const [query, value] of Object.entries(figures)) {
    let found: number | undefined;
    await until(
      async () => (found = await prometheus.query(query)) === value,
      `${query} to be ${value}`,
    ).catch((error) => {
      throw new Error(`${(error as Error).message}, it is ${found}`);
    });
  }
}

Deno.test({
  name: "queries of Prometheus give the figures of clients and of kcat (embedded Kafka)",
  ignore: !hasPrometheus,
  async fn(): Promise<void> {
    await using kafka = await TestCluster.start();
    const config = kafka.config({ server: { http: { port: 0 } } });
    await proof({ config }, kafka.mock.bootstrapServers);
  },
});

Deno.test({
  name: "queries of Prometheus give the figures of clients and of kcat (real Kafka)",
  ignore: !hasPrometheus || kafkaBrokers === undefined,
  fn: () =>
    proof({ config: onBrokers(kafkaBrokers!, { server: { http: { port: 0 } } }) }, kafkaBrokers!),
});
