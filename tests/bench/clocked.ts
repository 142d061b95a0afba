/**
 * A program in C that takes messages as fast as it can, when it is told to begin: load/pop.c, load/stream.c.
 *
 * @module
 */
import { signalProcess } from "../support/signal_process.ts";

const DEADLINE_MS = 120_000;

/** One that has its first message. */
export class Clocked implements AsyncDisposable {
  readonly #name: string;
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  readonly #timer: ReturnType<typeof setTimeout>;

  private constructor(name: string, process: Deno.ChildProcess) {
    this.#name = name;
    this.#process = process;
    this.#reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(process.stderr).text();
    this.#timer = setTimeout(signalProcess, DEADLINE_MS, process, "SIGKILL");
  }

  /** Starts it and waits until it is ready. */
  static async start(program: string, args: readonly (string | number)[]): Promise<Clocked> {
    const process = new Deno.Command(program, {
      args: args.map(String),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const started = new Clocked(program.split("/").at(-1)!, process);
    if (!(await started.#line()).startsWith("ready")) await started.#fail();
    return started;
  }

  /** Takes all the others. */
  async finish(): Promise<{ messages: number; seconds: number }> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    const result = /^(\d+) \w+ in ([\d.]+) seconds\n/.exec(await this.#line());
    await writer.close();
    if (!result) return await this.#fail();
    return { messages: Number(result[1]), seconds: Number(result[2]) };
  }

  /** Ends it, in case that it has not ended by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    signalProcess(this.#process, "SIGKILL");
    await this.#reader.cancel();
    await this.#process.status;
    await this.#stderr;
  }

  async #line(): Promise<string> {
    return (await this.#reader.read()).value ?? "";
  }

  async #fail(): Promise<never> {
    clearTimeout(this.#timer);
    const { code } = await this.#process.status;
    throw new Error(`${this.#name} ended with ${code}: ${(await this.#stderr).trim()}`);
  }
}
