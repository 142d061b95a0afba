/**
 * Redis: the opponent, and its redis-benchmark, which puts the same load on either side.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import type { Certificate } from "../support/certificates.ts";
import { freePort, RedisServer } from "../support/redis_server.ts";
import { run, usageOf } from "./process.ts";

const MAX_BULK_BYTES = 512 * 1024 * 1024;

/** A running redis-server and a connection to it. */
export class MeasuredRedis implements AsyncDisposable {
  readonly port: number;
  /** With TLS; undefined without it. */
  readonly tlsPort: number | undefined;
  readonly #server: RedisServer;
  readonly #client: TestClient;

  private constructor(server: RedisServer, client: TestClient, tlsPort: number | undefined) {
    this.port = server.port;
    this.tlsPort = tlsPort;
    this.#server = server;
    this.#client = client;
  }

  /** Starts it on a free port, with nothing stored. */
  static async start(
    certificate?: Certificate & { readonly caFile: string },
  ): Promise<MeasuredRedis> {
    const tlsPort = certificate && freePort();
    const settings = certificate && {
      "tls-port": tlsPort!,
      "tls-cert-file": certificate.certFile,
      "tls-key-file": certificate.keyFile,
      "tls-ca-cert-file": certificate.caFile,
      "tls-auth-clients": "no",
    };
    const server = await RedisServer.start(MAX_BULK_BYTES, settings);
    return new MeasuredRedis(server, await TestClient.connect(server.port), tlsPort);
  }

  /** Checks the length of a list and removes it, so that every round begins with the same memory. */
  async takeList(key: string, length: number): Promise<void> {
    const found = await this.#client.ask("LLEN", key);
    await this.#client.ask("DEL", key);
    assert.ok(found === `:${length}\r\n`, `the list has ${found.trim()} values and not ${length}`);
  }

  /** Checks the length of a stream and removes it. */
  async takeStream(key: string, length: number): Promise<void> {
    const found = await this.#client.ask("XLEN", key);
    await this.#client.ask("DEL", key);
    assert.ok(found === `:${length}\r\n`, `the stream has ${found.trim()} entries, not ${length}`);
  }

  /** Sends a command and returns the reply as it is on the wire. */
  ask(...args: (string | number)[]): Promise<string> {
    return this.#client.ask(...args);
  }

  /** CPU time, memory and threads of its process. */
  usage(): ReturnType<typeof usageOf> {
    return usageOf(this.#server.pid);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#client[Symbol.dispose]();
    await this.#server[Symbol.asyncDispose]();
  }
}

/** What redis-benchmark does. */
export interface Load {
  readonly requests: number;
  readonly connections: number;
  readonly pipeline?: number;
  /** A connection for each request. */
  readonly reconnects?: boolean;
  readonly valueBytes: number;
  /** The CA of the server, for TLS. */
  readonly caFile?: string | undefined;
}

/** At least so many requests: redis-benchmark sends whole pipelines. */
export function wholePipelines(requests: number, pipeline: number): number {
  return Math.ceil(requests / pipeline) * pipeline;
}

/**
 * Sends a command with a value, again and again.
 *
 * @param command all but the value, which comes last
 * @returns requests a second
 * @throws when a reply is an error
 */
export async function redisBenchmark(
  port: number,
  command: readonly string[],
  { requests, connections, pipeline = 1, reconnects = false, valueBytes, caFile }: Load,
): Promise<number> {
  const output = await run("redis-benchmark", [
    ...["-p", String(port), "-n", String(requests), "-c", String(connections)],
    ...["-P", String(pipeline), "-k", reconnects ? "0" : "1"],
    ...caFile === undefined ? [] : ["--tls", "--cacert", caFile],
    ...["--csv", "-x", ...command],
  ], { stdin: new Uint8Array(valueBytes).fill("x".charCodeAt(0)) });
  const rate = /^"[^"]*","([\d.]+)"/m.exec(output.trim().split("\n").at(-1)!)?.[1];
  assert.ok(rate, `redis-benchmark printed no rate:\n${output}`);
  return Number(rate);
}
