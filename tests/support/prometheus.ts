/**
 * Prometheus itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import { getJson } from "./http.ts";
import { signalProcess } from "./signal_process.ts";

/** A running Prometheus that scrapes once a second. */
export class Prometheus implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #folder: string;
  readonly #log: Promise<string>;
  /** Of its own API. */
  readonly port: number;

  private constructor(
    process: Deno.ChildProcess,
    folder: string,
    log: Promise<string>,
    port: number,
  ) {
    this.#process = process;
    this.#folder = folder;
    this.#log = log;
    this.port = port;
  }

  /** Starts it; `target` is what it scrapes. */
  static async start(target: string): Promise<Prometheus> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-prometheus-" });
    const job = { job_name: "rafka", static_configs: [{ targets: [target] }] };
    const config = { global: { scrape_interval: "1s" }, scrape_configs: [job] };
    await Deno.writeTextFile(`${folder}/prometheus.yml`, JSON.stringify(config)); // JSON is YAML
    const process = new Deno.Command("prometheus", {
      args: [
        `--config.file=${folder}/prometheus.yml`,
        `--storage.tsdb.path=${folder}/data`,
        "--web.listen-address=127.0.0.1:0",
      ],
      stdin: "null",
      stdout: "null",
      stderr: "piped",
    }).spawn();
    const { promise: listening, resolve } = Promise.withResolvers<number | undefined>();
    const log = readAll(process.stderr, (text) => {
      const port = /Listening on"? address=127\.0\.0\.1:(\d+)/.exec(text)?.[1];
      if (port && text.includes("Server is ready")) resolve(Number(port));
    });
    void log.then(() => resolve(undefined));
    const port = await listening;
    if (port === undefined) throw new Error(`Prometheus has ended:\n${await log}`);
    return new Prometheus(process, folder, log, port);
  }

  /** The value of a query that has one; of the first series, if there are several. */
  async query(query: string): Promise<number | undefined> {
    const path = `/api/v1/query?query=${encodeURIComponent(query)}`;
    const { status, data } = await getJson(this.port, path);
    assert.equal(status, "success");
    const [first] = data.result;
    return first && Number(first.value[1]);
  }

  /** Ends it. */
  async [Symbol.asyncDispose](): Promise<void> {
    signalProcess(this.#process);
    await this.#process.status;
    await this.#log;
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function readAll(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  onText: (text: string) => void,
): Promise<string> {
  let log = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    log += text;
    onText(log);
  }
  return log;
}
