/**
 * Checks executables: built for the right machine, and runnable if that machine is this one.
 *
 * @module
 */
import { TaskError } from "./say.ts";
import { findMachine } from "./targets.ts";

/** Checks that a program, or the library inside, is for the machine that its name says. */
export async function checkMachine(path: string, triple: string): Promise<void> {
  using file = await Deno.open(path);
  const head = new Uint8Array(20);
  await file.read(head);
  if (elfMachine(head) !== findMachine(triple)?.elfMachine) {
    throw new TaskError(`${path} is not for ${triple}, but for another machine`);
  }
}

/** The machine number of a Linux executable. */
export function elfMachine(head: Uint8Array<ArrayBuffer>): number | undefined {
  const isElf = head.length >= 20 && head.subarray(0, 4).toHex() === "7f454c46";
  return isElf ? new DataView(head.buffer, head.byteOffset).getUint16(18, true) : undefined;
}

/** Checks that the program runs and reports these versions: the runtime of another Deno does not find its code. */
export async function checkRuns(path: string, versions: string): Promise<void> {
  const { stdout, stderr } = await new Deno.Command(path, { args: ["--version"] }).output();
  const said = new TextDecoder().decode(stdout);
  if (said === versions) return;
  const instead = said || new TextDecoder().decode(stderr);
  throw new TaskError(
    `${path} was compiled, but --version says\n${instead}\nand not\n${versions}\n` +
      "Is the runtime in DENORT_BIN that of another Deno?",
  );
}
