/**
 * Two gateways on one port beside one gateway, with the load of one redis-benchmark: how far a machine is used.
 *
 * @module
 */
import { until } from "../support/gateway.ts";
import { type Bench, size } from "./bench.ts";
import type { Usage } from "./process.ts";
import { loadOf, roundOf } from "./produce_rows.ts";
import type { MeasuredRafka } from "./rafka.ts";
import { redisBenchmark } from "./redis.ts";
import { NOT_AVAILABLE, type Round, type Row, type Sides } from "./row.ts";

const GATEWAYS = 2;
const DELIVERY_DEADLINE_MS = 60_000;

/** By the load of another row. */
const rowOf = (name: string): Row => ({
  name: `gateways-${name}`,
  opponent: "one gateway",
  lines: [{
    title: `${loadOf(name).title}, two gateways on one port`,
    unit: "msg/s",
    judgement: "ratio",
    target: { shared: 1 },
  }],
  tools: ["redis-benchmark"],
  async open(bench, stack): Promise<Sides> {
    if (!bench.checkout.canSharePort) return { shared: NOT_AVAILABLE };
    return {
      opponent: await roundWith(1, name, bench, stack),
      shared: await roundWith(GATEWAYS, name, bench, stack),
    };
  },
});

/** Rounds of so many gateways; one Redis client's connections are divided among them. */
async function roundWith(
  count: number,
  name: string,
  bench: Bench,
  stack: AsyncDisposableStack,
): Promise<Round> {
  const gateways = await bench.checkout.startOnOnePort(bench.broker, count);
  for (const gateway of gateways) stack.use(gateway);
  const row = loadOf(name);
  const load = { ...row.load, requests: size(bench, row.requests, row.quickRequests) };
  const command = ["RPUSHX", `topics:${bench.broker.topic("produced")}`];
  const all = { usage: () => usageOfAll(gateways) };
  return roundOf(all, load.requests, row.bursts ?? 1, (rate) => [rate], async () => {
    for (const gateway of gateways) await gateway.resetCounters();
    const rate = await redisBenchmark(gateways[0]!.port, command, load);
    await allDelivered(gateways, load.requests);
    return rate;
  });
}

async function usageOfAll(gateways: readonly MeasuredRafka[]): Promise<Usage> {
  const usages = await Promise.all(gateways.map((gateway) => gateway.usage()));
  const sum = (figure: keyof Usage): number =>
    usages.reduce((total, usage) => total + usage[figure], 0);
  return { cpuUs: sum("cpuUs"), memoryBytes: sum("memoryBytes"), threads: sum("threads") };
}

/** None may have been lost. */
async function allDelivered(gateways: readonly MeasuredRafka[], count: number): Promise<void> {
  const isDelivered = async (): Promise<boolean> => {
    const counters = await Promise.all(gateways.map((gateway) => gateway.counters()));
    const delivered = counters.map((each) => each["producer.delivered.messages"] ?? 0);
    return delivered.reduce((total, each) => total + each, 0) === count;
  };
  await until(isDelivered, `the delivery of ${count} messages`, DELIVERY_DEADLINE_MS);
}

/** The load that a gateway's own work is most of, and the one that it is least of. */
export const gatewayRows: readonly Row[] = ["rpushx-50x64", "rpushx-50"].map(rowOf);
