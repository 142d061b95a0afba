/**
 * The Rafka that is measured: a process started as `deno task start` does it, of this checkout or of another.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { startFlagsOf } from "../../tasks/start_flags.ts";
import { TaskError } from "../../tasks/say.ts";
import type { TestConfig } from "../support/kafka.ts";
import { TestClient } from "../support/client.ts";
import { connectTo } from "../support/shared_port.ts";
import { until } from "../support/gateway.ts";
import { type Launcher, Program, runProgram } from "../support/program.ts";
import type { Broker } from "./broker.ts";
import { type Presets, readPresets } from "./presets.ts";
import { usageOf } from "./process.ts";

/** Whether each connection has a producer of its own, or all have one. */
export type ProducerMode = "own" | "shared";

const SHARED = { server: { producerMode: "shared" } };
const ON_ONE_PORT = { server: { reusePort: true } };
const EXIT_USAGE = 2;
/** How long messages may be under way after a round. */
const DELIVERY_DEADLINE_MS = 60_000;

/** A checkout of Rafka. */
export class Checkout {
  /** Its folder. */
  readonly root: string;
  /** What it sets where librdkafka has other defaults. */
  readonly presets: Presets;
  /** Starts its program. */
  readonly launcher: Launcher;
  /** Whether its connections can share a producer. */
  readonly canShare: boolean;
  /** Whether several can listen on one port. */
  readonly canSharePort: boolean;

  private constructor(
    root: string,
    launcher: Launcher,
    can: { readonly share: boolean; readonly sharePort: boolean },
    presets: Presets,
  ) {
    this.root = root;
    this.launcher = launcher;
    this.canShare = can.share;
    this.canSharePort = can.sharePort;
    this.presets = presets;
  }

  /** Looks into a folder; asks its Rafka what it can do. */
  static async open(folder: string): Promise<Checkout> {
    const root = await Deno.realPath(folder).catch(() => {
      throw new TaskError(`--rafka is '${folder}': there is no such folder`);
    });
    const launcher = await launcherOf(root);
    const takes = async (config: TestConfig): Promise<boolean> => {
      const env = { RAFKA_CONFIG_JSON: JSON.stringify(config) };
      const { code, stderr } = await runProgram(["--dev", "--check-config"], env, launcher);
      const isRefused = code === EXIT_USAGE && stderr.includes("no such key");
      if (code === 0 || isRefused) return code === 0;
      throw new TaskError(`The Rafka of ${folder} fails:\n${stderr}`);
    };
    const can = { share: await takes(SHARED), sharePort: await takes(ON_ONE_PORT) };
    const presets = await readPresets(root, openLibrary(libraryCandidates(undefined)));
    return new Checkout(root, launcher, can, presets);
  }

  /** Starts several on one port, which share a producer each. */
  async startOnOnePort(broker: Broker, count: number): Promise<MeasuredRafka[]> {
    const first = await this.start(broker, "shared", ON_ONE_PORT);
    const started = [first];
    const args = ["--port", String(first.port)];
    while (started.length < count) {
      started.push(await this.start(broker, "shared", ON_ONE_PORT, args));
    }
    return started;
  }

  /** Starts its Rafka on a broker. */
  async start(
    broker: Broker,
    mode: ProducerMode,
    config: TestConfig = {},
    args: readonly string[] = [],
  ): Promise<MeasuredRafka> {
    const merged = {
      general: { "bootstrap.servers": broker.bootstrapServers, ...config.general },
      consumer: { ...broker.consumerSettings, ...config.consumer },
      producer: { ...config.producer },
      server: { ...(mode === "shared" && SHARED.server), ...config.server },
    };
    const env = { RAFKA_CONFIG_JSON: JSON.stringify(merged) };
    return await MeasuredRafka.start(await Program.start(args, env, this.launcher));
  }
}

async function launcherOf(root: string): Promise<Launcher> {
  const project = await Deno.readTextFile(`${root}/deno.json`).then(JSON.parse).catch(() => {
    throw new TaskError(`--rafka is '${root}': there is no checkout of Rafka`);
  });
  const args = ["run", ...startFlagsOf(project), "src/main.ts"];
  return (more, env) => ({ command: Deno.execPath(), args: [...args, ...more], cwd: root, env });
}

/** Its counters, by name. */
export type Counters = Readonly<Record<string, number>>;

/** A running Rafka and a connection that looks at it. */
export class MeasuredRafka implements AsyncDisposable {
  readonly port: number;
  /** With TLS; undefined without it. */
  readonly tlsPort: number | undefined;
  /** For monitors; undefined without it. */
  readonly httpPort: number | undefined;
  readonly pid: number;
  readonly #program: Program;
  readonly #client: TestClient;

  private constructor(program: Program, client: TestClient) {
    this.port = program.port;
    this.tlsPort = portIn(program.log, /:(\d+) \(TLS\)/);
    this.httpPort = portIn(program.log, /http:\/\/[^/]+:(\d+)\//);
    this.pid = program.pid;
    this.#program = program;
    this.#client = client;
  }

  /** Connects to a program that listens. */
  static async start(program: Program): Promise<MeasuredRafka> {
    return new MeasuredRafka(program, await connectTo(program));
  }

  /** HGETALL stats. */
  async counters(): Promise<Counters> {
    const words = (await this.#client.ask("HGETALL", "stats")).split("\r\n").slice(1);
    const texts = words.filter((word) => word !== "" && !word.startsWith("$"));
    return Object.fromEntries(
      Array.from({ length: texts.length / 2 }, (_, i) => [texts[2 * i]!, Number(texts[2 * i + 1])]),
    );
  }

  /** Whether it knows a command. */
  async knows(command: string): Promise<boolean> {
    return !(await this.#client.ask(command)).startsWith("-ERR unknown command");
  }

  /** Sends a command and returns the reply as it is on the wire. */
  ask(...args: (string | number)[]): Promise<string> {
    return this.#client.ask(...args);
  }

  /** Begins to count anew. */
  async resetCounters(): Promise<void> {
    assert.equal(await this.#client.ask("DEL", "stats"), ":1\r\n");
  }

  /** Waits until Kafka has so many messages since the counters were reset; none may have been lost. */
  async delivered(count: number): Promise<void> {
    let counters: Counters = {};
    await until(
      async () => {
        counters = await this.counters();
        return sum(counters, "delivered.messages", "delivery.errors", "unflushed.messages") >=
          count;
      },
      `the delivery of ${count} messages`,
      DELIVERY_DEADLINE_MS,
    ).catch((error) => {
      throw new Error(`${error.message}: ${JSON.stringify(counters)}\n${this.#program.log}`);
    });
    const isAll = counters["producer.produced.messages"] === count &&
      counters["producer.delivered.messages"] === count;
    if (!isAll) {
      throw new Error(
        `Not all of ${count} messages were delivered: ${JSON.stringify(counters)}\n` +
          lastLines(this.#program.log),
      );
    }
  }

  /** CPU time, memory and threads of its process. */
  usage(): ReturnType<typeof usageOf> {
    return usageOf(this.pid);
  }

  /** Ends it, by force. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    await this.#program[Symbol.asyncDispose]();
  }
}

function portIn(log: string, pattern: RegExp): number | undefined {
  const port = pattern.exec(log)?.[1];
  return port === undefined ? undefined : Number(port);
}

function sum(counters: Counters, ...names: string[]): number {
  return names.reduce((total, name) => total + (counters[`producer.${name}`] ?? 0), 0);
}

function lastLines(log: string): string {
  return log.trimEnd().split("\n").slice(-5).join("\n");
}
