/**
 * One build of librdkafka from plan to finished file: finds the source, compiles it in a temporary folder, checks the
 * result and moves it to its path. The caller holds the lock.
 *
 * @module
 */
import { compile } from "./compile.ts";
import { type Built, describeMissing, readConfig } from "./features.ts";
import { describeTooNew } from "./glibc.ts";
import { inspect, libraryName } from "./library.ts";
import { readNeeds } from "./needs.ts";
import { findSource, type Plan, type Stamp, writeStamp } from "./plan.ts";
import { debianBuild, type Target } from "./target.ts";
import { say, TaskError } from "../say.ts";

const temporaryPrefix = "build-";

/** One build, with the state that its steps share. */
interface Job {
  readonly plan: Plan;
  readonly target: Target;
  readonly log: string;
  readonly signal: AbortSignal;
}

/** Builds the library and its stamp, or changes nothing and throws. */
export async function buildLibrary(
  plan: Plan,
  target: Target,
  signal: AbortSignal,
): Promise<void> {
  const job = { plan, target, log: `${target.folder}/build.log`, signal };
  await removeLeftovers(target.folder);
  const source = await findSource(plan);
  const started = performance.now();
  say(`Building librdkafka from ${plan.package}, once (log: ${job.log})`);
  const stamp = await buildAside(job, source);
  const seconds = Math.round((performance.now() - started) / 1000);
  say(`Built ${target.library}, librdkafka ${stamp.version}, in ${seconds} s`);
  sayWhatIsMissing(stamp, target);
}

/** Remains of a killed build; the lock excludes other builds. */
async function removeLeftovers(folder: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || !name.startsWith(temporaryPrefix)) continue;
    await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

async function buildAside(job: Job, source: string): Promise<Stamp> {
  const { plan, target, log, signal } = job;
  const aside = await Deno.makeTempDir({ dir: target.folder, prefix: temporaryPrefix });
  try {
    const built = await compile({ target, source, folder: aside, log, signal });
    const stamp = { plan, ...await examine(built, aside, target), needs: await readNeeds(built) };
    await Deno.rename(built, target.library);
    await writeStamp(stamp, target);
    return stamp;
  } catch (error) {
    signal.throwIfAborted();
    throw new TaskError(await explainFailure(error, job), { cause: error });
  } finally {
    await Deno.remove(aside, { recursive: true });
  }
}

/** Describes the built library; throws if it is for this machine and not usable on it. */
async function examine(built: string, folder: string, target: Target): Promise<Built> {
  if (!target.cross) inspect(built);
  return readConfig(await Deno.readTextFile(`${folder}/config.h`));
}

async function explainFailure(error: unknown, { target, log }: Job): Promise<string> {
  const lines = (await Deno.readTextFile(log)).trimEnd().split("\n");
  const otherWay = `
or let Rafka use another librdkafka (2.0 or later), for example after apt-get install -y librdkafka1:
  RAFKA_LIBRDKAFKA=${libraryName}`;
  return `\
${lines.slice(-20).join("\n")}

librdkafka was not built: ${error instanceof Error ? error.message : error}
The end of the log is above, all of it in ${log}. A full build on Debian or Ubuntu needs
  ${debianBuild(target)}${target.cross ? "" : otherWay}`;
}

function sayWhatIsMissing({ features, needs }: Stamp, target: Target): void {
  const notes = [describeMissing(features, target), describeTooNew(needs.tooNew)];
  for (const note of notes) {
    if (note) say(note);
  }
  if (needs.libraries.length > 0) {
    say(`It needs ${needs.libraries.join(", ")} on each machine it runs on`);
  }
}
