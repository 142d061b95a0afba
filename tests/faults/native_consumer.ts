/**
 * A member of a group that knows nothing of Rafka: kcat, which commits what it has printed.
 *
 * @module
 */

/** As a gateway's groups have it; Debian's kcat takes another one by default. */
const STRATEGY = "cooperative-sticky";
const SESSION_MS = 6_000;

/** One member, until it is stopped. */
export class NativeConsumer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #said = "";

  /** Joins; `consumed` gets what it is given, one message at a time. */
  constructor(
    brokers: string,
    group: string,
    topic: string,
    consumed: (message: { partition: number; offset: number }) => void,
  ) {
    const settings = {
      "partition.assignment.strategy": STRATEGY,
      "session.timeout.ms": SESSION_MS,
      "auto.offset.reset": "earliest",
    };
    this.#process = new Deno.Command("kcat", {
      args: [
        ...["-b", brokers, "-q", "-u", "-f", "%p %o\n"],
        ...Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]),
        ...["-G", group, topic],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([this.#read(consumed), this.#readErrors()]);
  }

  /** What it has printed of errors and rebalances. */
  get said(): string {
    return this.#said;
  }

  /** Leaves the group: commits, and lets others have its partitions. */
  async stop(): Promise<void> {
    this.#process.kill("SIGTERM");
    await this.#process.status;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    await this.#process.status;
    await this.#reading;
  }

  async #read(
    consumed: (message: { partition: number; offset: number }) => void,
  ): Promise<void> {
    let rest = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + text).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const [partition = NaN, offset = NaN] = line.split(" ").map(Number);
        consumed({ partition, offset });
      }
    }
  }

  async #readErrors(): Promise<void> {
    for await (const text of this.#process.stderr.pipeThrough(new TextDecoderStream())) {
      this.#said += text;
    }
  }
}
