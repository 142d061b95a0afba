/**
 * What connections cost: those that do nothing, and those that produce now and then. Each round has a new Rafka, since
 * memory that a process has had is not given back.
 *
 * @module
 */
import { size } from "./bench.ts";
import { ask, Connections, fileLimitProblem } from "./connections.ts";
import { NOT_AVAILABLE, type Row, type Sides } from "./row.ts";

const KILOBYTE = 1_024;
/** Come and stay before the ones that are measured: what the program needs once is no connection's. */
const WARM_UP_CONNECTIONS = 2000;

const idle: Row = {
  name: "idle",
  lines: [
    {
      title: "CPU with 5,000 idle connections",
      unit: "% of a core",
      judgement: "value",
      target: { own: 1 },
    },
    {
      title: "memory of an idle connection",
      unit: "KB",
      judgement: "value",
      target: { own: 8 },
    },
  ],
  tools: [],
  async open(bench): Promise<Sides | string> {
    const count = 5_000;
    const idleMs = size(bench, 3_000, 500);
    const problem = await fileLimitProblem(count);
    if (problem) return problem;
    return {
      own: async () => {
        await using rafka = await bench.checkout.start(bench.broker, "own");
        using early = await Connections.open(rafka, WARM_UP_CONNECTIONS);
        await early.all((client) => ask(client, ["PING"], "+PONG\r\n"));
        const before = await rafka.usage();
        using connections = await Connections.open(rafka, count);
        await connections.all((client) => ask(client, ["PING"], "+PONG\r\n"));
        const connected = await rafka.usage();
        const start = performance.now();
        await new Promise((resolve) => setTimeout(resolve, idleMs));
        const idleUs = (performance.now() - start) * 1_000;
        const { cpuUs } = await rafka.usage();
        return {
          values: [
            100 * (cpuUs - connected.cpuUs) / idleUs,
            (connected.memoryBytes - before.memoryBytes) / count / KILOBYTE,
          ],
        };
      },
    };
  },
};

const producing: Row = {
  name: "producing",
  lines: [
    {
      title: "threads that 1,000 producing connections add",
      unit: "threads",
      judgement: "value",
      target: { shared: 0 },
    },
    {
      title: "memory of a producing connection",
      unit: "KB",
      judgement: "value",
      target: { shared: 20 },
    },
  ],
  tools: [],
  async open(bench): Promise<Sides | string> {
    const count = 1_000;
    const messagesEach = size(bench, 5, 1);
    const problem = await fileLimitProblem(count);
    if (problem) return problem;
    if (!bench.checkout.canShare) return { shared: NOT_AVAILABLE };
    const rpushx = ["RPUSHX", `topics:${bench.broker.topic("produced")}`, "x".repeat(100)];
    return {
      shared: async () => {
        await using rafka = await bench.checkout.start(bench.broker, "shared");
        using early = await Connections.open(rafka, WARM_UP_CONNECTIONS);
        const produce = async (connections: Connections): Promise<void> => {
          for (let message = 0; message < messagesEach; message++) {
            await connections.all((client) => ask(client, rpushx, ":1\r\n"));
          }
        };
        await produce(early);
        await rafka.delivered(WARM_UP_CONNECTIONS * messagesEach);
        const before = await rafka.usage();
        using connections = await Connections.open(rafka, count);
        await produce(connections);
        await rafka.delivered((WARM_UP_CONNECTIONS + count) * messagesEach);
        const after = await rafka.usage();
        return {
          values: [
            after.threads - before.threads,
            (after.memoryBytes - before.memoryBytes) / count / KILOBYTE,
          ],
          cpuUs: (after.cpuUs - before.cpuUs) / (count * messagesEach),
        };
      },
    };
  },
};

/** Both of them. */
export const connectionRows: readonly Row[] = [idle, producing];
