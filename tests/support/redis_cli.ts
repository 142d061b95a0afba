/**
 * The real redis-cli, as a user runs it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { signalProcess } from "./signal_process.ts";

/** The output of `redis-cli -p <port> <args…>`, without the last line break. */
export async function redisCli(port: number, ...args: string[]): Promise<string> {
  return await run(port, args, "");
}

/** The output of redis-cli for these lines on its standard input: one connection. */
export async function redisCliLines(port: number, ...lines: string[]): Promise<string> {
  return await run(port, [], lines.map((line) => line + "\n").join(""));
}

async function run(port: number, args: string[], input: string): Promise<string> {
  const process = new Deno.Command("redis-cli", {
    args: ["-p", String(port), "--no-raw", ...args], // types are shown as on a terminal
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = process.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { code, stdout, stderr } = await process.output();
  const text = new TextDecoder();
  assert.equal(code, 0, text.decode(stderr));
  return text.decode(stdout).trimEnd();
}

/** A redis-cli that runs MONITOR. */
export class RedisCliMonitor implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  #shown = "";

  constructor(port: number) {
    this.#process = new Deno.Command("redis-cli", {
      args: ["-p", String(port), "monitor"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#reader = this.#process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  }

  /** Waits until a match was printed. */
  async shows(pattern: RegExp, deadlineMs = 20_000): Promise<void> {
    const timer = setTimeout(signalProcess, deadlineMs, this.#process, "SIGKILL");
    while (!pattern.test(this.#shown)) {
      const { value, done } = await this.#reader.read();
      assert.ok(!done, `MONITOR did not show ${pattern} but:\n${this.#shown}`);
      this.#shown += value;
    }
    clearTimeout(timer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#reader.cancel();
    signalProcess(this.#process, "SIGKILL");
    await this.#process.status;
  }
}
