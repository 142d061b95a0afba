/**
 * Thousands of connections a second, each for one PING.
 *
 * @module
 */
import { Program, withOpenFiles } from "../support/program.ts";
import { resourcesOf } from "../support/resources.ts";
import type { ConnectsResult, ConnectsTask } from "./connects_worker.ts";
import type { Endurance, EnduranceOutcome } from "./endurance.ts";
import { inWorker } from "./in_worker.ts";
import { Witnesses } from "./witnesses.ts";

const PER_SECOND = 5_000;
const FULL_SECONDS = 60;
const SHORT_SECONDS = 5;
const MIB = 1024 * 1024;
/** What the heap may grow by. */
const MAX_GROWTH_BYTES = 64 * MIB;

/** A flood of connections. */
export const connects: Endurance = {
  name: "connects",
  what: `${PER_SECOND.toLocaleString("en")} connections a second, each for one PING`,
  async run(full): Promise<EnduranceOutcome> {
    const seconds = full ? FULL_SECONDS : SHORT_SECONDS;
    await using program = await Program.start(["--dev"], {}, withOpenFiles(10_000));
    await using witnesses = await Witnesses.of(program);
    const { port } = program;
    await inWorker("connects_worker.ts", { port, seconds: 2, perSecond: PER_SECOND }); // warm-up
    const before = await resourcesOf(program.pid);
    const { connections, failures } = await inWorker<ConnectsTask, ConnectsResult>(
      "connects_worker.ts",
      { port, seconds, perSecond: PER_SECOND },
    );
    const after = await resourcesOf(program.pid);
    const figures = await witnesses.end(full);
    const grown = after.memoryBytes - before.memoryBytes;
    return {
      figures: {
        connections,
        "a second": Math.round(connections / seconds),
        "memory before": `${Math.round(before.memoryBytes / MIB)} MiB`,
        after: `${Math.round(after.memoryBytes / MIB)} MiB`,
        ...figures,
      },
      problems: [
        ...witnesses.problems,
        ...failures,
        ...(grown > MAX_GROWTH_BYTES ? [`memory grew by ${Math.round(grown / MIB)} MiB`] : []),
      ],
    };
  },
};
