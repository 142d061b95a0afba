/**
 * A member of a group that knows nothing of Rafka: kcat, which commits what it has printed.
 *
 * It leaves when it has had so many messages: a signal would make it drop, and commit, the one that it has just taken.
 *
 * @module
 */
import { signalProcess } from "../support/signal_process.ts";

/** As a gateway's groups have it; Debian's kcat takes another one by default. */
const STRATEGY = "cooperative-sticky";
const SESSION_MS = 6_000;

/** One member, until it has had its messages. */
export class NativeConsumer implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<void>;

  /** Joins; `consumed` gets what it is given, one message at a time, `count` in all. */
  constructor(
    brokers: string,
    group: string,
    topic: string,
    count: number,
    consumed: (message: { partition: number; offset: number }) => void,
  ) {
    const settings = {
      "partition.assignment.strategy": STRATEGY,
      "session.timeout.ms": SESSION_MS,
      "auto.offset.reset": "earliest",
    };
    this.#process = new Deno.Command("kcat", {
      args: [
        ...["-b", brokers, "-q", "-u", "-c", String(count), "-f", "%p %o\n"],
        ...Object.entries(settings).flatMap(([name, value]) => ["-X", `${name}=${value}`]),
        ...["-G", group, topic],
      ],
      stdin: "null",
      stdout: "piped",
      stderr: "null", // an assertion of its own as it exits, too
    }).spawn();
    this.#reading = this.#read(consumed);
  }

  /** It has left the group: has committed, and let others have its partitions. */
  async left(): Promise<void> {
    await this.#process.status;
    await this.#reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalProcess(this.#process, "SIGKILL");
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
}
