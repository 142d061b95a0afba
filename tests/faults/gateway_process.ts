/**
 * The gateway of a trial: a process that can be ended gently or killed, and started again; what it has counted and
 * logged over all its lives.
 *
 * @module
 */
import { type Launcher, Program, startArguments } from "../support/program.ts";
import type { TestConfig } from "../support/kafka.ts";
import type { PartitionEvent } from "./check.ts";
import {
  askForCounters,
  askForFailures,
  type Counters,
  type Failures,
  loggedFailures,
  NO_FAILURES,
  together,
} from "./failures.ts";
import { pause } from "./load.ts";

/** The gateway is a group of its own for the kernel, so that its packets, and nobody else's, can be dropped. */
export const GATEWAY_GID = 54_321;

const EXIT_DEADLINE_MS = 60_000;
const POLL_MS = 100;
const project = new URL("../../", import.meta.url);

const inOwnGroup: Launcher = (args, env) => ({
  command: "setpriv",
  args: [`--regid=${GATEWAY_GID}`, "--clear-groups", Deno.execPath(), ...startArguments, ...args],
  cwd: project,
  env,
});

/** One gateway after the other. */
export class GatewayProcess implements AsyncDisposable {
  /** The topic whose failures are of interest. */
  readonly #topic: string;
  readonly #config: TestConfig;
  #program: Program;
  /** Logs of those that have ended. */
  #log = "";
  #ended = false;
  #failures = NO_FAILURES;
  /** When one of them was ended by force. */
  readonly killsMs: number[] = [];
  /** There was one before this one. */
  restarted = false;

  private constructor(topic: string, config: TestConfig, program: Program) {
    this.#topic = topic;
    this.#config = config;
    this.#program = program;
  }

  /** Starts one on a free port. */
  static async start(topic: string, config: TestConfig): Promise<GatewayProcess> {
    return new GatewayProcess(topic, config, await launch(config));
  }

  get pid(): number {
    return this.#program.pid;
  }

  get port(): number {
    return this.#program.port;
  }

  /** All log lines. */
  get log(): string {
    return this.#log + (this.#ended ? "" : this.#program.log);
  }

  /** SIGTERM; what it could not deliver until its end is in the log alone. */
  async stop(): Promise<void> {
    const asked = await this.#askForFailures();
    this.#program.signal("SIGTERM");
    const code = await within(EXIT_DEADLINE_MS, this.#program.exited());
    if (code !== 0) throw new Error(`The gateway ended with ${code}:\n${this.log.slice(-2_000)}`);
    const logged = loggedFailures(this.#program.log, this.#topic);
    this.#failures = together(this.#failures, { ...asked, logged });
    this.#end();
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    this.killsMs.push(performance.now());
    this.#program.signal("SIGKILL");
    await this.#program.exited();
    this.#end();
  }

  /** A new one, after the end of the one before. */
  async restart(): Promise<void> {
    this.#program = await launch(this.#config);
    this.#ended = false;
    this.restarted = true;
  }

  /** Its counters once nothing is under way any more, or as they are at the deadline. */
  async settled(deadlineMs: number): Promise<Counters> {
    using client = await this.#program.connect();
    const deadline = performance.now() + deadlineMs;
    for (;;) {
      const counters = await askForCounters(client);
      const isSettled = counters.produced === counters.delivered + counters.failed;
      if (isSettled || performance.now() > deadline) return counters;
      await pause(POLL_MS);
    }
  }

  /** What those have said that were ended gently; final after `stop`. */
  get failures(): Failures {
    return this.#failures;
  }

  /** Which worker got which partition of a topic, and when, as the log has it. */
  get assignments(): PartitionEvent[] {
    return this.#partitionEvents(/^(\S+) .*Consumer (\S+) is assigned (.*)$/gm);
  }

  /** Which worker has given up which partition, and when, as the log has it. */
  get givenUp(): PartitionEvent[] {
    return this.#partitionEvents(/^(\S+) .*Consumer (\S+) gives up (.*)$/gm);
  }

  /** Which worker's commit Kafka has refused for which partition, and when; or has not taken before the worker's end. */
  get refusedCommits(): PartitionEvent[] {
    return [
      ...this.#partitionEvents(/^(\S+) .*Consumer (\S+) could not commit (.*?): /gm),
      ...this.#endsWithoutCommit(),
    ];
  }

  #endsWithoutCommit(): PartitionEvent[] {
    const { assignments } = this;
    const lines = this.log.matchAll(/^(\S+) .*Consumer (\S+) could not leave its group/gm);
    return [...lines].flatMap(([, time, worker]) => {
      const atMs = Date.parse(time!) - performance.timeOrigin;
      return assignments.filter((one) => one.worker === worker && one.atMs <= atMs)
        .map(({ partition }) => ({ worker: worker!, partition, atMs }));
    });
  }

  /** `line` has the time, the worker, and partitions as `<topic>[0,1] <topic>[2]`. */
  #partitionEvents(line: RegExp): PartitionEvent[] {
    return [...this.log.matchAll(line)].flatMap(([, time, worker, partitions]) => {
      const numbers = partitions!.split(" ").find((part) => part.startsWith(`${this.#topic}[`));
      const atMs = Date.parse(time!) - performance.timeOrigin;
      return (numbers?.slice(this.#topic.length + 1, -1).split(",") ?? [])
        .map((partition) => ({ worker: worker!, partition: Number(partition), atMs }));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#program[Symbol.asyncDispose]();
  }

  #end(): void {
    this.#log += this.#program.log;
    this.#ended = true;
  }

  async #askForFailures(): Promise<Omit<Failures, "logged">> {
    using client = await this.#program.connect();
    return await askForFailures(client, this.#topic);
  }
}

function launch(config: TestConfig): Promise<Program> {
  return Program.start([], { RAFKA_CONFIG_JSON: JSON.stringify(config) }, inOwnGroup);
}

async function within<T>(deadlineMs: number, promise: Promise<T>): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms`)), deadlineMs);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
