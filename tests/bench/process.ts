/**
 * Processes of the bench: programs that run to their end, what a server costs, and the end of all of them.
 *
 * @module
 */
import assert from "node:assert/strict";

const decoder = new TextDecoder();

/** Options of a program. */
export interface RunOptions {
  readonly stdin?: Uint8Array<ArrayBuffer>;
  readonly deadlineMs?: number;
}

/**
 * Runs a program to its end.
 *
 * @returns what it printed
 * @throws what it said, when its exit code is not 0 or it is late
 */
export async function run(
  command: string,
  args: readonly string[],
  { stdin, deadlineMs = 120_000 }: RunOptions = {},
): Promise<string> {
  const process = new Deno.Command(command, {
    args: [...args],
    stdin: stdin ? "piped" : "null",
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(deadlineMs),
  }).spawn();
  const output = process.output();
  if (stdin) {
    const writer = process.stdin.getWriter();
    await writer.write(stdin);
    await writer.close();
  }
  const { code, signal, stdout, stderr } = await output;
  if (code !== 0) {
    const why = signal === "SIGTERM" ? `took longer than ${deadlineMs} ms` : `ended with ${code}`;
    const said = decoder.decode(stderr).trim() || decoder.decode(stdout).trim();
    throw new Error(`${command.split("/").at(-1)} ${why}: ${said}`);
  }
  return decoder.decode(stdout);
}

/** What a process has used so far, and what it holds. */
export interface Usage {
  readonly cpuUs: number;
  readonly memoryBytes: number;
  readonly threads: number;
}

/** Linux counts a process' time in hundredths of a second, whatever its clock; that of a thread in nanoseconds. */
const TICK_US = 10_000;

/**
 * Reads it with cat: Deno itself is permitted /proc together with everything else only. The time of the threads that
 * live is exact, that of the process has the threads that have ended, too: the larger one is closer.
 */
export async function usageOf(pid: number): Promise<Usage> {
  const threadTimes = `cat /proc/${pid}/task/*/schedstat 2>/dev/null || true`; // one may end meanwhile
  const [stat, status, threads] = await Promise.all([
    run("cat", [`/proc/${pid}/stat`]),
    run("cat", [`/proc/${pid}/status`]),
    run("sh", ["-c", threadTimes]),
  ]);
  const threadsNs = threads.trim().split("\n").map((line) => Number(line.split(" ")[0]));
  const threadsUs = threadsNs.reduce((total, ns) => total + ns, 0) / 1_000;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" "); // from the third one
  const memoryKib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  assert.ok(memoryKib, `no VmRSS in ${status}`);
  return {
    cpuUs: Math.max(threadsUs, (Number(fields[11]) + Number(fields[12])) * TICK_US),
    memoryBytes: Number(memoryKib) * 1024,
    threads: Number(fields[17]),
  };
}

/** Ends all processes that this one has started, by force: when it was told to end itself. */
export async function killChildren(): Promise<void> {
  const script = 'kill -KILL $(grep -ls "^PPid:[[:space:]]*$0$" /proc/[0-9]*/status | cut -d/ -f3)';
  await new Deno.Command("sh", { args: ["-c", script, String(Deno.pid)], stderr: "null" }).output();
}
