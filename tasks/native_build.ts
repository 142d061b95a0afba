/**
 * @module
 * One build of librdkafka from plan to finished file: finds the source, compiles it in a folder of its
 * own, checks the result and puts it into place. The caller holds the lock.
 */
import { compile, sharedLibraries } from "./native_compile.ts";
import { inspect } from "./native_library.ts";
import { findSource, folder, library, type Plan, type Stamp, writeStamp } from "./native_plan.ts";
import { say, TaskError } from "./say.ts";

/** The command that brings everything a full build needs. */
export const debianBuild = "apt-get install -y build-essential libssl-dev zlib1g-dev libzstd-dev";

const logFile = `${folder}/build.log`;
const temporaryPrefix = "build-";

/** What users expect of the library, each with the Debian package that brings it, if one must. */
const wantedFeatures: Readonly<Record<string, string | undefined>> = {
  gzip: "zlib1g-dev",
  snappy: undefined,
  lz4: undefined,
  zstd: "libzstd-dev",
  ssl: "libssl-dev",
  sasl_plain: undefined,
  sasl_scram: "libssl-dev",
  sasl_oauthbearer: "libssl-dev",
};

/** Builds the library and its stamp, or leaves everything as it was and throws. */
export async function buildLibrary(plan: Plan, signal: AbortSignal): Promise<void> {
  await removeLeftovers();
  const source = await findSource(plan);
  const started = performance.now();
  say(`Building librdkafka from ${plan.package}: about a minute, once (log: ${logFile})`);
  const stamp = await buildAside(plan, source, signal);
  const seconds = Math.round((performance.now() - started) / 1000);
  say(`Built ${library}, librdkafka ${stamp.version}, in ${seconds} s`);
  sayWhatIsMissing(stamp);
}

/** What a killed build left; nobody else builds while we hold the lock. */
async function removeLeftovers(): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (!isDirectory || !name.startsWith(temporaryPrefix)) continue;
    await Deno.remove(`${folder}/${name}`, { recursive: true });
  }
}

async function buildAside(plan: Plan, source: string, signal: AbortSignal): Promise<Stamp> {
  const aside = await Deno.makeTempDir({ dir: folder, prefix: temporaryPrefix });
  try {
    const built = await compile({ source, folder: aside, log: logFile, signal });
    const { version, features } = inspect(built);
    const stamp = { plan, version, features, needs: await sharedLibraries(built) };
    await Deno.rename(built, library);
    await writeStamp(stamp);
    return stamp;
  } catch (error) {
    signal.throwIfAborted();
    throw new TaskError(await explainFailure(error), { cause: error });
  } finally {
    await Deno.remove(aside, { recursive: true });
  }
}

async function explainFailure(error: unknown): Promise<string> {
  const lines = (await Deno.readTextFile(logFile)).trimEnd().split("\n");
  return `\
${lines.slice(-20).join("\n")}

librdkafka was not built: ${error instanceof Error ? error.message : error}
The end of the log is above, all of it in ${logFile}. A full build on Debian or Ubuntu needs
  ${debianBuild}
or let Rafka use another librdkafka (2.0 or later), for example after apt-get install -y librdkafka1:
  RAFKA_LIBRDKAFKA=librdkafka.so.1`;
}

function sayWhatIsMissing({ features, needs }: Stamp): void {
  const missing = Object.keys(wantedFeatures).filter((name) => !features.includes(name));
  if (missing.length > 0) {
    const packages = new Set(missing.map((name) => wantedFeatures[name]).filter(Boolean));
    say(
      `It lacks ${missing.join(", ")}. To get them: apt-get install -y ${
        [...packages].join(" ")
      }, ` +
        "then deno task native --rebuild",
    );
  }
  if (needs.length > 0) say(`It needs ${needs.join(", ")} on each machine it runs on`);
}
