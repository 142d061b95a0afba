/**
 * Resources of a process, read from /proc.
 *
 * @module
 */
import assert from "node:assert/strict";

/** Resources of a process. */
export interface Resources {
  /** Resident memory (VmRSS). */
  readonly memoryBytes: number;
  /** Its maximum so far (VmHWM). */
  readonly peakMemoryBytes: number;
  readonly threads: number;
  readonly fileDescriptors: number;
}

/** Read with `ls` and `cat`, since Deno reads /proc with --allow-all only. */
export async function resourcesOf(pid: number): Promise<Resources> {
  const [threads, fileDescriptors, status] = await Promise.all([
    countFiles(`/proc/${pid}/task`),
    countFiles(`/proc/${pid}/fd`),
    output("cat", `/proc/${pid}/status`),
  ]);
  return {
    memoryBytes: bytesOf("VmRSS", status),
    peakMemoryBytes: bytesOf("VmHWM", status),
    threads,
    fileDescriptors,
  };
}

/** Processor time in milliseconds that the threads of a process with these names have taken. */
export async function threadTimesMs(pid: number, names: RegExp): Promise<number> {
  // a thread may end meanwhile
  const script =
    'cd "/proc/$0/task" && for id in *; do echo "$(cat "$id/comm" "$id/schedstat" 2>&-)"; done';
  const text = await output("sh", "-c", script, String(pid));
  const threads = text.matchAll(/^(.*)\n(\d+) \d+ \d+$/gm);
  let sumNs = 0;
  for (const [, name, timeNs] of threads) if (names.test(name!)) sumNs += Number(timeNs);
  return sumNs / 1e6;
}

function bytesOf(field: string, status: string): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, "m").exec(status)?.[1];
  assert.ok(kib, `no ${field} in ${status}`);
  return Number(kib) * 1024;
}

async function countFiles(folder: string): Promise<number> {
  return (await output("ls", folder)).trimEnd().split("\n").length;
}

async function output(command: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await new Deno.Command(command, { args }).output();
  const decoder = new TextDecoder();
  assert.equal(code, 0, decoder.decode(stderr));
  return decoder.decode(stdout);
}
