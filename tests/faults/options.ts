/**
 * The command line of `deno task test:faults`.
 *
 * @module
 */
import { readArgs } from "../../tasks/run_task.ts";
import { TaskError } from "../../tasks/say.ts";

/** What is asked for. */
export interface Options {
  readonly help: boolean;
  /** All, and as long as the promises are meant. */
  readonly full: boolean;
  /** Names of what is to be played; undefined for all of the form. */
  readonly only: readonly string[] | undefined;
  readonly markdown: boolean;
}

/** What `--help` prints before the names. */
export const HELP =
  `Whether Rafka keeps its promises under faults, floods and garbage; on Linux, as root

Usage: deno task test:faults [options]

  --full         everything, and for as long as it is meant (two hours);
                 without it, a short form of some six minutes
  --only <a,b>   only these, or all that have that in their names; see below
  --markdown     print the tables for docs/guarantees.md
  --help         print this
`;

/**
 * Reads the command line.
 *
 * @param names all that can be played
 * @throws {TaskError} that names what can't be used
 */
export function readOptions(args: readonly string[], names: readonly string[]): Options {
  const values = readArgs(args, {
    help: { type: "boolean", short: "h" },
    full: { type: "boolean" },
    markdown: { type: "boolean" },
    only: { type: "string" },
  }, "deno task test:faults [options], see deno task test:faults --help");
  const { help = false, full = false, markdown = false } = values;
  const only = values.only?.split(",").flatMap((part) => namesWith(part, names));
  return { help, full, markdown, only };
}

/** The one of that name, or all that have it in theirs. */
function namesWith(part: string, names: readonly string[]): readonly string[] {
  if (names.includes(part)) return [part];
  const found = part === "" ? [] : names.filter((name) => name.includes(part));
  if (found.length > 0) return found;
  throw new TaskError(`--only names '${part}': there are ${names.join(", ")}`);
}
