/**
 * A separate redis-server for comparisons: on a free port, empty, stopped at the end of the test.
 *
 * @module
 */
import assert from "node:assert/strict";
import { signalProcess } from "./signal_process.ts";

const START_MS = 10_000;
const EXCHANGE_MS = 10_000;

/** A running redis-server. */
export class RedisServer {
  /** The port, on 127.0.0.1. */
  readonly port: number;
  readonly #process: Deno.ChildProcess;
  readonly #drained: Promise<void>;

  private constructor(process: Deno.ChildProcess, port: number, drained: Promise<void>) {
    this.#process = process;
    this.port = port;
    this.#drained = drained;
  }

  /**
   * Starts a server and waits until it accepts connections.
   *
   * @param maxBulkBytes its `proto-max-bulk-len`, at least 1 MiB
   * @param settings further configuration that differs from the defaults
   */
  static async start(
    maxBulkBytes: number,
    settings: Readonly<Record<string, string | number>> = {},
  ): Promise<RedisServer> {
    for (let attempt = 1; attempt <= 5; attempt++) {
      const port = freePort();
      const process = spawn(port, { "proto-max-bulk-len": maxBulkBytes, ...settings });
      const timer = setTimeout(signalProcess, START_MS, process);
      const lines = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const ready = await readUntil(lines, "Ready to accept connections");
      clearTimeout(timer);
      if (ready) return new RedisServer(process, port, drain(lines));
      await process.status; // another process took the port in between
    }
    assert.fail("redis-server did not start");
  }

  /** The id of its process. */
  get pid(): number {
    return this.#process.pid;
  }

  /** Sends `bytes`, closes the sending side, and returns all bytes received until the server disconnects. */
  async exchange(bytes: Uint8Array): Promise<Uint8Array> {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port: this.port });
    const timer = setTimeout(() => connection.close(), EXCHANGE_MS);
    try {
      const writer = connection.writable.getWriter();
      await writer.write(bytes);
      writer.releaseLock();
      await connection.closeWrite();
      const answer = await new Response(connection.readable).arrayBuffer();
      return new Uint8Array(answer);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Stops the server and waits for its exit. */
  async [Symbol.asyncDispose](): Promise<void> {
    signalProcess(this.#process);
    await this.#drained;
    await this.#process.status;
  }
}

/** Redis does not support port 0, so this asks the system for a port that is free now. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function spawn(
  port: number,
  settings: Readonly<Record<string, string | number>>,
): Deno.ChildProcess {
  const options = {
    bind: "127.0.0.1",
    port,
    save: "",
    appendonly: "no",
    daemonize: "no",
    ...settings,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  return new Deno.Command("redis-server", { args, stdout: "piped", stderr: "null" }).spawn();
}

/** Reads until `words` were received; false when the stream ends before that. */
async function readUntil(
  lines: ReadableStreamDefaultReader<string>,
  words: string,
): Promise<boolean> {
  let output = "";
  while (!output.includes(words)) {
    const { done, value } = await lines.read();
    if (done) return false;
    output += value;
  }
  return true;
}

/** Keeps the pipe empty, so that the server never blocks on its log. */
async function drain(lines: ReadableStreamDefaultReader<string>): Promise<void> {
  while (!(await lines.read()).done);
}
