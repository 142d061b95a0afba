/**
 * `deno task test [--release] [files, folders, what deno test takes]`: says what this machine cannot test, runs
 * `deno test` for each file, several beside each other, and closes with the line `N passed, N failed[, N skipped]`. A
 * run of no tests at all is a failure. DENO_JOBS says how many run at a time.
 *
 * @module
 */
import { clients } from "../tests/clients/clients.ts";
import { tools } from "../tests/tools/tools.ts";
import { extras } from "../tests/support/machine.ts";
import { runTask } from "./run_task.ts";
import { say } from "./say.ts";
import { filesOf, isOfRelease, planOf, readRequest, type TestRun } from "./test_plan.ts";
import { type Outcome, TestRuns } from "./test_run.ts";

if (import.meta.main) await runTask(main);

async function main(): Promise<void> {
  const request = readRequest(Deno.args);
  const files = filesOf(request);
  sayWhatIsMissing(files);
  if (!request.flags.includes("--no-check") && !await typesFit(files)) {
    say("0 passed, 1 failed", Deno.stdout);
    Deno.exit(1);
  }
  Deno.exit(report(await runAll(files, request.flags)));
}

function sayWhatIsMissing(files: readonly string[]): void {
  const isClient = (file: string): boolean => file.startsWith("tests/clients/");
  const isTool = (file: string): boolean => file.startsWith("tests/tools/");
  const chosen = {
    release: files.some((file) => isOfRelease(file) && !isClient(file) && !isTool(file)),
    commit: files.some((file) => !isOfRelease(file)),
    clients: files.some((file) => isOfRelease(file) && isClient(file)),
    tools: files.some(isTool),
  };
  for (const { name, present, leavesOut, howToGet, neededBy = "commit" } of extras) {
    if (chosen[neededBy] && !present()) {
      say(`Without ${name} not tested: ${leavesOut} (${howToGet})`, Deno.stdout);
    }
  }
  const all = [
    ...chosen.clients ? clients.map((client) => ({ ...client, name: client.client })) : [],
    ...chosen.tools ? tools.map((tool) => ({ ...tool, name: tool.tool })) : [],
  ];
  for (const { name, version, command, howToGet } of all) {
    if (command === undefined) say(`Not tested: ${name} ${version} (${howToGet})`, Deno.stdout);
  }
}

/** Once for all files: each `deno test` would do it again for what they share. */
async function typesFit(files: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", ...files],
    stdin: "null",
  }).spawn().status;
  return success;
}

async function runAll(files: readonly string[], flags: readonly string[]): Promise<Outcome[]> {
  const runs = new TestRuns();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => runs.stop(signal));
  }
  const { together, alone } = planOf(files, flags);
  const outcomes = await runBeside(runs, together, Math.min(jobs(), together.length));
  outcomes.push(...await runBeside(runs, alone, 1));
  const left = together.length + alone.length - outcomes.length;
  if (left > 0) outcomes.push(notRun(left));
  return outcomes;
}

/** Of what somebody did not want to wait for. */
function notRun(count: number): Outcome {
  say(`Stopped: ${count} runs of deno test were left`, Deno.stdout);
  return { counts: { passed: 0, failed: 1, ignored: 0 }, failed: [], ignored: [] };
}

/** So many at a time. */
async function runBeside(
  runs: TestRuns,
  wanted: readonly TestRun[],
  limit: number,
): Promise<Outcome[]> {
  const rest = wanted.values();
  const outcomes: Outcome[] = [];
  const work = async (): Promise<void> => {
    for (const run of rest) {
      if (runs.stopped) return;
      outcomes.push(await runs.run(run, limit === 1));
    }
  };
  await Promise.all(Array.from({ length: limit }, work));
  return outcomes;
}

/** One for each core: with two, groups lost members whose polls were late, and shutdowns ran into their deadlines. */
function jobs(): number {
  return Number(Deno.env.get("DENO_JOBS")) || navigator.hardwareConcurrency;
}

/** Prints the closing lines and returns the exit code. */
function report(outcomes: readonly Outcome[]): number {
  const sum = (what: "passed" | "failed" | "ignored"): number =>
    outcomes.reduce((total, { counts }) => total + counts[what], 0);
  const [passed, failed, ignored] = [sum("passed"), sum("failed"), sum("ignored")];
  if (Deno.env.get("CI") === "true") {
    for (const name of outcomes.flatMap((one) => one.ignored)) say(`skipped: ${name}`, Deno.stdout);
  }
  for (const name of outcomes.flatMap((one) => one.failed)) say(`failed: ${name}`, Deno.stdout);
  if (passed + failed === 0) say("No test was run: a failure", Deno.stdout);
  const skipped = ignored > 0 ? `, ${ignored} skipped` : "";
  say(`${passed} passed, ${failed} failed${skipped}`, Deno.stdout);
  return Number(passed === 0 || failed > 0);
}
