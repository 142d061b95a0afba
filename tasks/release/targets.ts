/**
 * @module
 * The kinds of machines that there are releases for, and what each calls them; the command line of the task.
 */
import { parseArgs } from "node:util";
import { TaskError } from "../say.ts";

/** A kind of machine. */
export interface ReleaseTarget {
  /** As it is called in the names of our files. */
  readonly name: string;
  /** As Deno and Rust call it. */
  readonly triple: string;
  /** As Debian calls it. */
  readonly debian: string;
  /** Its number in the head of an executable. */
  readonly elfMachine: number;
}

/** All of them. */
export const releaseTargets: readonly ReleaseTarget[] = [
  { name: "x64", triple: "x86_64-unknown-linux-gnu", debian: "amd64", elfMachine: 62 },
  { name: "arm64", triple: "aarch64-unknown-linux-gnu", debian: "arm64", elfMachine: 183 },
];

/** What the command line asks for. */
export interface ReleaseOptions {
  readonly targets: readonly ReleaseTarget[];
  readonly cut: boolean;
}

/** Reads the command line of `deno task release`. */
export function readReleaseOptions(args: string[]): ReleaseOptions {
  const { target = [], cut = false } = parse(args);
  const names = target.flatMap((list) => list.split(","));
  const unknown = names.find((name) => !releaseTargets.some((target) => isCalled(target, name)));
  if (unknown !== undefined) throw new TaskError(`Unknown target '${unknown}'\n${usage()}`);
  const targets = releaseTargets.filter((target) =>
    names.length === 0 || names.some((name) => isCalled(target, name))
  );
  return { targets, cut };
}

function isCalled(target: ReleaseTarget, name: string): boolean {
  return name === target.name || name === target.triple;
}

function parse(args: string[]): { target?: string[] | undefined; cut?: boolean | undefined } {
  try {
    const options = {
      target: { type: "string", multiple: true },
      cut: { type: "boolean" },
    } as const;
    return parseArgs({ args, options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TaskError(`${error.message}\n${usage()}`);
  }
}

function usage(): string {
  const names = releaseTargets.map(({ name }) => name).join(",");
  return `Usage: deno task release [--target ${names}] | --cut`;
}
