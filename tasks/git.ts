/**
 * Queries git about this checkout, which may have no repository.
 *
 * @module
 */
import { TaskError } from "./say.ts";

/**
 * The output of git; undefined where there is no git, or no repository.
 *
 * @throws {TaskError} when git refuses, e.g. because the folder belongs to another user
 */
export async function git(...args: string[]): Promise<string | undefined> {
  try {
    const command = new Deno.Command("git", { args, env: { LC_ALL: "C" } });
    const { success, stdout, stderr } = await command.output();
    if (success) return new TextDecoder().decode(stdout).trimEnd();
    const reason = new TextDecoder().decode(stderr).trim();
    if (/not a git repository|does not have any commits/.test(reason)) return undefined;
    throw new TaskError(`git ${args[0]} failed: ${reason}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
