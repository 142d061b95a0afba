/**
 * Output of the tasks: unbuffered lines. On standard error by default, apart from the output of the program that a task
 * prepares.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Writes one line, over the one that `sayOver` may have left. */
export function say(
  line: string,
  stream: typeof Deno.stdout | typeof Deno.stderr = Deno.stderr,
): void {
  const start = stream.isTerminal() ? "\r\x1b[K" : "";
  stream.writeSync(encoder.encode(`${start}${line}\n`));
}

/** Shows a line until the next one; on a terminal only. */
export function sayOver(line: string): void {
  Deno.stderr.writeSync(encoder.encode(`\r${line}\x1b[K`));
}

/** An error that the user can fix: shown without a stack. */
export class TaskError extends Error {
  override name = "TaskError";
}
