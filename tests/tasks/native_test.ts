/**
 * `deno task native`: what a build is found to contain and to need, what it says when something is missing,
 * and that a library for another processor works there.
 *
 * @module
 */
import assert from "node:assert/strict";
import { builtLibraryPath } from "../../src/ffi/library.ts";
import { describeMissing, readConfig } from "../../tasks/native/features.ts";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { applyFixes, fixes } from "../../tasks/native/fixes.ts";
import { describeTooNew, neededOfGlibc, tooNew } from "../../tasks/native/glibc.ts";
import { inspect } from "../../tasks/native/library.ts";
import { readNeeds } from "../../tasks/native/needs.ts";
import type { Stamp } from "../../tasks/native/plan.ts";
import { readOptions, targetOf } from "../../tasks/native/target.ts";
import { TaskError } from "../../tasks/say.ts";
import { crossArchitecture, hasCompiler, hasCrossCompiler } from "../support/machine.ts";
import { runForeign } from "./foreign_library.ts";

const project = new URL("../../", import.meta.url);
const crossTriple = `${crossArchitecture}-unknown-linux-gnu`;
const ownLibrary = builtLibraryPath();

/** Reads config.h's lines, each `NAME value`. */
function config(...lines: string[]): ReturnType<typeof readConfig> {
  return readConfig(lines.map((line) => `#define ${line}\n`).join(""));
}

Deno.test("what is missing is named, with the packages that bring it, each once", () => {
  const { version, features } = config(
    'RDKAFKA_VERSION_STR "2.12.0"',
    "WITH_ZLIB 1",
    "WITH_SNAPPY 1",
    "WITH_ZSTD 0",
  );
  assert.equal(version, "2.12.0");
  const text = describeMissing(features, targetOf(Deno.build.target))!;
  assert.match(text, /^It lacks zstd, ssl, sasl_scram, sasl_oauthbearer\./);
  assert.match(text, /apt-get install -y libzstd-dev libssl-dev, then deno task native --rebuild$/);
});

Deno.test("nothing is said of a build that has everything", () => {
  const names = ["ZLIB", "SNAPPY", "ZSTD", "SSL", "SASL_SCRAM", "SASL_OAUTHBEARER"];
  const { features } = config(...names.map((name) => `WITH_${name} 1`));
  assert.equal(describeMissing(features, targetOf(Deno.build.target)), undefined);
});

Deno.test({
  name: "for another processor the packages are those of its architecture",
  ignore: Deno.build.os !== "linux",
  fn(): void {
    const { features } = config("WITH_SNAPPY 1", "WITH_SSL 1", "WITH_ZSTD 1");
    const text = describeMissing(features, targetOf(crossTriple))!;
    assert.match(text, /dpkg --add-architecture (arm64|amd64) && .* zlib1g-dev:\1 /);
    assert.ok(text.endsWith(`deno task native --target ${crossTriple} --rebuild`), text);
  },
});

Deno.test("what is wrong in librdkafka is put right in the source that is built, everywhere", async () => {
  const folder = await Deno.makeTempDir();
  const source = new URL("node_modules/node-rdkafka/deps/librdkafka/", project);
  const edits = fixes.flatMap((fix) => fix.edits);
  for (const { file, from } of edits) {
    const text = await Deno.readTextFile(new URL(file, source));
    assert.ok(text.includes(from), `${file} is as the fix expects it`);
    await Deno.mkdir(`${folder}/${file}`.replace(/\/[^/]+$/, ""), { recursive: true });
    await Deno.writeTextFile(`${folder}/${file}`, text);
  }
  await applyFixes(folder);
  for (const { file, to } of edits) {
    const text = await Deno.readTextFile(`${folder}/${file}`);
    for (const line of to.split("\n")) assert.ok(text.includes(line), `${file}: ${line}`);
  }
  await Deno.remove(folder, { recursive: true });
});

Deno.test("the library that is built keeps messages that expire in order", () => {
  assert.ok(openLibrary(libraryCandidates(undefined)).expiresInOrder);
});

Deno.test("a fix that no longer applies is an error that says what it was for", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/a.c`, "new\n");
  const fix = { what: "it crashes", edits: [{ file: "a.c", from: "old", to: "new" }] };
  await assert.rejects(applyFixes(folder, [fix]), {
    name: "TaskError",
    message: "a.c has no old: is it fixed there that it crashes?",
  });
  await Deno.remove(folder, { recursive: true });
});

Deno.test("functions newer than glibc 2.28 are named, and others are not", () => {
  const symbols = neededOfGlibc(`
     7: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND pow@GLIBC_2.29 (3)
     8: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND regexec@GLIBC_2.3.4 (8)
     9: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND thrd_current@GLIBC_2.28 (8)
    10: 0000000000000000     0 FUNC    GLOBAL DEFAULT  UND dlopen@GLIBC_2.34 (4)
    11: 000000000001a2b0    23 FUNC    GLOBAL DEFAULT   14 rd_kafka_new@@LIBRDKAFKA`);
  assert.deepEqual(tooNew(symbols), ["pow@GLIBC_2.29", "dlopen@GLIBC_2.34"]);
  assert.match(describeTooNew(tooNew(symbols))!, /needs glibc 2\.34, .*pow@GLIBC_2\.29, dlopen@/);
  assert.equal(describeTooNew([]), undefined);
});

Deno.test("a target that cannot be built is refused with those that can", () => {
  const error = refusal(["--target", "riscv64gc-unknown-linux-gnu"]);
  assert.ok(error.includes("riscv64gc") && error.includes(Deno.build.target), error);
});

Deno.test("an option that does not exist is refused with the usage", () => {
  assert.match(refusal(["--tagret", "x"]), /'--tagret'[^]*Usage: deno task \(native \| compile\)/);
});

Deno.test({
  name: "without its compiler a target is refused with what to install",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const { code, stderr } = await runTask(["--target", crossTriple, "--rebuild"], "/nowhere");
    assert.equal(code, 1);
    assert.match(stderr, new RegExp(`without ${crossArchitecture}-linux-gnu-gcc, make, bash`));
    assert.match(stderr, /crossbuild-essential-\w+ libssl-dev:\w+ zlib1g-dev:\w+ libzstd-dev:\w+/);
  },
});

Deno.test({
  name: "the library built here needs glibc 2.28 at most, and has the features that its stamp says",
  ignore: Deno.build.os !== "linux" || !hasCompiler,
  async fn(): Promise<void> {
    const { version, features } = inspect(ownLibrary);
    assert.deepEqual(await readNeeds(ownLibrary).then((needs) => needs.tooNew), []);
    const stamp = await readStamp(Deno.build.target);
    assert.equal(stamp.version, version);
    assert.deepEqual(stamp.features.filter((name) => !features.includes(name)), []);
  },
});

Deno.test({
  name:
    "a library built for another processor works there as fully as this machine's, and needs no newer glibc",
  ignore: !hasCrossCompiler,
  async fn(): Promise<void> {
    const { code, stderr } = await runTask(["--target", crossTriple]);
    assert.equal(code, 0, stderr);
    const path = new URL(targetOf(crossTriple).library, project).pathname;
    const { tooNew, libraries } = await readNeeds(path);
    assert.deepEqual([tooNew, libraries], [[], []]);
    const { version, features } = inspect(ownLibrary);
    assert.deepEqual(await runForeign(path), { version, features });
    assert.equal((await readStamp(crossTriple)).version, version);
  },
});

function refusal(args: string[]): string {
  try {
    readOptions(args);
  } catch (error) {
    assert.ok(error instanceof TaskError, String(error));
    return error.message;
  }
  assert.fail("it was accepted");
}

async function readStamp(triple: string): Promise<Stamp> {
  const url = new URL(`${targetOf(triple).folder}/build.json`, project);
  return JSON.parse(await Deno.readTextFile(url));
}

async function runTask(
  args: string[],
  path?: string,
): Promise<{ code: number; stderr: string }> {
  const { code, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--allow-all", "tasks/native.ts", ...args],
    cwd: project,
    ...path !== undefined && { env: { PATH: path } },
  }).output();
  return { code, stderr: new TextDecoder().decode(stderr) };
}
