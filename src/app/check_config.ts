/**
 * `--check-config`: reports all problems and warnings of a configuration together. Connects to nothing.
 *
 * @module
 */

import { configError, examineConfig } from "../config/load.ts";
import type { ConfigText } from "../config/source.ts";
import type { Library } from "../ffi/library.ts";
import { QueueEvents } from "../kafka/client/queue_events.ts";
import { KafkaEvents } from "../telemetry/kafka_events.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import type { SecretReader } from "../config/secret_values.ts";
import { accessWarnings, userProblems } from "./users.ts";
import { listenProblems, tlsWarnings } from "./listeners.ts";
import { settingProblems, settingWarnings } from "../config/kafka_check.ts";

/**
 * Checks a configuration.
 *
 * @returns the warnings and the result, one line each
 * @throws {ConfigError} listing every problem
 */
export async function checkConfig(
  { text, source }: ConfigText,
  library: Library,
  { dev, secrets }: { dev: boolean; secrets?: SecretReader },
): Promise<string> {
  const { config, problems, hasAllBrokers } = examineConfig(text, source, secrets);
  const queueEvents = await QueueEvents.open(library);
  const observer = new KafkaEvents(new Telemetry(0));
  try {
    // unreadable bootstrap servers are not reported as missing
    const options = { needsBrokers: !dev && hasAllBrokers };
    problems.push(...await settingProblems({ library, queueEvents, observer }, config, options));
  } finally {
    observer.close();
    await queueEvents.close();
  }
  problems.push(...userProblems(config), ...listenProblems(config, library));
  if (problems.length > 0) throw configError(source, problems);
  const all = [
    ...settingWarnings(config, library),
    ...accessWarnings(config),
    ...tlsWarnings(config, library),
  ];
  const warnings = all.map((warning) => `warning: ${warning}\n`);
  return `${warnings.join("")}Nothing is wrong with ${source}\n`;
}
