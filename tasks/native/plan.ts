/**
 * The librdkafka that the project needs: the one inside the npm package node-rdkafka that deno.lock pins. Finds its
 * source, and keeps a stamp beside the library with the inputs of its build.
 *
 * @module
 */
import { type Recipe, recipeFor } from "./compile.ts";
import type { Built } from "./features.ts";
import { fixesDigest } from "./fixes.ts";
import { usesGlibc, wrappersDigest } from "./glibc.ts";
import { tryInspect } from "./library.ts";
import type { Needs } from "./needs.ts";
import type { Target } from "./target.ts";
import { TaskError } from "../say.ts";

/** The inputs of a build; a library with other ones is out of date. */
export interface Plan {
  readonly package: string;
  readonly target: string;
  readonly recipe: Recipe;
  /** Checksum of the fixes. */
  readonly fixes: string;
  /** Checksum of glibc.c, where it is used. */
  readonly wrappers?: string;
}

/** The content of build.json, which describes the library beside it. */
export interface Stamp extends Built {
  readonly plan: Plan;
  readonly needs: Needs;
}

const npmPackage = "node_modules/node-rdkafka";

/** The plan for this checkout. */
export async function currentPlan(target: Target): Promise<Plan> {
  const version = await pinnedVersion() ?? (await installPackages(), await pinnedVersion());
  if (version === undefined) throw new TaskError("deno.lock does not name node-rdkafka");
  return {
    package: `node-rdkafka@${version}`,
    target: target.triple,
    recipe: recipeFor(target),
    fixes: await fixesDigest(),
    ...usesGlibc(target) && { wrappers: await wrappersDigest() },
  };
}

/**
 * Whether the library exists and is up to date. One for this machine must also open, which is a better check than a
 * noted glibc or processor: one from a newer system does not open here, one from an older system does, and is as good.
 */
export async function isUpToDate(plan: Plan, target: Target): Promise<boolean> {
  const stamp = await readStamp(target);
  if (JSON.stringify(stamp?.plan) !== JSON.stringify(plan)) return false;
  return target.cross ? await isFile(target.library) : tryInspect(target.library) !== undefined;
}

/** The stamp of the existing library. */
export async function readStamp(target: Target): Promise<Stamp | undefined> {
  return await readJson<Stamp>(stampFile(target));
}

/** Writes the stamp; each reader sees the old one or the new one. */
export async function writeStamp(stamp: Stamp, target: Target): Promise<void> {
  const temporary = `${stampFile(target)}.new`;
  await Deno.writeTextFile(temporary, JSON.stringify(stamp, null, 2) + "\n");
  await Deno.rename(temporary, stampFile(target));
}

/** The folder with librdkafka's source, after installing the package if it is missing. */
export async function findSource(plan: Plan): Promise<string> {
  if (await installedPackage() !== plan.package) await installPackages();
  if (await installedPackage() !== plan.package) {
    throw new TaskError(`deno install did not bring ${plan.package}, which deno.lock pins`);
  }
  return Deno.realPath(`${npmPackage}/deps/librdkafka`);
}

function stampFile({ folder }: Target): string {
  return `${folder}/build.json`;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function pinnedVersion(): Promise<string | undefined> {
  const prefix = "node-rdkafka@";
  const lock = await readJson<{ npm?: Record<string, unknown> }>("deno.lock");
  const pin = Object.keys(lock?.npm ?? {}).find((key) => key.startsWith(prefix));
  return pin?.slice(prefix.length);
}

async function installedPackage(): Promise<string | undefined> {
  const manifest = await readJson<{ version: string }>(`${npmPackage}/package.json`);
  return manifest && `node-rdkafka@${manifest.version.replace(/^v/, "")}`; // its form is "v3.6.1"
}

/** Deno skips the package's install script, as desired: it would build an addon for Node. */
async function installPackages(): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["install", "--quiet"],
    stdin: "null",
  });
  const { success } = await command.spawn().status;
  if (!success) throw new TaskError("deno install failed");
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await Deno.readTextFile(path)) as T;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}
