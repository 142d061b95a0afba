/**
 * Gateways that listen on one port, each a process: the system gives each connection to one of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, TestClient } from "./client.ts";
import { ConfigFile } from "./config_file.ts";
import type { TestConfig } from "./kafka.ts";
import { Program } from "./program.ts";

/** With two gateways all of these go to one of them once in 2^60 times. */
const MAX_TRIES = 60;

/** Gateways on one port. */
export class SharedPort implements AsyncDisposable {
  readonly port: number;
  readonly #file: ConfigFile;
  readonly #stack: AsyncDisposableStack;

  private constructor(file: ConfigFile, port: number, stack: AsyncDisposableStack) {
    this.#file = file;
    this.port = port;
    this.#stack = stack;
  }

  /** Starts the first one, on a free port, and as many in all. */
  static async start(
    count: number,
    { server, ...config }: TestConfig,
  ): Promise<[SharedPort, ...Program[]]> {
    await using stack = new AsyncDisposableStack();
    const file = stack.use(new ConfigFile({ ...config, server: { ...server, reusePort: true } }));
    const first = stack.use(await Program.start(["--config", file.path]));
    const shared = new SharedPort(file, first.port, stack.move());
    const programs = [first];
    while (programs.length < count) programs.push(await shared.join());
    return [shared, ...programs];
  }

  /** Starts one more. */
  async join(): Promise<Program> {
    const args = ["--config", this.#file.path, "--port", String(this.port)];
    return this.#stack.use(await Program.start(args));
  }

  /** Connects to whichever the system chooses. */
  connect(): Promise<TestClient> {
    return TestClient.connect(this.port);
  }

  /** Connects to this one. */
  connectTo(program: Program): Promise<TestClient> {
    return connectTo(program);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}

/** Connects until it is to this gateway, and not to another one on its port. */
export async function connectTo({ port, pid }: Program): Promise<TestClient> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const client = await TestClient.connect(port);
    if (await pidOf(client) === pid) return client;
    client[Symbol.dispose]();
  }
  assert.fail(`None of ${MAX_TRIES} connections is to the process ${pid}`);
}

/** The process that a connection is to. */
export async function pidOf(client: TestClient): Promise<number> {
  const info = readText(await client.ask("INFO", "server"));
  return Number(/^process_id:(\d+)\r$/m.exec(info)?.[1]);
}
