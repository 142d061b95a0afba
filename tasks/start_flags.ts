/**
 * @module
 * The flags that `deno task start` gives the gateway, above all its permissions: the compiled program gets the same.
 */
import project from "../deno.json" with { type: "json" };

/** What stands between `deno run` and the program, without the shell's quotes. */
export const startFlags: readonly string[] = project.tasks.start.command.split(" ")
  .slice(2, -1).map((flag) => flag.replaceAll("'", ""));
