/**
 * `deno task test:faults`: plays faults under load on a real Kafka of three brokers, and trials of endurance; prints
 * what came of them. The exit code is 1 when a promise was broken. Starts all that it needs and ends it, also when it
 * is told to stop.
 *
 * @module
 */
import { runTask } from "../../tasks/run_task.ts";
import { say } from "../../tasks/say.ts";
import { describeMachine } from "../bench/machine.ts";
import { aligned, markdown } from "../bench/report.ts";
import { hasKafkaTool } from "../support/kafka_cluster.ts";
import { isOnPath } from "../support/on_path.ts";
import { brokerScenarios } from "./broker_scenarios.ts";
import { clientScenarios } from "./client_scenarios.ts";
import { churn } from "./churn.ts";
import { Cluster } from "./cluster.ts";
import { connects } from "./connects.ts";
import { slowLoris } from "./slow_loris.ts";
import { descriptors } from "./descriptors.ts";
import type { ClusterTrial, Endurance, EnduranceOutcome } from "./endurance.ts";
import { fuzz } from "./fuzz.ts";
import { hungScenarios } from "./hung_scenarios.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { refusalScenario } from "./refusal_scenario.ts";
import { replicaScenarios } from "./replica_scenarios.ts";
import { describe, enduranceTable, type Played, scenarioTable } from "./report.ts";
import { listTrials } from "./list_trials.ts";
import type { Scenario } from "./scenario.ts";
import type { Outcome } from "./stage.ts";
import { shortLived } from "./short_lived.ts";
import { skipped } from "./skipped.ts";
import { streamScenarios } from "./stream_scenarios.ts";
import { streamGroupTrials } from "./stream_group_trials.ts";
import { streamTrials } from "./stream_trials.ts";
import { undoOnSignals } from "./undo.ts";

/** Programs that are needed, and Debian's packages that have them. */
const PROGRAMS = { kcat: "kcat", setpriv: "util-linux", iptables: "iptables" } as const;

const scenarios: readonly Scenario[] = [
  ...brokerScenarios,
  ...hungScenarios,
  ...replicaScenarios,
  ...clientScenarios,
  refusalScenario,
  ...streamScenarios,
];
const clusterTrials: readonly ClusterTrial[] = [
  shortLived,
  skipped,
  ...listTrials,
  ...streamTrials,
  ...streamGroupTrials,
];
const trials: readonly Endurance[] = [fuzz, slowLoris, connects, descriptors, churn];

undoOnSignals();

await runTask(async () => {
  const options = readOptions(
    Deno.args,
    [...scenarios, ...clusterTrials, ...trials].map(({ name }) => name),
  );
  if (options.help) return print(`${HELP}\nThere are:\n${listOfAll()}`);
  const startMs = performance.now();
  const wanted = <T extends { name: string }>(all: readonly T[]): T[] =>
    all.filter((one) => isWanted(one, options));
  const { played, endured } = await playOnCluster(
    wanted(scenarios),
    wanted(clusterTrials),
    options,
  );
  endured.push(...await endure(wanted(trials), options));
  const minutes = ((performance.now() - startMs) / 60_000).toFixed(1);

  const show = options.markdown ? markdown : aligned;
  if (played.length > 0) print(show(scenarioTable(played)) + "\n");
  if (endured.length > 0) print(show(enduranceTable(endured)) + "\n");
  print(
    `${options.full ? "Full" : "Short"} form, ${minutes} minutes, ${await describeMachine()}.\n`,
  );
  const all = [...played, ...endured];
  for (const { what, problems } of all) {
    for (const problem of problems) say(`BROKEN: ${what}: ${problem}`);
  }
  const broken = all.filter(({ problems }) => problems.length > 0).length;
  print(`${all.length - broken} passed, ${broken} failed\n`);
  if (broken > 0 || all.length === 0) Deno.exit(1);
});

function isWanted(one: { name: string; short?: boolean }, { full, only }: Options): boolean {
  return only ? only.includes(one.name) : full || (one.short ?? true);
}

async function playOnCluster(
  chosen: readonly Scenario[],
  chosenTrials: readonly ClusterTrial[],
  { full }: Options,
): Promise<{ played: Played<Outcome>[]; endured: Played<EnduranceOutcome>[] }> {
  const played: Played<Outcome>[] = [];
  const endured: Played<EnduranceOutcome>[] = [];
  const all = [...chosen, ...chosenTrials];
  const why = reasonToLeaveOut();
  if (why !== undefined) {
    for (const { what } of all) say(`left out: ${what}: ${why}`);
    return { played, endured };
  }
  if (all.length === 0) return { played, endured };
  say("A Kafka of three brokers starts");
  await using cluster = await Cluster.start();
  for (const { what, run } of chosen) {
    const one = await attempt(what, () => run(cluster, full));
    say(`  ${describe(one)}`);
    played.push(one);
  }
  for (const { what, run } of chosenTrials) {
    endured.push(await attempt(what, () => run(cluster, full)));
  }
  return { played, endured };
}

async function endure(
  chosen: readonly Endurance[],
  { full }: Options,
): Promise<Played<EnduranceOutcome>[]> {
  const endured: Played<EnduranceOutcome>[] = [];
  for (const trial of chosen) endured.push(await attempt(trial.what, () => trial.run(full)));
  return endured;
}

/** One that can't be played to its end must not hide what the others show. */
async function attempt<T extends { readonly problems: readonly string[] }>(
  what: string,
  run: () => Promise<T>,
): Promise<Played<T>> {
  const startMs = performance.now();
  say(what);
  try {
    const outcome = await run();
    const seconds = Math.round((performance.now() - startMs) / 1_000);
    say(`  ${outcome.problems.length === 0 ? "kept" : "BROKEN"}, after ${seconds} s`);
    for (const problem of outcome.problems) say(`  ${problem}`);
    return { what, outcome, problems: outcome.problems };
  } catch (error) {
    const problem = fullText(error);
    say(`  NOT PLAYED: ${problem}`);
    return { what, outcome: undefined, problems: [problem] };
  }
}

/** With the stack, and with what went wrong before. */
function fullText(error: unknown): string {
  if (!(error instanceof SuppressedError)) return (error as Error).stack ?? String(error);
  return `${fullText(error.error)}\nafter ${fullText(error.suppressed)}`;
}

function reasonToLeaveOut(): string | undefined {
  if (!hasKafkaTool) return "no program that starts a Kafka beside the checkout";
  if (Deno.uid() !== 0) return "takes root: the gateway's packets are told apart by its group";
  const missing = Object.entries(PROGRAMS).filter(([program]) => !isOnPath(program));
  if (missing.length === 0) return undefined;
  return `apt-get install -y ${missing.map(([, debianPackage]) => debianPackage).join(" ")}`;
}

function listOfAll(): string {
  return aligned(
    [...scenarios, ...clusterTrials, ...trials].map(({ name, what }) => [`  ${name}`, what]),
  );
}

function print(text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
