/**
 * What trials of streams begin with: a gateway on the cluster, a topic, values.
 *
 * @module
 */
import { say } from "../../tasks/say.ts";
import { uniqueName } from "../support/gateway.ts";
import { onBrokers, type TestConfig } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import type { Cluster } from "./cluster.ts";

/** A killed member is missed after its session. */
const SESSION = { "session.timeout.ms": 6_000, "heartbeat.interval.ms": 1_000 };

/** A gateway on the cluster. */
export function startGateway(cluster: Cluster, config: TestConfig = {}): Promise<Program> {
  const whole = onBrokers(cluster.bootstrapServers, {
    ...config,
    consumer: { ...SESSION, ...config.consumer },
  });
  return Program.start([], { RAFKA_CONFIG_JSON: JSON.stringify(whole) });
}

/** So many different values. */
export function numbered(count: number, what = "value"): string[] {
  return Array.from({ length: count }, (_, number) => `${what} ${number}`);
}

/** A topic of its own. */
export async function newTopic(
  cluster: Cluster,
  name: string,
  partitions: number,
): Promise<string> {
  const topic = uniqueName(name);
  await cluster.createTopic(topic, partitions);
  return topic;
}

/** The logs of gateways, for whoever looks into a promise that was broken. */
export async function keepLogs(
  problems: readonly string[],
  ...programs: readonly Program[]
): Promise<void> {
  if (problems.length === 0) return;
  const file = await Deno.makeTempFile({ prefix: "stream-", suffix: ".log" });
  await Deno.writeTextFile(file, programs.map(({ log }) => log).join("\n"));
  say(`  the log is in ${file}`);
}
