/**
 * `deno task compile [--target <triple>] [--rebuild]`: the gateway as one executable with librdkafka inside: dist/rafka
 * for this machine, dist/<triple>/rafka for another. Compiled with the Deno that runs the task; DENORT_BIN names a
 * local runtime for the target, instead of the one that `deno compile` downloads.
 *
 * @module
 */
import project from "../deno.json" with { type: "json" };
import { describeParts } from "./components/describe_parts.ts";
import { executableOf, partsOf } from "./dist.ts";
import { checkMachine, checkRuns } from "./executable_check.ts";
import { describeMissing } from "./native/features.ts";
import { readStamp } from "./native/plan.ts";
import { debianBuild, type Options, readOptions, type Target } from "./native/target.ts";
import { runTask } from "./run_task.ts";
import { say, TaskError } from "./say.ts";
import { startFlags } from "./start_flags.ts";

/** The embedded library; it is beside the code in the program, too. */
const embedded = ["librdkafka.so.1", "licenses.txt"];

if (import.meta.main) await runTask(() => compile(readOptions(Deno.args)));

async function compile({ target, rebuild }: Options): Promise<void> {
  sayWhereRuntimeIsFrom(target);
  const version = await provideLibrary(target, rebuild);
  const folder = partsOf(target.triple);
  const output = executableOf(target.triple);
  const unchecked = `${folder}/rafka.unchecked`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.copyFile(target.library, `${folder}/librdkafka.so.1`);
  // bundled, because `deno compile` embeds whole npm packages: 8 MB of zod, of which 0.5 MB are used
  const bundle = `${folder}/rafka.js`;
  await deno(["bundle", "--quiet", "--platform=deno", `--output=${bundle}`, "src/main.ts"]);
  await describeParts(folder, target.triple, version);
  await forgetTimes(folder);
  await compileChecked(target, unchecked, version, [
    "compile",
    `--target=${target.triple}`,
    "--no-config", // its permissions and node_modules are not the program's
    "--no-check", // of generated code; `deno task ok` checks the source
    "--no-code-cache", // it would be a file in a shared folder, under a predictable name
    ...startFlags,
    ...embedded.map((name) => `--include=${folder}/${name}`),
    `--output=${unchecked}`,
    bundle,
  ]);
  await Deno.rename(unchecked, output);
  const { size } = await Deno.stat(output);
  say(`Compiled ${output}, ${(size / 1e6).toFixed(1)} MB, with librdkafka ${version} inside`);
}

/** Printed first: without a network this should be known before the build. */
function sayWhereRuntimeIsFrom({ triple }: Target): void {
  if (Deno.env.get("DENORT_BIN")) return;
  const { deno: version } = Deno.version;
  say(
    `Needs the runtime denort ${version} for ${triple}: Deno has it from an earlier time or downloads ` +
      `https://dl.deno.land/release/v${version}/denort-${triple}.zip. Offline, unpack that file and name what is in ` +
      "it: DENORT_BIN=<path>",
  );
}

/** Checks the program, and removes one that fails. */
async function compileChecked(
  { triple, cross }: Target,
  path: string,
  librdkafkaVersion: string,
  args: readonly string[],
): Promise<void> {
  try {
    await deno(args);
    await checkMachine(path, triple);
    if (cross) return;
    const versions =
      `rafka ${project.version}\ndeno ${Deno.version.deno}\nlibrdkafka ${librdkafkaVersion}\n`;
    await checkRuns(path, versions);
  } catch (error) {
    await Deno.remove(path).catch(() => {}); // it may not exist
    throw error;
  }
}

/** Builds the library if need be, and returns its version: complete, and usable on every Linux. */
async function provideLibrary(target: Target, rebuild: boolean): Promise<string> {
  if (Deno.build.os !== "linux") {
    throw new TaskError("Only on Linux a program can be compiled that brings its librdkafka along");
  }
  const flags = ["--target", target.triple, ...(rebuild ? ["--rebuild"] : [])];
  await deno(["task", "--quiet", "native", ...flags]);
  const stamp = await readStamp(target);
  if (stamp === undefined) throw new TaskError(`Nothing is known of ${target.library}`);
  const { version, features, needs } = stamp;
  const missing = describeMissing(features, target);
  if (missing) throw new TaskError(`Cannot compile with this librdkafka. ${missing}`);
  const others = [...needs.libraries, ...needs.tooNew];
  if (others.length > 0) {
    throw new TaskError(
      `Cannot compile with this librdkafka: it needs ${
        others.join(", ")
      }, which other machines may not have. ` +
        `Build it on Debian 12 with what comes from ${debianBuild(target)}`,
    );
  }
  return version;
}

/** The times of embedded files are part of the executable: without a fixed time the same source gives other bytes. */
async function forgetTimes(folder: string): Promise<void> {
  for (const name of ["rafka.js", ...embedded]) await Deno.utime(`${folder}/${name}`, 0, 0);
}

async function deno(args: readonly string[]): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), { args: [...args], stdin: "null" });
  const { success } = await command.spawn().status;
  if (!success) throw new TaskError(`deno ${args[0]} failed`);
}
