/**
 * The command line of `deno task release`.
 *
 * @module
 */
import { readArgs } from "../run_task.ts";
import { TaskError } from "../say.ts";
import { findMachine, type Machine, machines } from "../targets.ts";

/** The parsed command line. */
export interface ReleaseOptions {
  readonly targets: readonly Machine[];
  readonly cut: boolean;
}

const usage = `deno task release [--target ${machines.map(({ name }) => name).join(",")}] | --cut`;

/** Parses the command line of `deno task release`. */
export function readReleaseOptions(args: string[]): ReleaseOptions {
  const options = { target: { type: "string", multiple: true }, cut: { type: "boolean" } } as const;
  const { target = [], cut = false } = readArgs(args, options, usage);
  const names = target.flatMap((list) => list.split(","));
  const unknown = names.find((name) => findMachine(name) === undefined);
  if (unknown !== undefined) throw new TaskError(`Unknown target '${unknown}'\nUsage: ${usage}`);
  const named = names.map(findMachine);
  return {
    targets: machines.filter((machine) => names.length === 0 || named.includes(machine)),
    cut,
  };
}
