/**
 * The flags that `deno task start` gives the gateway, above all its permissions: the compiled program gets the same.
 *
 * @module
 */
import thisProject from "../deno.json" with { type: "json" };

/** The arguments between `deno run` and the program in a checkout's deno.json, without the shell's quotes. */
export function startFlagsOf(project: { tasks: { start: { command: string } } }): string[] {
  return project.tasks.start.command.split(" ").slice(2, -1).map((flag) =>
    flag.replaceAll("'", "")
  );
}

/** The flags of this checkout. */
export const startFlags: readonly string[] = startFlagsOf(thisProject);
