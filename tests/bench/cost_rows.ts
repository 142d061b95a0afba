/**
 * What a part of Rafka costs: the same load on a Rafka with it and on one without. Judged by processor time, which
 * other work on the machine changes least.
 *
 * @module
 */
import type { TestConfig } from "../support/kafka.ts";
import { type Bench, size } from "./bench.ts";
import { type PopLoad, popLoad } from "./consume_rows.ts";
import { loadOf, produce, roundOf } from "./produce_rows.ts";
import type { MeasuredRafka } from "./rafka.ts";
import type { Round, Row, Sample, Sides } from "./row.ts";
import { Scraper } from "./scraper.ts";
import { type ReadLoad, readLoadOf } from "./stream_rows.ts";
import type { ToolName } from "./tools.ts";

/** A part of Rafka. */
interface Part {
  /** Of its rows, before the name of the load. */
  readonly name: string;
  /** A Rafka that has it, after the title of the load. */
  readonly title: string;
  readonly opponent: string;
  /** The least share of the messages that a second of processor time is enough for. */
  readonly target: number;
  /** What switches it on. */
  readonly config: TestConfig;
  /** A round of a Rafka that has it; without it the load alone. */
  readonly around?: (rafka: MeasuredRafka, load: Round) => Round;
  /** Seconds that a round of either side takes, at least. */
  readonly roundSeconds?: number;
}

/** Work for a Rafka. */
interface Load {
  readonly name: string;
  readonly title: string;
  readonly tools: readonly ToolName[];
  readonly config?: TestConfig | undefined;
  readonly prepare?: (bench: Bench) => Promise<void>;
  readonly round: (bench: Bench, rafka: MeasuredRafka) => Round;
}

/** Needs no login, and has the right to all that the load does, but not to everything. */
const USERS = ["user default on nopass ~topics:* ~groups:* ~stats +@all"];

const rights: Part = {
  name: "rights",
  title: "with users",
  opponent: "Rafka without users",
  target: 0.95,
  config: { server: { users: USERS } },
};

const SCRAPE_INTERVAL_SECONDS = 5;

const scraping: Part = {
  name: "scraped",
  title: `scraped every ${SCRAPE_INTERVAL_SECONDS} s`,
  opponent: "Rafka without an HTTP port",
  target: 0.98,
  config: { server: { http: { port: 0 } } },
  around: (rafka, load) => async () => {
    using _scraper = new Scraper(rafka.httpPort!, SCRAPE_INTERVAL_SECONDS);
    return await load();
  },
  roundSeconds: SCRAPE_INTERVAL_SECONDS,
};

function costRow(part: Part, load: Load): Row {
  return {
    name: `${part.name}-${load.name}`,
    opponent: part.opponent,
    lines: [{
      title: `${load.title}, ${part.title}`,
      unit: "msg/CPU s",
      judgement: "ratio",
      target: { own: part.target },
    }],
    tools: load.tools,
    async open(bench, stack): Promise<Sides> {
      await load.prepare?.(bench);
      const seconds = bench.quick ? 0 : part.roundSeconds ?? 0;
      const start = async (config: TestConfig, around: Part["around"]): Promise<Round> => {
        const rafka = stack.use(
          await bench.checkout.start(bench.broker, "own", { ...load.config, ...config }),
        );
        const measure = lasting(load.round(bench, rafka), seconds);
        return around ? around(rafka, measure) : measure;
      };
      return { opponent: await start({}, undefined), own: await start(part.config, part.around) };
    },
  };
}

/** Rounds until the time is over, as one; of what a second of processor time is enough for. */
function lasting(round: Round, seconds: number): Round {
  return async (): Promise<Sample> => {
    const end = performance.now() + seconds * 1_000;
    const cpuUs: number[] = [];
    do cpuUs.push((await round()).cpuUs!); while (performance.now() < end);
    const mean = cpuUs.reduce((sum, one) => sum + one, 0) / cpuUs.length;
    return { values: [1e6 / mean], cpuUs: mean };
  };
}

function producing(of: string): Load {
  const { name, title, load, requests, quickRequests, bursts = 1, config } = loadOf(of);
  return {
    name,
    title,
    tools: ["redis-benchmark"],
    config,
    round(bench, rafka): Round {
      const topic = `topics:${bench.broker.topic("produced")}`;
      const sized = { ...load, requests: size(bench, requests, quickRequests) };
      const burst = (): Promise<number> => produce(rafka, topic, sized);
      return roundOf(rafka, sized.requests, bursts, (rate) => [rate], burst);
    },
  };
}

function consuming({ name, title, prepare, read }: ReadLoad | PopLoad): Load {
  return {
    name,
    title,
    tools: ["cc"],
    prepare,
    round: (bench, rafka) => () => read(bench, rafka),
  };
}

/** RPUSHX in long and in short connections, XREADGROUP with XACK; what is shown while messages flow. */
export const costRows: readonly Row[] = [
  costRow(rights, producing("rpushx-50x64")),
  costRow(rights, producing("connect")),
  costRow(rights, consuming(readLoadOf(10))),
  costRow(scraping, producing("rpushx-50")),
  costRow(scraping, producing("rpushx-50x64")),
  costRow(scraping, consuming(popLoad)),
  costRow(scraping, consuming(readLoadOf(10))),
];
