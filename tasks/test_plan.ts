/**
 * Which test files a run of `deno task test` consists of, which of them run beside each other, and which only when
 * nothing else of the run does.
 *
 * @module
 */
import { TaskError } from "./say.ts";

/** Where tests are. */
const ROOT = "tests";

/**
 * What a release consists of: executables, packages, a machine that boots, the other processor, every Redis client in
 * every version, the tools. Takes long and installs much, so it is a run of its own (`--release`). Files, or folders with
 * a slash.
 */
export const RELEASE: readonly string[] = [
  "tests/clients/lists_test.ts",
  "tests/clients/recipes_test.ts",
  "tests/clients/session_test.ts",
  "tests/clients/streams_test.ts",
  "tests/clients/workers_test.ts",
  "tests/compiled/",
  "tests/packaging/boot_test.ts",
  "tests/packaging/dockerfile_test.ts",
  "tests/tasks/native_test.ts",
  "tests/tools/",
];

/** What runs while nothing else of the run does, and why. */
export const ALONE: Readonly<Record<string, string>> = {};

/** What takes longest starts first, so that the run does not end with one of them and an idle machine. */
export const FIRST: readonly string[] = [
  "tests/net/input_budget_test.ts",
  "tests/e2e/security_test.ts",
  "tests/kafka/consumer/consumer_group_test.ts",
  "tests/e2e/refused_rights_test.ts",
  "tests/e2e/delivery_test.ts",
  "tests/session/shutdown_test.ts",
  "tests/e2e/hung_broker_test.ts",
  "tests/e2e/leak_test.ts",
  "tests/e2e/rebalance_test.ts",
  "tests/commands/list/rpushx_test.ts",
  "tests/packaging/dockerfile_test.ts",
  "tests/clients/session_test.ts",
  "tests/packaging/boot_test.ts",
  "tests/compiled/reproducible_test.ts",
];

/** Files with so many tests that they run in parts (`ownPart` in tests/support/part.ts), and in how many. */
export const PARTS: Readonly<Record<string, number>> = {
  "tests/clients/lists_test.ts": 2,
  "tests/clients/recipes_test.ts": 2,
  "tests/clients/session_test.ts": 3,
  "tests/clients/streams_test.ts": 2,
};

/** One run of `deno test`: a file, or a part of its tests. */
export interface TestRun {
  readonly file: string;
  /** e.g. `1/3` for the first of three. */
  readonly part: string;
  readonly args: readonly string[];
}

/** What is run beside each other, in the order in which it starts; and after that what runs alone. */
export interface Plan {
  readonly together: readonly TestRun[];
  readonly alone: readonly TestRun[];
}

/** What a command line asks for. */
export interface Request {
  /** Files and folders; none for the default. */
  readonly paths: readonly string[];
  /** The tests of a release in place of those of a commit. */
  readonly release: boolean;
  /** For each `deno test`. */
  readonly flags: readonly string[];
}

/** What has a slash or ends in .ts names tests; `--release` is ours; all else is for `deno test`. */
export function readRequest(args: readonly string[]): Request {
  const isPath = (arg: string): boolean => !arg.startsWith("-") && /\/|\.ts$/.test(arg);
  return {
    paths: args.filter(isPath),
    release: args.includes("--release"),
    flags: args.filter((arg) => !isPath(arg) && arg !== "--release"),
  };
}

/**
 * The files of a request: those of a commit, unless it says something else.
 *
 * @throws {TaskError} when there is nothing at a path
 */
export function filesOf({ paths, release }: Request): string[] {
  if (paths.length > 0) return [...new Set(paths.flatMap(filesAt))].sort();
  return filesAt(ROOT).filter((file) => isOfRelease(file) === release);
}

/** Puts the runs of these files in order. */
export function planOf(files: readonly string[], flags: readonly string[]): Plan {
  const runs = files.flatMap((file) => {
    const count = PARTS[file] ?? 1;
    return Array.from({ length: count }, (_, i) => ({
      file,
      part: `${i + 1}/${count}`,
      args: flags,
    }));
  });
  const rank = ({ file }: TestRun): number => {
    const place = FIRST.indexOf(file);
    return place < 0 ? FIRST.length : place;
  };
  return {
    together: runs.filter(({ file }) => !(file in ALONE)).sort((a, b) => rank(a) - rank(b)),
    alone: runs.filter(({ file }) => file in ALONE),
  };
}

/** It is one of those that belong to a release. */
export function isOfRelease(file: string): boolean {
  return RELEASE.some((path) => path.endsWith("/") ? file.startsWith(path) : file === path);
}

function filesAt(path: string): string[] {
  const name = path.replace(/^\.\//, "").replace(/\/+$/, "");
  try {
    if (Deno.statSync(name).isFile) return [name];
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TaskError(`There are no tests at ${path}`);
  }
  return [...walk(name)].sort();
}

function* walk(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* walk(path);
    else if (name.endsWith("_test.ts")) yield path;
  }
}
