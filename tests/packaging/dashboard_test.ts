/**
 * Grafana's dashboard: each of its queries finds something in a Prometheus that has scraped a gateway in which everything
 * has happened.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../support/gateway.ts";
import { ack, mustPop, produceAll, TestCluster } from "../support/kafka.ts";
import { hasPrometheus } from "../support/machine.ts";
import { Prometheus } from "../support/prometheus.ts";

/** OffsetCommit in Kafka's protocol. */
const OFFSET_COMMIT = 8;
const GROUP_AUTHORIZATION_FAILED = 30;

async function queries(): Promise<string[]> {
  const file = new URL("../../packaging/monitoring/grafana-dashboard.json", import.meta.url);
  const { panels } = JSON.parse(await Deno.readTextFile(file));
  return panels.flatMap(({ targets = [] }: { targets?: { expr: string }[] }) =>
    targets.map(({ expr }) =>
      expr.replaceAll("$job", "rafka").replaceAll("$__rate_interval", "20s")
    )
  );
}

Deno.test({
  name: "each query of the dashboard finds something",
  ignore: !hasPrometheus,
  async fn(): Promise<void> {
    await using kafka = await TestCluster.start();
    await using gateway = await TestGateway.start({
      config: kafka.config({
        server: { http: { port: 0 } },
        producer: { "message.timeout.ms": 1_000 },
      }),
    });
    await using prometheus = await Prometheus.start(`127.0.0.1:${gateway.rafka.httpPort}`);
    using worker = await gateway.connectAs("shop:worker");
    await produceAll(worker, [["orders", "one"], ["orders", "two"]]);
    kafka.mock.failRequests(OFFSET_COMMIT, [GROUP_AUTHORIZATION_FAILED]);
    await ack(worker, await mustPop(worker, "orders"));
    const { messages } = gateway.rafka.server.state.telemetry;
    await until(() => messages.commitFailures.total > 0, "a commit that is refused");
    await ack(worker, await mustPop(worker, "orders"));
    await worker.ask("BLPOP", "topics:orders", "never");
    kafka.mock.setBrokerUp(1, false);
    await worker.ask("RPUSHX", "topics:orders", "late");
    await until(() => messages.failedByTopic.total > 0, "a message that is not delivered");
    kafka.mock.setBrokerUp(1, true);
    const all = await queries();
    assert.ok(all.length > 15);
    for (const query of all) {
      await until(async () => await prometheus.query(query) !== undefined, query, 40_000);
    }
    const failed = all.find((query) => query.includes("failed_messages"))!;
    assert.equal(await prometheus.query(failed.replaceAll("20s", "10m")), 1);
  },
});
