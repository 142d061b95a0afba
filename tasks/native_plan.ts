/**
 * @module
 * Which librdkafka the project wants: the one inside the npm package node-rdkafka that deno.lock pins.
 * Finds its source and remembers, in a stamp beside the library, from what it was built.
 */
import { type Recipe, recipe } from "./native_compile.ts";
import { type Inspection, libraryName, tryInspect } from "./native_library.ts";
import { TaskError } from "./say.ts";

/** What a library is built from and how; a library with another plan is out of date. */
export interface Plan {
  readonly package: string;
  readonly target: string;
  readonly recipe: Recipe;
}

/** What native/build.json says about the library beside it. */
export interface Stamp extends Omit<Inspection, "path"> {
  readonly plan: Plan;
  /** Shared libraries, other than the system's own, that it cannot do without. */
  readonly needs: readonly string[];
}

/** Everything the task makes is in here. */
export const folder = "native";
/** The finished library. */
export const library: string = `${folder}/${libraryName}`;

const stampFile = `${folder}/build.json`;
const npmPackage = "node_modules/node-rdkafka";

/** The plan for this checkout on this machine. */
export async function currentPlan(): Promise<Plan> {
  const version = await pinnedVersion() ?? (await installPackages(), await pinnedVersion());
  if (version === undefined) throw new TaskError("deno.lock does not name node-rdkafka");
  return { package: `node-rdkafka@${version}`, target: Deno.build.target, recipe };
}

/**
 * Whether the library is there and fits. Opening it says more than a noted glibc or processor could: one
 * from a newer system does not open here, one from an older system does, and is as good.
 */
export async function isUpToDate(plan: Plan): Promise<boolean> {
  const stamp = await readJson<Stamp>(stampFile);
  return JSON.stringify(stamp?.plan) === JSON.stringify(plan) && tryInspect(library) !== undefined;
}

/** Notes what the library was built from; each reader sees the old stamp or the new one. */
export async function writeStamp(stamp: Stamp): Promise<void> {
  const temporary = `${stampFile}.new`;
  await Deno.writeTextFile(temporary, JSON.stringify(stamp, null, 2) + "\n");
  await Deno.rename(temporary, stampFile);
}

/** The folder with librdkafka's source, after installing the package if it is not there. */
export async function findSource(plan: Plan): Promise<string> {
  if (await installedPackage() !== plan.package) await installPackages();
  if (await installedPackage() !== plan.package) {
    throw new TaskError(`deno install did not bring ${plan.package}, which deno.lock pins`);
  }
  return Deno.realPath(`${npmPackage}/deps/librdkafka`);
}

async function pinnedVersion(): Promise<string | undefined> {
  const prefix = "node-rdkafka@";
  const lock = await readJson<{ npm?: Record<string, unknown> }>("deno.lock");
  const pin = Object.keys(lock?.npm ?? {}).find((key) => key.startsWith(prefix));
  return pin?.slice(prefix.length);
}

async function installedPackage(): Promise<string | undefined> {
  const manifest = await readJson<{ version: string }>(`${npmPackage}/package.json`);
  return manifest && `node-rdkafka@${manifest.version.replace(/^v/, "")}`; // it says "v3.6.1"
}

/** Deno skips the package's install script, which is right: it would build an addon for Node. */
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
