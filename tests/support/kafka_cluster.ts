/**
 * A real Kafka of a test's own, on ports and in a folder that nobody else uses: where the tool for that is beside the
 * checkout.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isFile } from "./on_path.ts";

const toolPath = Deno.env.get("RAFKA_TEST_KAFKA") ||
  new URL("../../../shared/tools/kafka", import.meta.url).pathname;

/** A Kafka can be started here. */
export const hasKafkaTool: boolean = isFile(toolPath);

/**
 * Its listeners are 100 apart, its brokers 1; all below the ports that systems give away by themselves. Clusters that
 * start at the same moment share none, or all: that would be a rare chance.
 */
const PORTS = {
  first: 20_000,
  blocks: 30,
  blockSize: 400,
  clusters: 33,
  listeners: [0, 100, 200, 300],
  brokers: 3,
};

/** A running cluster; it is gone with all its data when the test ends. */
export class KafkaCluster implements AsyncDisposable {
  /** Where logs, data and certificates are. */
  readonly dir: string;
  /** Addresses and credentials, by the names that the tool gives them, e.g. KAFKA_BOOTSTRAP. */
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

  /** A verb of the tool, e.g. "topics"; what it prints. */
  run(verb: string, ...args: string[]): Promise<string> {
    return runTool(verb, this.dir, args);
  }

  /** The same, for a verb that takes its time. */
  spawn(verb: string, ...args: string[]): Deno.ChildProcess {
    return new Deno.Command(toolPath, {
      args: [verb, "--dir", this.dir, ...args],
      ...{ stdin: "null", stdout: "null", stderr: "null" },
    }).spawn();
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

/** A port whose neighbours that the tool takes, too, are free now. */
function freePort(): number {
  for (;;) {
    const first = PORTS.first + PORTS.blockSize * below(PORTS.blocks) +
      PORTS.brokers * below(PORTS.clusters);
    const ports = PORTS.listeners.flatMap((listener) =>
      Array.from({ length: PORTS.brokers }, (_, broker) => first + listener + broker)
    );
    if (ports.every(isFree)) return first;
  }
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
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
