/**
 * How long a message takes from a producer to a waiting consumer: through Rafka, and through librdkafka alone, with its
 * own defaults for the producer and those of Rafka for the consumer.
 *
 * @module
 */
import { eachMode, NEEDS_REAL_BROKER, noteOf, realBroker, size } from "./bench.ts";
import { run } from "./process.ts";
import type { Row, Sample, Sides } from "./row.ts";
import { percentile } from "./statistics.ts";
import { latency } from "./tools.ts";

const US_PER_MS = 1_000;

/** The row of the table. */
export const latencyRow: Row = {
  name: "latency",
  opponent: "librdkafka",
  lines: [
    {
      title: "produce to BLPOP, idle, half of the messages",
      unit: "ms",
      judgement: "difference",
      target: { own: 0.3, shared: 0.3 },
    },
    {
      title: "produce to BLPOP, idle, 99 % of the messages",
      unit: "ms",
      judgement: "difference",
      target: { own: 2, shared: 2 },
    },
  ],
  tools: ["cc"],
  async open(bench, stack): Promise<Sides | string> {
    const broker = realBroker(bench);
    if (!broker) return NEEDS_REAL_BROKER;
    const program = await latency();
    const topic = broker.topic("latency");
    const count = String(size(bench, 300, 20));
    const measure = async (...way: string[]): Promise<Sample> => {
      const [kind, where, ...settings] = way;
      const printed = await run(program, [kind!, where!, topic, count, ...settings]);
      const times = printed.trim().split("\n").map((us) => Number(us) / US_PER_MS);
      return { values: [percentile(times, 50), percentile(times, 99)] };
    };
    const settings = [
      ...asArguments("c", { ...broker.consumerSettings, ...bench.checkout.presets.consumer }),
    ];
    return {
      opponent: () => measure("kafka", broker.bootstrapServers, ...settings),
      ...await eachMode({ ...bench, broker }, stack, ({ port }) => {
        return () => measure("rafka", String(port));
      }),
      note: noteOf(broker),
    };
  },
};

function asArguments(kind: string, settings: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(settings).map(([name, value]) => `${kind}:${name}=${value}`);
}
