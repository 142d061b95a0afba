/**
 * Runs a task in the project's folder. An error that the user can fix is shown as text, with exit code 1.
 *
 * @module
 */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { say, TaskError } from "./say.ts";

/** Runs a task. */
export async function runTask(task: () => Promise<void>): Promise<void> {
  Deno.chdir(new URL("..", import.meta.url));
  try {
    await task();
  } catch (error) {
    if (!(error instanceof TaskError)) throw error;
    say(error.message);
    Deno.exit(1);
  }
}

/** Parses a command line of options only; an invalid one is rejected with the usage. */
export function readArgs<T extends ParseArgsOptionsConfig>(
  args: readonly string[],
  options: T,
  usage: string,
): ReturnType<typeof parseArgs<{ options: T }>>["values"] {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TaskError(`${error.message}\nUsage: ${usage}`);
  }
}
