/**
 * One `deno test` as a process of its own: what it printed, and what came of it. Nothing that its tests start outlives
 * it.
 *
 * @module
 */
import { say } from "./say.ts";
import { type Counts, TestOutput } from "./test_output.ts";
import type { TestRun } from "./test_plan.ts";

const permissions = [
  "--no-prompt",
  "--allow-net",
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-env",
  "--allow-sys",
];

/** What came of a run. */
export interface Outcome {
  readonly counts: Counts;
  /** File and name of each. */
  readonly failed: readonly string[];
  readonly ignored: readonly string[];
}

/** Runs of `deno test` that may be stopped together. */
export class TestRuns {
  readonly #groups = new Set<number>();
  #stopped = false;

  /** Somebody does not want to wait for the rest. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Tells all that run now, and starts no others. */
  stop(signal: Deno.Signal): void {
    this.#stopped = true;
    for (const leader of this.#groups) signalGroup(leader, signal);
  }

  /** Runs one; what it prints is shown in one piece, or at once. */
  async run({ file, part, args }: TestRun, atOnce: boolean): Promise<Outcome> {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", ...permissions, ...args, file],
      // it cannot see whether this is a terminal: its own output goes through here
      env: { RAFKA_TEST_PART: part, ...!Deno.stdout.isTerminal() && { NO_COLOR: "1" } },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
      detached: true, // a process group of its own, so that it can be stopped with all that tests started
    }).spawn();
    this.#groups.add(child.pid);
    const output = new TestOutput();
    const shown = new Shown(atOnce);
    const reading = Promise.all([
      forEachChunk(child.stdout, (chunk) => {
        output.push(chunk);
        shown.add(chunk);
      }),
      forEachChunk(child.stderr, (chunk) => shown.add(chunk)),
    ]);
    const { code } = await child.status;
    signalGroup(child.pid, "SIGKILL"); // what a test forgot would hold the output open, for ever
    this.#groups.delete(child.pid);
    await reading;
    shown.end();
    if (output.isMidLine) say("", Deno.stdout); // it was stopped, or it crashed
    return {
      counts: believable(output.counts, code, file),
      failed: output.failedNames,
      ignored: output.ignoredNames,
    };
  }
}

/** The output of a process, kept until its end unless it is to be seen at once. */
class Shown {
  readonly #atOnce: boolean;
  readonly #kept: Uint8Array<ArrayBuffer>[] = [];

  constructor(atOnce: boolean) {
    this.#atOnce = atOnce;
  }

  add(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#atOnce) write(chunk);
    else this.#kept.push(chunk);
  }

  end(): void {
    for (const chunk of this.#kept) write(chunk);
  }
}

function write(bytes: Uint8Array): void {
  while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
}

async function forEachChunk(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (chunk: Uint8Array<ArrayBuffer>) => void,
): Promise<void> {
  for await (const chunk of stream) take(chunk);
}

function signalGroup(leader: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // nobody left
  }
}

/** Deno's counts, unless they are missing or look better than they are. */
function believable(counts: Counts | undefined, code: number, file: string): Counts {
  if (counts === undefined) {
    say(`${file}: deno test ended with code ${code} before it had counted`, Deno.stdout);
    return { passed: 0, failed: 1, ignored: 0 };
  }
  if (code !== 0 && counts.failed === 0) {
    say(`${file}: deno test ended with code ${code} although no test failed`, Deno.stdout);
    return { ...counts, failed: 1 };
  }
  return counts;
}
