/**
 * One run of load/pop.c: a connection that pops as fast as it can.
 *
 * @module
 */
import { pop } from "./tools.ts";

const DEADLINE_MS = 120_000;

/** What it is to do. */
export interface PopOptions {
  readonly count: number;
  /** Requests that wait for their replies. */
  readonly inFlight: number;
  /** For CLIENT SETNAME, or `-`. */
  readonly name: string;
  readonly command: readonly string[];
}

/** A connection that has its first message. */
export class Pop implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #stderr: Promise<string>;
  readonly #timer: ReturnType<typeof setTimeout>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
    this.#stderr = new Response(process.stderr).text();
    this.#timer = setTimeout(() => this.#kill(), DEADLINE_MS);
  }

  /** Connects and waits for the first message. */
  static async start(port: number, options: PopOptions): Promise<Pop> {
    const { count, inFlight, name, command } = options;
    const args = [port, count, inFlight].map(String);
    const process = new Deno.Command(await pop(), {
      args: [...args, name, ...command],
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const started = new Pop(process);
    if (!(await started.#line()).startsWith("ready")) await started.#fail();
    return started;
  }

  /** Pops all the others. */
  async finish(): Promise<{ messages: number; seconds: number }> {
    const writer = this.#process.stdin.getWriter();
    await writer.write(new TextEncoder().encode("\n"));
    const result = /^(\d+) messages in ([\d.]+) seconds\n/.exec(await this.#line());
    await writer.close();
    if (!result) return await this.#fail();
    return { messages: Number(result[1]), seconds: Number(result[2]) };
  }

  /** Ends it, in case that it has not ended by itself. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#kill();
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
    throw new Error(`pop ended with ${code}: ${(await this.#stderr).trim()}`);
  }

  #kill(): void {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // "has already terminated"
    }
  }
}
