/**
 * A program that uses a Redis client, as a process: what it prints, line by line, within a deadline. When it fails
 * or is late, the error shows all that it printed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Client, ProgramName } from "./clients.ts";
import type { Command } from "./commands.ts";

/** Which program, and what it gets. */
export interface ProgramOptions {
  readonly name: ProgramName;
  readonly args?: readonly string[];
  /** Changes the source before it is run. */
  readonly edit?: (source: string) => string;
  readonly deadlineMs: number;
}

/** A running program; at the end it is killed, with all that it started. */
export class ClientProgram implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;
  readonly #deadline: ReturnType<typeof setTimeout>;
  readonly #outputs: Promise<void>;
  readonly #waiting = new Set<() => void>();
  #stdout = "";
  /** How much of it was waited for. */
  #seen = 0;
  #stderr = "";
  #late = false;

  private constructor(process: Deno.ChildProcess, folder: string, deadlineMs: number) {
    this.#process = process;
    this.#folder = folder;
    this.#deadline = setTimeout(() => {
      this.#late = true;
      this.#kill();
    }, deadlineMs);
    this.#outputs = this.#readAll();
  }

  /** Starts a program of a client that is installed. */
  static async start(client: Client, options: ProgramOptions): Promise<ClientProgram> {
    const { name, args = [], edit = (source) => source, deadlineMs } = options;
    const file = new URL(`${client.folder}/${name}.${client.extension}`, import.meta.url);
    const source = edit(await Deno.readTextFile(file));
    return await ClientProgram.startSource(client.command!, source, args, deadlineMs);
  }

  /** Starts any program. */
  static async startSource(
    command: Command,
    source: string,
    args: readonly string[],
    deadlineMs: number,
  ): Promise<ClientProgram> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-client-" });
    const run = await command(source, folder);
    const process = new Deno.Command(run.command, {
      args: [...run.args, ...args],
      ...(run.cwd !== undefined && { cwd: run.cwd }),
      ...(run.env !== undefined && { env: run.env }),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      detached: true, // a process group of its own
    }).spawn();
    return new ClientProgram(process, folder, deadlineMs);
  }

  /** Waits until it has printed this, after what was waited for before. */
  async prints(text: string): Promise<void> {
    let ended = false;
    this.#outputs.then(() => ended = true);
    while (!this.#stdout.includes(text, this.#seen)) {
      if (ended) this.#fail(`ended without ${JSON.stringify(text)}`);
      const { promise: more, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await Promise.race([more, this.#outputs]);
      this.#waiting.delete(resolve);
    }
    this.#seen = this.#stdout.indexOf(text, this.#seen) + text.length;
  }

  /** Writes to its standard input. */
  async write(text: string): Promise<void> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode(text));
    writer.releaseLock();
  }

  /** Waits until it has ended well; all that it printed. */
  async output(): Promise<string> {
    const { code, success } = await this.#process.status;
    await this.#outputs;
    if (this.#late) this.#fail("was not done in time");
    if (!success) this.#fail(`ended with code ${code}`);
    return this.#stdout;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#deadline);
    this.#kill();
    await this.#process.stdin.close().catch(() => {}); // it no longer reads
    await this.#process.status;
    await this.#outputs;
    await Deno.remove(this.#folder, { recursive: true });
  }

  #fail(what: string): never {
    assert.fail(`The program ${what}. It printed:\n${this.#stdout}${this.#stderr}`);
  }

  #kill(): void {
    try {
      Deno.kill(-this.#process.pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it has ended
    }
  }

  async #readAll(): Promise<void> {
    await Promise.all([
      this.#read(this.#process.stdout, (text) => this.#stdout += text),
      this.#read(this.#process.stderr, (text) => this.#stderr += text),
    ]);
  }

  async #read(
    stream: ReadableStream<Uint8Array<ArrayBuffer>>,
    keep: (text: string) => void,
  ): Promise<void> {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      keep(text);
      for (const wake of this.#waiting) wake();
    }
  }
}
