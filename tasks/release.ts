/**
 * `deno task release`: for each target the executable, its Debian package, its SBOM and its notices, then checksums and
 * release notes, all in dist/release/. The version is that of deno.json. `--target x64` makes a part of it; `--cut`
 * makes the changelog's unreleased section that of this version, and nothing else. The same commit, tools and
 * librdkafka give the same bytes. DENORT_BIN_X64 and DENORT_BIN_ARM64 name local runtimes, as DENORT_BIN does for
 * `deno compile`.
 *
 * @module
 */
import { cutRelease, releaseNotes } from "./release/changelog.ts";
import { checksums } from "./release/checksums.ts";
import { git } from "./git.ts";
import { debName } from "./deb.ts";
import { executableOf, partsOf } from "./dist.ts";
import { type Bill, checkBill } from "./release/checks.ts";
import { readReleaseOptions } from "./release/options.ts";
import { runTask } from "./run_task.ts";
import { checkMachine } from "./executable_check.ts";
import type { Machine } from "./targets.ts";
import { say, TaskError } from "./say.ts";
import { sourceTime } from "./source_time.ts";
import project from "../deno.json" with { type: "json" };

const { version } = project;
const changelogFile = "CHANGELOG.md";
const output = "dist/release";

if (import.meta.main) await runTask(main);

async function main(): Promise<void> {
  const { targets, cut } = readReleaseOptions(Deno.args);
  const changelog = await Deno.readTextFile(changelogFile);
  if (cut) return await cutChangelog(changelog);
  const notes = releaseNotes(changelog, version);
  await checkTree();
  const environments = targets.map(runtimeOf);
  await removeIfThere(output);
  await Deno.mkdir(output, { recursive: true });
  for (const [i, target] of targets.entries()) await release(target, environments[i]!);
  await Deno.writeTextFile(`${output}/RELEASE_NOTES.md`, notes);
  await Deno.writeTextFile(`${output}/SHA256SUMS`, await checksums(await readOutput()));
  await report();
}

async function cutChangelog(changelog: string): Promise<void> {
  const today = new Date().toISOString().slice(0, 10);
  await Deno.writeTextFile(changelogFile, cutRelease(changelog, version, today));
  say(`${changelogFile}: what was unreleased is ${version} of ${today}. Commit it, then release`);
}

/** A release is reproducible from its commit only without local changes. */
async function checkTree(): Promise<void> {
  const changes = await git("status", "--porcelain");
  if (changes) say(`Not committed, so this release is for trying only:\n${changes}`);
  const tags = (await git("tag", "--points-at", "HEAD"))?.split("\n") ?? [];
  const other = tags.find((tag) => /^v\d/.test(tag) && tag !== `v${version}`);
  if (other) throw new TaskError(`This commit is tagged ${other}, deno.json says ${version}`);
}

/** A runtime is for one target: DENORT_BIN for that of this machine, unless a variable names the target. */
function runtimeOf(target: Machine): Record<string, string> {
  const variable = `DENORT_BIN_${target.name.toUpperCase()}`;
  const own = Deno.env.get(variable);
  if (own) return { DENORT_BIN: own };
  if (Deno.env.get("DENORT_BIN") && target.triple !== Deno.build.target) {
    throw new TaskError(
      `DENORT_BIN is for this machine: name one for ${target.name} in ${variable}`,
    );
  }
  return {};
}

async function release(target: Machine, environment: Record<string, string>): Promise<void> {
  const { triple } = target;
  const parts = partsOf(triple);
  const made = {
    executable: executableOf(triple),
    library: `${parts}/librdkafka.so.1`,
    bill: `${parts}/rafka.cdx.json`,
    notices: `${parts}/licenses.txt`,
    debianPackage: `dist/${debName(version, target.debian)}`,
  };
  // files of an earlier run must not be taken for those of this one
  for (const path of Object.values(made)) await removeIfThere(path);
  await task("compile", target, environment);
  await checkMachine(made.executable, triple);
  await checkMachine(made.library, triple);
  checkBill(JSON.parse(await Deno.readTextFile(made.bill)) as Bill, version);
  await task("deb", target, environment);
  const name = `${output}/rafka-${version}-linux-${target.name}`;
  await Deno.copyFile(made.executable, name);
  await Deno.copyFile(made.bill, `${name}.cdx.json`);
  await Deno.copyFile(made.notices, `${name}.licenses.txt`);
  await Deno.copyFile(made.debianPackage, `${output}/${made.debianPackage.split("/").at(-1)}`);
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function list(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}

async function task(
  name: "compile" | "deb",
  target: Machine,
  environment: Record<string, string>,
): Promise<void> {
  const time = await sourceTime();
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", name, "--target", target.triple],
    env: {
      ...environment,
      ...time && { SOURCE_DATE_EPOCH: String(time.getTime() / 1000) },
    },
    stdin: "null",
  });
  const { success } = await command.spawn().status;
  if (!success) throw new TaskError(`deno task ${name} --target ${target.triple} failed`);
}

async function readOutput(): Promise<Map<string, Uint8Array<ArrayBuffer>>> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const name of await list(output)) files.set(name, await Deno.readFile(`${output}/${name}`));
  return files;
}

async function report(): Promise<void> {
  say(`Rafka ${version} is in ${output}:`);
  for (const name of await list(output)) {
    const { size } = await Deno.stat(`${output}/${name}`);
    say(`  ${(size / 1e6).toFixed(2).padStart(8)} MB  ${name}`);
  }
}
