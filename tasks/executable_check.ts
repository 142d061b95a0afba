/**
 * Whether a file is what it should be: for the right machine, and alive if that machine is this one.
 *
 * @module
 */
import { TaskError } from "./say.ts";
import { findMachine } from "./targets.ts";

/** The program, or the library inside of it, is for the machine that its name says. */
export async function checkMachine(path: string, triple: string): Promise<void> {
  using file = await Deno.open(path);
  const head = new Uint8Array(20);
  await file.read(head);
  if (elfMachine(head) !== findMachine(triple)?.elfMachine) {
    throw new TaskError(`${path} is not for ${triple}, but for another machine`);
  }
}

/** The number of the machine that an executable of Linux is for. */
export function elfMachine(head: Uint8Array<ArrayBuffer>): number | undefined {
  const isElf = head.length >= 20 && head.subarray(0, 4).toHex() === "7f454c46";
  return isElf ? new DataView(head.buffer, head.byteOffset).getUint16(18, true) : undefined;
}

/** The program runs and says that it consists of these versions: a runtime of another Deno does not find its code. */
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
