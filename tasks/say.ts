/**
 * How the tasks speak: a line at a time, at once. On standard error unless told otherwise, so that what
 * a task says never mixes with the output of the program it prepares.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Writes one line, over what `sayOver` may have left. */
export function say(
  line: string,
  stream: typeof Deno.stdout | typeof Deno.stderr = Deno.stderr,
): void {
  const start = stream.isTerminal() ? "\r\x1b[K" : "";
  stream.writeSync(encoder.encode(`${start}${line}\n`));
}

/** Shows a line until the next one; only for a terminal. */
export function sayOver(line: string): void {
  Deno.stderr.writeSync(encoder.encode(`\r${line}\x1b[K`));
}

/** A reason to stop that the user can act on: shown as it is, without a stack. */
export class TaskError extends Error {
  override name = "TaskError";
}
