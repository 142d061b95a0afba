/**
 * @module
 * `deno task release`: for each target the executable, its Debian package, its SBOM and its notices, then checksums
 * and release notes, all in dist/release/. The version is that of deno.json. `--target x64` makes a part of it;
 * `--cut` makes the changelog's unreleased section that of this version, and nothing else.
 *
 * The same commit, tools and librdkafka give the same bytes. DENORT_BIN_X64 and DENORT_BIN_ARM64 name runtimes that
 * are here already, as DENORT_BIN does for `deno compile`.
 */
import { cutRelease, releaseNotes } from "./release/changelog.ts";
import { checksums } from "./release/checksums.ts";
import { type Bill, checkBill, checkMachine } from "./release/checks.ts";
import { readReleaseOptions, type ReleaseTarget } from "./release/targets.ts";
import { say, TaskError } from "./say.ts";
import { sourceTime } from "./source_time.ts";
import project from "../deno.json" with { type: "json" };

const { version } = project;
const changelogFile = "CHANGELOG.md";
const output = "dist/release";
/** What makes the files of a target. */
const tasks = ["compile", "deb"] as const;
/** What `deno task compile` makes, by name. */
const made = ["rafka", "librdkafka.so.1", "rafka.cdx.json", "licenses.txt"];

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  try {
    await main();
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    say(error.message);
    Deno.exit(1);
  }
}

async function main(): Promise<void> {
  const { targets, cut } = readReleaseOptions(Deno.args);
  const changelog = await Deno.readTextFile(changelogFile);
  if (cut) return await cutChangelog(changelog);
  const notes = releaseNotes(changelog, version);
  await checkTree();
  const missing = tasks.find((name) => !(name in project.tasks));
  if (missing !== undefined) throw new TaskError(`deno.json has no task '${missing}'`);
  const environments = targets.map(runtimeOf);
  await emptyFolder();
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

/** A release can be made again from its commit, if it was made from nothing else. */
async function checkTree(): Promise<void> {
  const changes = await git("status", "--porcelain");
  if (changes) say(`Not committed, so this release is for trying only:\n${changes}`);
  const tags = (await git("tag", "--points-at", "HEAD")).split("\n");
  const other = tags.find((tag) => /^v\d/.test(tag) && tag !== `v${version}`);
  if (other) throw new TaskError(`This commit is tagged ${other}, deno.json says ${version}`);
}

async function git(...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command("git", { args, stderr: "null" }).output();
  return new TextDecoder().decode(stdout).trimEnd();
}

/** A runtime serves one target: DENORT_BIN that of this machine, unless a variable names the target. */
function runtimeOf(target: ReleaseTarget): Record<string, string> {
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

async function emptyFolder(): Promise<void> {
  try {
    await Deno.remove(output, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  await Deno.mkdir(output, { recursive: true });
}

async function release(target: ReleaseTarget, environment: Record<string, string>): Promise<void> {
  const parts = `dist/${target.triple}`;
  const name = `${output}/rafka-${version}-linux-${target.name}`;
  await forget(target);
  await task("compile", target, environment);
  const executable = await findFile([parts, "dist"], /^rafka$/, "compile");
  await checkMachine(executable, target);
  await checkMachine(await findFile([parts], /^librdkafka\.so\.1$/, "compile"), target);
  const bill = await findFile([parts], /^rafka\.cdx\.json$/, "compile");
  checkBill(JSON.parse(await Deno.readTextFile(bill)) as Bill, version);
  await Deno.copyFile(executable, name);
  await Deno.copyFile(bill, `${name}.cdx.json`);
  await Deno.copyFile(
    await findFile([parts], /^licenses\.txt$/, "compile"),
    `${name}.licenses.txt`,
  );
  await task("deb", target, environment);
  const debianPackage = await findFile([parts, "dist"], debianName(target), "deb");
  await Deno.copyFile(debianPackage, `${output}/${debianPackage.split("/").at(-1)}`);
}

/** What an earlier run made shall not be taken for the work of this one. */
async function forget(target: ReleaseTarget): Promise<void> {
  for (const folder of [`dist/${target.triple}`, "dist"]) {
    for (const name of await list(folder)) {
      if (made.includes(name) || debianName(target).test(name)) {
        await Deno.remove(`${folder}/${name}`);
      }
    }
  }
}

function debianName({ debian }: ReleaseTarget): RegExp {
  return new RegExp(`^rafka_${version.replaceAll(".", "\\.")}(-\\d+)?_${debian}\\.deb$`);
}

async function findFile(folders: string[], pattern: RegExp, task: string): Promise<string> {
  for (const folder of folders) {
    const name = (await list(folder)).find((name) => pattern.test(name));
    if (name !== undefined) return `${folder}/${name}`;
  }
  throw new TaskError(
    `deno task ${task} has not left ${pattern.source} in ${folders.join(" or ")}`,
  );
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

async function task(
  name: (typeof tasks)[number],
  target: ReleaseTarget,
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
