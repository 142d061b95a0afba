/**
 * `deno task native`: ensures that there is a librdkafka for Rafka to open, if need be by building the one that
 * deno.lock pins into native/. Quick and silent when it exists. `--rebuild` builds it in any case, for example with
 * libraries that were missing before. `--target` builds for another kind of machine: the library cannot be opened here,
 * but be packed for that machine. Builds exclude each other: one holds the lock, the next waits and then finds a
 * finished library.
 *
 * @module
 */
import { buildLibrary } from "./native/build.ts";
import { findSystemLibrary, libraryName, tryInspect } from "./native/library.ts";
import { currentPlan, isUpToDate } from "./native/plan.ts";
import {
  compilerFor,
  debianBuild,
  type Options,
  readOptions,
  type Target,
} from "./native/target.ts";
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
    await provideLibrary(readOptions(Deno.args), interruption.signal);
    return 0;
  } catch (error) {
    if (interruption.signal.aborted) return 130;
    if (!(error instanceof TaskError)) throw error;
    say(error.message);
    return 1;
  }
}

async function provideLibrary(options: Options, signal: AbortSignal): Promise<void> {
  const { target, isTargetNamed, rebuild } = options;
  const own = Deno.env.get("RAFKA_LIBRDKAFKA");
  if (own && !isTargetNamed) {
    return say(`RAFKA_LIBRDKAFKA is set: Rafka will use ${own}, nothing is built`);
  }
  const plan = await currentPlan(target);
  if (!rebuild && await isUpToDate(plan, target)) return;
  const missing = await missingTools(target);
  if (missing.length > 0) return doWithoutCompiler(missing, options);
  await Deno.mkdir(target.folder, { recursive: true });
  using _lock = await takeLock(target.folder, signal);
  if (rebuild || !await isUpToDate(plan, target)) await buildLibrary(plan, target, signal);
}

async function missingTools(target: Target): Promise<string[]> {
  const missing: string[] = [];
  for (const tool of [compilerFor(target), "make", "bash"]) {
    if (!await runs(tool)) missing.push(tool);
  }
  return missing;
}

/** macOS has a `cc` that only offers to install one, so its presence is not enough. */
async function runs(tool: string): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(tool, { args: ["--version"] }).output();
    return success;
  } catch {
    return false;
  }
}

/** Searches where the gateway does, in the same order, unless only the built library is accepted. */
function doWithoutCompiler(missing: string[], { target, isTargetNamed }: Options): void {
  if (isTargetNamed) throw new TaskError(cannotBuild(missing, target));
  const found = tryInspect(target.library) ?? findSystemLibrary();
  if (found === undefined) throw new TaskError(nothingToUse(missing, target));
  say(
    `Cannot build librdkafka without ${missing.join(", ")}: ` +
      `Rafka will use ${found.path}, version ${found.version}`,
  );
}

function cannotBuild(missing: string[], target: Target): string {
  return `\
Cannot build librdkafka for ${target.triple} without ${
    missing.join(", ")
  }. A full build on Debian or Ubuntu needs
  ${debianBuild(target)}`;
}

function nothingToUse(missing: string[], target: Target): string {
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
  Debian, Ubuntu  ${debianBuild(target)}
or name one: RAFKA_LIBRDKAFKA=/path/to/${libraryName}`;
}

/** The kernel releases the lock when the process ends, however it ends. */
async function takeLock(folder: string, signal: AbortSignal): Promise<Deno.FsFile> {
  const lock = await Deno.open(`${folder}/lock`, { create: true, write: true });
  if (await lock.tryLock(true)) return lock;
  say("Another process is building librdkafka: waiting for it");
  const { promise: interrupted, reject } = Promise.withResolvers<never>();
  signal.addEventListener("abort", () => reject(signal.reason));
  await Promise.race([lock.lock(true), interrupted]);
  return lock;
}
