/**
 * Well-behaved clients of a gateway that others flood: none of them may see an error, or wait.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { uniqueName } from "../support/gateway.ts";
import { ack, mustPop } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import { pause } from "./load.ts";

const PING_EVERY_MS = 5;
/** What the one who pings may have to wait. */
const LONGEST_STALL_MS = 100;
/** A machine that is as slow for a gateway that does nothing at that moment is the reason. */
const CONTROL_STALL_MS = 50;

interface Stall {
  readonly fromMs: number;
  readonly toMs: number;
}

/** A client that pings, a producer, and a worker; and one that pings a gateway that nobody floods. */
export class Witnesses implements AsyncDisposable {
  readonly problems: string[] = [];
  readonly #idle: Program;
  readonly #program: Program;
  readonly #stalls: Stall[] = [];
  readonly #controlStalls: Stall[] = [];
  #confirmed = 0;
  #ended = false;
  #running: Promise<unknown> = Promise.resolve();

  private constructor(program: Program, idle: Program) {
    this.#program = program;
    this.#idle = idle;
  }

  /** They begin. */
  static async of(program: Program): Promise<Witnesses> {
    const witnesses = new Witnesses(program, await Program.start(["--dev"]));
    const begun = Promise.withResolvers<void>();
    witnesses.#running = Promise.all([
      witnesses.#observe("a client that pings", () => witnesses.#ping(program, witnesses.#stalls)),
      witnesses.#observe(
        "the control",
        () => witnesses.#ping(witnesses.#idle, witnesses.#controlStalls),
      ),
      witnesses.#observe("a producer and its worker", () => witnesses.#work(begun.resolve)),
    ]).finally(begun.resolve);
    await begun.promise;
    return witnesses;
  }

  /** They end; what they have seen. A stall is a problem where it is judged: a short form may run beside much else. */
  async end(judgesStalls: boolean): Promise<Record<string, string | number>> {
    this.#ended = true;
    await this.#running;
    for (const stall of this.#stalls) {
      if (!judgesStalls || lengthOf(stall) <= LONGEST_STALL_MS || this.#machineStalled(stall)) {
        continue;
      }
      this.problems.push(`PING took ${Math.round(lengthOf(stall))} ms`);
    }
    const bugs = this.#program.log.split("\n").filter((line) => line.includes("Bug"));
    this.problems.push(...bugs);
    return {
      "messages of witnesses": this.#confirmed,
      "longest PING": longest(this.#stalls),
      "of an idle gateway beside it": longest(this.#controlStalls),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#running;
    await this.#idle[Symbol.asyncDispose]();
  }

  async #observe(who: string, live: () => Promise<void>): Promise<void> {
    try {
      await live();
    } catch (error) {
      this.problems.push(`${who}: ${(error as Error).message}`);
    }
  }

  async #ping(program: Program, stalls: Stall[]): Promise<void> {
    using client = await program.connect();
    while (!this.#ended) {
      const fromMs = performance.now();
      assert.equal(await client.ask("PING"), "+PONG\r\n");
      stalls.push({ fromMs, toMs: performance.now() });
      await pause(PING_EVERY_MS);
    }
  }

  async #work(begun: () => void): Promise<void> {
    using producer = await this.#program.connect();
    using worker: TestClient = await this.#program.connect();
    const topic = uniqueName("witness");
    await worker.ask("CLIENT", "SETNAME", `${topic}:worker`);
    for (let number = 0; !this.#ended; number++) {
      const value = `value ${number}`;
      assert.equal(await producer.ask("RPUSHX", `topics:${topic}:key`, value), ":1\r\n");
      assert.equal(await producer.ask("WAIT", 1, 10_000), ":1\r\n");
      const message = await mustPop(worker, topic);
      assert.equal(message.value, value);
      assert.equal(await ack(worker, message), ":1\r\n");
      this.#confirmed++;
      begun();
    }
  }

  #machineStalled({ fromMs, toMs }: Stall): boolean {
    return this.#controlStalls.some((control) =>
      lengthOf(control) > CONTROL_STALL_MS && control.fromMs < toMs && fromMs < control.toMs
    );
  }
}

function lengthOf({ fromMs, toMs }: Stall): number {
  return toMs - fromMs;
}

function longest(stalls: readonly Stall[]): string {
  return `${Math.round(stalls.reduce((most, stall) => Math.max(most, lengthOf(stall)), 0))} ms`;
}
