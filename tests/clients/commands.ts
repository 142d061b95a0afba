/**
 * How a program's source is run: in each language, with the packages that an `install` script has put into the folder
 * that RAFKA_TEST_CLIENTS names.
 *
 * @module
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { sha256 } from "../../tasks/sha256.ts";
import { isOnPath } from "../support/on_path.ts";

/** Prepares and returns the command that runs this source, in a folder that is empty before and gone after. */
export type Command = (source: string, folder: string) => Promise<Run>;

/** A command, and where it is run. */
export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

const named = Deno.env.get("RAFKA_TEST_CLIENTS");
const installedFolder = named ? resolve(named) : undefined;

/** Python, with the packages that are installed there. */
export function python(name: string): Command | undefined {
  const path = installed(name, "python3");
  return path === undefined ? undefined : async (source, folder) => {
    return { ...await saved("python3", "-u")(source, folder), env: { PYTHONPATH: path } };
  };
}

/** Node looks for packages beside the file that imports them. */
export function node(name: string): Command | undefined {
  const path = installed(name, "node");
  return path === undefined ? undefined : async (source, folder) => {
    await Deno.symlink(`${path}/node_modules`, `${folder}/node_modules`);
    return await saved("node")(source, folder, "program.mjs");
  };
}

/** The installed folder is a module that requires the packages. */
export function go(name: string): Command | undefined {
  const path = installed(name, "go");
  return path === undefined ? undefined : kept(path, "program.go", (file, folder) => ({
    build: ["go", "build", "-o", `${folder}/program`, file],
    cwd: path,
    env: { GOPROXY: "off", GOFLAGS: "-mod=mod '-gcflags=all=-N -l'" },
    run: { command: `${folder}/program`, args: [] },
  }));
}

/** The installed folder is a built package that depends on these crates. */
export function rust(name: string, crates: readonly string[]): Command | undefined {
  const path = installed(name, "rustc");
  const externs = crates.map((crate) => `--extern=${crate}`);
  const options = ["--edition=2024", ...externs, `-L${path}/target/debug/deps`];
  return path === undefined ? undefined : kept(path, "program.rs", (file, folder) => ({
    build: ["rustc", file, "-o", `${folder}/program`, ...options],
    run: { command: `${folder}/program`, args: [] },
  }));
}

/** A program ends before the second compiler of the virtual machine, or its collector's threads, are worth their start. */
const QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

/** The installed folder has the packages as .jar files; the first class of a source is its main class. */
export function java(name: string): Command | undefined {
  const path = installed(name, "javac");
  return path === undefined ? undefined : (source, folder) => {
    const [, main] = /^(?:public )?class (\w+)/m.exec(source)!;
    const options = QUICK_START.map((option) => `-J${option}`);
    return kept(path, "program.java", (file, folder) => ({
      build: ["javac", ...options, `--class-path=${path}/*`, "-d", folder, file],
      run: { command: "java", args: [...QUICK_START, `--class-path=${folder}:${path}/*`, main!] },
    }))(source, folder);
  };
}

/** Whether this ends well. */
export function works(command: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(command, { args, stdin: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}

/** Where an `install` script has put this; `undefined` if it has not, or if nothing can run it. */
function installed(name: string, interpreter: string): string | undefined {
  const path = `${installedFolder}/${name}`;
  return installedFolder !== undefined && isFolder(path) && isOnPath(interpreter)
    ? path
    : undefined;
}

/** Runs a source as a file. */
export function saved(
  program: string,
  ...args: string[]
): (source: string, folder: string, name?: string) => Promise<Run> {
  return async (source, folder, name = "program") => {
    await Deno.writeTextFile(`${folder}/${name}`, source);
    return { command: program, args: [...args, `${folder}/${name}`] };
  };
}

/** Compiles a source, and runs what comes out. */
export function compiled(compiler: string, name: string, ...args: string[]): Command {
  return async (source, folder) => {
    const [file, program] = [`${folder}/${name}`, `${folder}/program`];
    await Deno.writeTextFile(file, source);
    await build([compiler, file, "-o", program, ...args], {});
    return { command: program, args: [] };
  };
}

/** How a source becomes a program in the folder that it is in, and how that is run. */
interface Recipe extends Pick<Run, "cwd" | "env"> {
  readonly build: readonly string[];
  readonly run: Run;
}

/**
 * The same for what takes long to compile: beside the installed client, once for all tests that run this source, which
 * may be in several processes.
 */
function kept(
  installed: string,
  name: string,
  recipe: (file: string, folder: string) => Recipe,
): Command {
  return async (source) => {
    const id = (await sha256(new TextEncoder().encode(source))).slice(0, 16);
    const target = `${installed}/programs/${id}`;
    if (!isFolder(target)) {
      await Deno.mkdir(`${installed}/programs`, { recursive: true });
      const part = await Deno.makeTempDir({ dir: `${installed}/programs`, prefix: "part-" });
      await Deno.writeTextFile(`${part}/${name}`, source);
      const { build: command, ...options } = recipe(`${part}/${name}`, part);
      await build(command, options);
      await Deno.rename(part, target).catch(async (error) => {
        if (!isFolder(target)) throw error;
        await Deno.remove(part, { recursive: true }); // another process was quicker
      });
    }
    return recipe(`${target}/${name}`, target).run;
  };
}

async function build(command: readonly string[], options: Pick<Run, "cwd" | "env">): Promise<void> {
  const [compiler, ...args] = command;
  const { success, stderr } = await new Deno.Command(compiler!, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env !== undefined && { env: options.env }),
    args,
    stdin: "null",
  }).output();
  assert.ok(success, `${compiler} failed:\n${new TextDecoder().decode(stderr)}`);
}
