/**
 * @module
 * `deno task bench`: how long a start takes, from the start of the process to its line "Listening on": the compiled
 * gateway (dist/rafka), and side by side `deno run` of the source. Rounds alternate; the files are warm after the first.
 */
import { startArguments } from "../support/program.ts";
import { say } from "../../tasks/say.ts";

const ROUNDS = 21;
const project = new URL("../../", import.meta.url);
const decoder = new TextDecoder();

const sides: Readonly<Record<string, { command: string; args: string[] }>> = {
  "dist/rafka": { command: new URL("dist/rafka", project).pathname, args: [] },
  "deno run": { command: Deno.execPath(), args: [...startArguments] },
};

if (!await Deno.stat(sides["dist/rafka"]!.command).then(() => true, () => false)) {
  say("There is no dist/rafka to measure: deno task compile makes it");
  Deno.exit(1);
}

const timesMs: Record<string, number[]> = {};
for (let round = 0; round <= ROUNDS; round++) {
  for (const [name, { command, args }] of Object.entries(sides)) {
    const timeMs = await startOnce(command, args);
    if (round > 0) (timesMs[name] ??= []).push(timeMs);
  }
}
for (const [name, times] of Object.entries(timesMs)) report(name, times);

async function startOnce(command: string, args: readonly string[]): Promise<number> {
  const startMs = performance.now();
  const process = new Deno.Command(command, {
    args: [...args, "--dev", "--host", "127.0.0.1", "--port", "0"],
    cwd: project,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let log = "";
  for await (const chunk of process.stderr.values({ preventCancel: true })) {
    log += decoder.decode(chunk);
    if (log.includes("Listening on ")) break;
  }
  const timeMs = performance.now() - startMs;
  process.kill("SIGKILL");
  await process.stderr.cancel();
  await process.status;
  if (!log.includes("Listening on ")) throw new Error(`${command} does not listen:\n${log}`);
  return timeMs;
}

function report(name: string, times: number[]): void {
  const sorted = times.toSorted((a, b) => a - b);
  const [least, median, most] = [sorted[0]!, sorted[sorted.length >> 1]!, sorted.at(-1)!]
    .map((ms) => ms.toFixed(0).padStart(4));
  const label = `start to listening, ${name}:`.padEnd(34);
  say(`${label} median ${median} ms (${least} to ${most}, ${times.length} rounds)`, Deno.stdout);
}
