/**
 * @module
 * `deno task native`: makes sure that there is a librdkafka for Rafka to open, if need be by building the
 * one that deno.lock pins into native/. Says nothing and takes a moment when it is there.
 * `--rebuild` builds it in any case, for example with libraries that were missing before.
 *
 * Builds never meet: one holds the lock, the next waits and then finds the work done.
 */
import { buildLibrary, debianBuild } from "./native_build.ts";
import { compiler } from "./native_compile.ts";
import { findSystemLibrary, libraryName, tryInspect } from "./native_library.ts";
import { currentPlan, folder, isUpToDate, library } from "./native_plan.ts";
import { say, TaskError } from "./say.ts";

if (import.meta.main) {
  Deno.chdir(new URL("..", import.meta.url));
  Deno.exit(await main());
}

async function main(): Promise<number> {
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => interruption.abort());
  }
  try {
    await provideLibrary(interruption.signal);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return 130;
    if (!(error instanceof TaskError)) throw error;
    say(error.message);
    return 1;
  }
}

async function provideLibrary(signal: AbortSignal): Promise<void> {
  const own = Deno.env.get("RAFKA_LIBRDKAFKA");
  if (own) return say(`RAFKA_LIBRDKAFKA is set: Rafka will use ${own}, nothing is built`);
  const plan = await currentPlan();
  const rebuild = Deno.args.includes("--rebuild");
  if (!rebuild && await isUpToDate(plan)) return;
  const missing = await missingTools();
  if (missing.length > 0) return doWithoutCompiler(missing);
  await Deno.mkdir(folder, { recursive: true });
  using _lock = await takeLock(signal);
  if (rebuild || !await isUpToDate(plan)) await buildLibrary(plan, signal);
}

async function missingTools(): Promise<string[]> {
  const missing: string[] = [];
  for (const tool of [compiler, "make", "bash"]) {
    if (!await runs(tool)) missing.push(tool);
  }
  return missing;
}

/** macOS has a `cc` that only offers to install one, so being there is not enough. */
async function runs(tool: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(tool, { args: ["--version"] }).output();
    return success;
  } catch {
    return false;
  }
}

/** Looks where the gateway will look, in the same order. */
function doWithoutCompiler(missing: string[]): void {
  const found = tryInspect(library) ?? findSystemLibrary();
  if (found === undefined) throw new TaskError(nothingToUse(missing));
  say(
    `Cannot build librdkafka without ${missing.join(", ")}: ` +
      `Rafka will use ${found.path}, version ${found.version}`,
  );
}

function nothingToUse(missing: string[]): string {
  return `\
Rafka needs librdkafka 2.0 or later: this machine has none, and without ${
    missing.join(", ")
  } it cannot build it.
Install the library
  Debian, Ubuntu  apt-get install -y librdkafka1
  Fedora          dnf install -y librdkafka
  Alpine          apk add librdkafka
  macOS           brew install librdkafka
or what builds a newer one
  Debian, Ubuntu  ${debianBuild}
or name one: RAFKA_LIBRDKAFKA=/path/to/${libraryName}`;
}

/** The kernel releases it when the process ends, however it ends. */
async function takeLock(signal: AbortSignal): Promise<Deno.FsFile> {
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  if (await lock.tryLock(true)) return lock;
  say("Another process is building librdkafka: waiting for it");
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason));
  await Promise.race([lock.lock(true), interrupted]);
  return lock;
}
