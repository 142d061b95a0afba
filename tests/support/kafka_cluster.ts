/**
 * A real Kafka for one test, with ports and a folder of its own: where its tool is beside the checkout.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isFile } from "./on_path.ts";

const toolPath = Deno.env.get("RAFKA_TEST_KAFKA") ||
  new URL("../../../shared/tools/kafka", import.meta.url).pathname;

/** Whether a Kafka can be started here. */
export const hasKafkaTool: boolean = isFile(toolPath);

/** Its listeners are 100 apart, its brokers 1; all below the ephemeral ports of systems. */
const PORTS = { first: 20_000, last: 32_000, listeners: [0, 100, 200, 300], brokers: 3 };

/** A running cluster; removed with all its data at the end of the test. */
export class KafkaCluster implements AsyncDisposable {
  /** The folder of logs, data and certificates. */
  readonly dir: string;
  /** Addresses and credentials by the tool's names, e.g. KAFKA_BOOTSTRAP. */
  readonly env: Readonly<Record<string, string>>;

  private constructor(dir: string, env: Readonly<Record<string, string>>) {
    this.dir = dir;
    this.env = env;
  }

  /** Starts one with these options of the tool, e.g. "--tls". */
  static async start(...options: string[]): Promise<KafkaCluster> {
    const dir = await Deno.makeTempDir({ prefix: "rafka-kafka-" });
    try {
      await runTool("start", dir, ["--port", String(freePort()), ...options]);
      const lines = await runTool("env", dir, []);
      const env = [...lines.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name, value]) => [
        name!,
        value!.replaceAll(/\\(.)/g, "$1"), // quoted for a shell
      ]);
      return new KafkaCluster(dir, Object.fromEntries(env));
    } catch (error) {
      await remove(dir);
      throw error;
    }
  }

  /** Without TLS and login. */
  get bootstrapServers(): string {
    return this.env.KAFKA_BOOTSTRAP!;
  }

  /** Runs a verb of the tool, e.g. "topics"; returns its output. */
  run(verb: string, ...args: string[]): Promise<string> {
    return runTool(verb, this.dir, args);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await remove(this.dir);
  }
}

async function runTool(verb: string, dir: string, args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(toolPath, {
    args: [verb, "--dir", dir, ...args],
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.ok(success, `kafka ${verb}: ${decoder.decode(stderr)}`);
  return decoder.decode(stdout);
}

async function remove(dir: string): Promise<void> {
  await runTool("stop", dir, ["--clean"]);
  await Deno.remove(dir, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // --clean has removed it
  });
}

/** A port that is free now, together with the neighbours that the tool uses. */
function freePort(): number {
  for (;;) {
    const first = PORTS.first + Math.floor(Math.random() * (PORTS.last - PORTS.first));
    const ports = PORTS.listeners.flatMap((listener) =>
      Array.from({ length: PORTS.brokers }, (_, broker) => first + listener + broker)
    );
    if (ports.every(isFree)) return first;
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
