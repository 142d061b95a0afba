/**
 * A million requests that no client should send, while others work.
 *
 * @module
 */
import { Program } from "../support/program.ts";
import { chooseSeed, SEED_VARIABLE } from "../support/wire.ts";
import type { Endurance, EnduranceOutcome } from "./endurance.ts";
import type { FuzzTask } from "./fuzz_worker.ts";
import { inWorker } from "./in_worker.ts";
import { Witnesses } from "./witnesses.ts";

const FULL = 1_000_000;
const SHORT = 50_000;

/** Garbage of all kinds. */
export const fuzz: Endurance = {
  name: "fuzz",
  what: "requests that no client should send, and hang-ups in the middle of them",
  async run(full): Promise<EnduranceOutcome> {
    const seed = chooseSeed();
    const requests = full ? FULL : SHORT;
    await using program = await Program.start(["--dev"]);
    await using witnesses = await Witnesses.of(program);
    const commands = await listCommands(program);
    await inWorker<FuzzTask, void>("fuzz_worker.ts", {
      port: program.port,
      seed,
      requests,
      commands,
    });
    const figures = await witnesses.end(full);
    return {
      figures: { requests, [SEED_VARIABLE]: String(seed), ...figures },
      problems: witnesses.problems,
    };
  },
};

async function listCommands(program: Program): Promise<string[]> {
  using client = await program.connect();
  const lines = (await client.ask("COMMAND", "LIST")).split("\r\n");
  return lines.filter((line) => /^[a-z]+$/.test(line));
}
