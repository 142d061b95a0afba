/**
 * What rights cost: the same load on a Rafka with users, whose rights are checked for each command, and on one without.
 * Judged by processor time, which other work on the machine changes least.
 *
 * @module
 */
import { size } from "./bench.ts";
import { loadOf, produce, roundOf } from "./produce_rows.ts";
import type { Line, Round, Row, Sample, Sides } from "./row.ts";
import { type ReadLoad, readLoadOf } from "./stream_rows.ts";

/** Needs no login, and has the right to all that the load does, but not to everything. */
const USERS = { server: { users: ["user default on nopass ~topics:* ~groups:* ~stats +@all"] } };

const line = (title: string): Line => ({
  title: `${title}, with users`,
  unit: "msg/CPU s",
  judgement: "ratio",
  target: { own: 0.95 },
});

/** What a second of processor time is enough for. */
function perCpuSecond(sample: Sample): Sample {
  return { ...sample, values: [1e6 / sample.cpuUs!] };
}

function produceRow(of: string): Row {
  const { title, load, requests, quickRequests, bursts = 1, config } = loadOf(of);
  return {
    name: `rights-${of}`,
    opponent: "Rafka without users",
    lines: [line(title)],
    tools: ["redis-benchmark"],
    async open(bench, stack): Promise<Sides> {
      const topic = `topics:${bench.broker.topic("produced")}`;
      const sized = { ...load, requests: size(bench, requests, quickRequests) };
      const start = async (more = {}): Promise<Round> => {
        const rafka = stack.use(
          await bench.checkout.start(bench.broker, "own", { ...config, ...more }),
        );
        const burst = (): Promise<number> => produce(rafka, topic, sized);
        const measure = roundOf(rafka, sized.requests, bursts, (rate) => [rate], burst);
        return async () => perCpuSecond(await measure());
      };
      return { opponent: await start(), own: await start(USERS) };
    },
  };
}

function readRow({ name, title, prepare, read }: ReadLoad): Row {
  return {
    name: `rights-${name}`,
    opponent: "Rafka without users",
    lines: [line(title)],
    tools: ["cc"],
    async open(bench, stack): Promise<Sides> {
      await prepare(bench);
      const start = async (config = {}): Promise<Round> => {
        const rafka = stack.use(await bench.checkout.start(bench.broker, "own", config));
        return async () => perCpuSecond(await read(bench, rafka));
      };
      return { opponent: await start(), own: await start(USERS) };
    },
  };
}

/** RPUSHX in long and in short connections, XREADGROUP with XACK. */
export const rightsRows: readonly Row[] = [
  produceRow("rpushx-50x64"),
  produceRow("connect"),
  readRow(readLoadOf(10)),
];
