/**
 * The program as a separate process, with the permissions that `deno task start` gives it: for behaviour that only a
 * process has (flags, signals, exit codes, log lines, threads).
 *
 * @module
 */
import assert from "node:assert/strict";
import { startFlags } from "../../tasks/start_flags.ts";
import { TestClient } from "./client.ts";
import { signalProcess } from "./signal_process.ts";

const START_DEADLINE_MS = 60_000;
/** The result of a program that exits by itself. */
const SHOWN_LOG_LENGTH = 4_000;
const project = new URL("../../", import.meta.url);

/** The exit status of a process, and its complete output. */
export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The arguments of `deno task start`, without the program's own arguments. */
export const startArguments: readonly string[] = ["run", ...startFlags, "src/main.ts"];

/** How to start a program. */
export interface Launch extends Pick<Deno.CommandOptions, "cwd" | "env"> {
  readonly command: string;
  readonly args: string[];
}

/** The command that starts the gateway with these arguments and variables. */
export type Launcher = (
  args: readonly string[],
  env: Record<string, string>,
) => Launch | Promise<Launch>;

/** Runs it as `deno task start` does. */
const fromSource: Launcher = (args, env) => ({
  command: Deno.execPath(),
  args: [...startArguments, ...args],
  cwd: project,
  env,
});

/** The same with a limit of open files. */
export function withOpenFiles(limit: number): Launcher {
  return (args, env) => {
    const script = `ulimit -n ${limit}; exec "$0" "$@"`;
    const command = [Deno.execPath(), ...startArguments, ...args];
    return { command: "bash", args: ["-c", script, ...command], cwd: project, env };
  };
}

/** Runs the program until it exits. */
export async function runProgram(
  args: readonly string[],
  env: Record<string, string> = {},
  launcher: Launcher = fromSource,
): Promise<Finished> {
  const { command, ...options } = await launcher(args, env);
  const { code, stdout, stderr } = await new Deno.Command(command, {
    ...options,
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** A running gateway process. */
export class Program implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #log = "";
  #ended = false;
  /** A test ends it, or waits for its end. */
  #mayEnd = false;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#reading = this.#readLog();
  }

  /** Starts it on a free port and waits until it listens. */
  static async start(
    args: readonly string[],
    env: Record<string, string> = {},
    launcher: Launcher = fromSource,
  ): Promise<Program> {
    const program = await Program.spawn(args, env, launcher);
    await program.logged("Listening on ");
    return program;
  }

  /** Starts it on a free port. */
  static async spawn(
    args: readonly string[],
    env: Record<string, string> = {},
    launcher: Launcher = fromSource,
  ): Promise<Program> {
    const listen = ["--host", "127.0.0.1", "--port", "0"];
    const { command, ...options } = await launcher([...listen, ...args], env);
    const process = new Deno.Command(command, {
      ...options,
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    return new Program(process);
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** All log lines so far. */
  get log(): string {
    return this.#log;
  }

  get port(): number {
    return Number(/Listening on 127\.0\.0\.1:(\d+)/.exec(this.#log)?.[1]);
  }

  /** The HTTP port of a program that has one. */
  get httpPort(): number {
    return Number(/Metrics, health and state at http:\/\/127\.0\.0\.1:(\d+)/.exec(this.#log)?.[1]);
  }

  async connect(): Promise<TestClient> {
    return await TestClient.connect(this.port);
  }

  /** Waits until the log holds `words` `times` times. */
  async logged(words: string, times = 1, deadlineMs = START_DEADLINE_MS): Promise<void> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`Waited ${deadlineMs} ms for "${words}" in:\n${this.#log}`)),
      deadlineMs,
    );
    try {
      while (this.#log.split(words).length - 1 < times) {
        assert.ok(!this.#ended, `The program ended without "${words}":\n${this.#log}`);
        const { promise: more, resolve } = Promise.withResolvers<void>();
        this.#waiting.add(resolve);
        await Promise.race([more, late]);
        this.#waiting.delete(resolve);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Sends a signal, unless the process has ended already. */
  signal(name: Deno.Signal): void {
    if (!this.#ended) this.#mayEnd = true;
    signalProcess(this.#process, name);
  }

  /** Waits until the process has exited; returns its exit code. */
  async exited(): Promise<number> {
    this.#mayEnd = true;
    const { code } = await this.#process.status;
    await this.#reading;
    return code;
  }

  /**
   * Kills it.
   *
   * @throws {Error} when it had crashed
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    const { code, signal } = await this.#process.status;
    await this.#reading;
    if (this.#mayEnd) return;
    const log = this.#log.slice(-SHOWN_LOG_LENGTH);
    throw new Error(`The program has ended by itself with ${signal ?? code}:\n${log}`);
  }

  async #readLog(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#log += text;
      for (const wake of this.#waiting) wake();
    }
    this.#ended = true;
    for (const wake of this.#waiting) wake();
  }
}
