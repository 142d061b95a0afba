/**
 * What workers of a stream's group cost: a thousand of them that wait on a topic of four partitions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { uniqueName } from "../support/gateway.ts";
import type { Bench } from "./bench.ts";
import { ask, Connections, fileLimitProblem } from "./connections.ts";
import { NOT_AVAILABLE, type Row, type Sample, type Sides } from "./row.ts";

const WORKERS = 1_000;
const KILOBYTE = 1_024;
/** Connected before, so that what the program needs once is no worker's. */
const WARM_UP_CONNECTIONS = 2_000;

/** The row of the table. */
export const streamWorkerRow: Row = {
  name: "stream-workers",
  lines: [
    {
      title: "threads that 1,000 workers of a stream's group add",
      unit: "threads",
      judgement: "value",
      target: { own: 10 },
    },
    { title: "memory of a worker", unit: "KB", judgement: "value", target: {} },
  ],
  tools: [],
  async open(bench): Promise<Sides | string> {
    const problem = await fileLimitProblem(WORKERS);
    if (problem) return problem;
    return { own: await isAvailable(bench) ? () => measure(bench) : NOT_AVAILABLE };
  },
};

async function isAvailable({ checkout, broker }: Bench): Promise<boolean> {
  await using rafka = await checkout.start(broker, "own");
  return await rafka.knows("XREADGROUP");
}

async function measure({ checkout, broker }: Bench): Promise<Sample> {
  await using rafka = await checkout.start(broker, "own");
  using early = await Connections.open(rafka, WARM_UP_CONNECTIONS);
  await early.all((client) => ask(client, ["PING"], "+PONG\r\n"));
  const key = `topics:${broker.topic("workers")}`;
  const group = uniqueName("bench");
  assert.equal(await rafka.ask("XGROUP", "CREATE", key, group, "$", "MKSTREAM"), "+OK\r\n");
  const before = await rafka.usage();
  using workers = await Connections.open(rafka, WORKERS);
  await workers.all((client, number) =>
    client.send(
      ...["XREADGROUP", "GROUP", group, `worker-${number}`],
      ...["COUNT", 1, "BLOCK", 0, "STREAMS", key, ">"],
    )
  );
  for (let entry = 0; entry < WORKERS; entry++) {
    assert.match(await rafka.ask("XADD", key, "*", "value", entry), /^\$/);
  }
  const ids = new Set<string>(); // each has another entry
  await workers.all(async (client) => {
    const [, id] = /\r\n(\d+-\d+)\r\n/.exec(await client.reply()) ?? [];
    await ask(client, ["XACK", key, group, id!], ":1\r\n");
    ids.add(id!);
  });
  assert.equal(ids.size, WORKERS);
  const after = await rafka.usage();
  return {
    values: [
      after.threads - before.threads,
      (after.memoryBytes - before.memoryBytes) / WORKERS / KILOBYTE,
    ],
  };
}
