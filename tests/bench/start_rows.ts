/**
 * How long a start takes, until a client has its first PONG: from source, and of the executable.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isFile } from "../support/on_path.ts";
import { type Launcher, Program } from "../support/program.ts";
import type { Line, Row, Sample, Sides } from "./row.ts";

function startRow(name: string, title: string, target: Line["target"], from: StartFrom): Row {
  return {
    name,
    lines: [{ title, unit: "ms", judgement: "value", target }],
    tools: [],
    open(bench): Promise<Sides | string> {
      const launcher = from(bench.checkout);
      return Promise.resolve(
        typeof launcher === "string" ? launcher : { own: () => startOnce(launcher) },
      );
    },
  };
}

/** How to start it, or why it can't be. */
type StartFrom = (checkout: { launcher: Launcher; root: string }) => Launcher | string;

async function startOnce(launcher: Launcher): Promise<Sample> {
  const startMs = performance.now();
  await using program = await Program.start(["--dev"], {}, launcher);
  using client = await program.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  return { values: [performance.now() - startMs] };
}

/** Both of them. */
export const startRows: readonly Row[] = [
  startRow("start", "start to first PONG, deno run", { own: 120 }, ({ launcher }) => launcher),
  startRow("start-compiled", "start to first PONG, dist/rafka", {}, ({ root }) => {
    const command = `${root}/dist/rafka`;
    if (!isFile(command)) return `there is no ${command}: deno task compile makes it`;
    return (args, env) => ({ command, args: [...args], cwd: root, env });
  }),
];
