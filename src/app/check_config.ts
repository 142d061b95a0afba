/**
 * `--check-config`: everything that would stop the start or be warned of, at once. Connects to nothing.
 *
 * @module
 */

import { configError, examineConfig } from "../config/load.ts";
import type { ConfigText } from "../config/source.ts";
import type { Library } from "../ffi/library.ts";
import { QueueEvents } from "../kafka/client/queue_events.ts";
import { KafkaEvents } from "../telemetry/kafka_events.ts";
import { Telemetry } from "../telemetry/telemetry.ts";
import { settingProblems, settingWarnings } from "../config/kafka_check.ts";

/**
 * What the user is told about a configuration that can be used, one line or more.
 *
 * @throws {ConfigError} with every problem of one that can't
 */
export async function checkConfig(
  { text, source }: ConfigText,
  library: Library,
  { dev }: { dev: boolean },
): Promise<string> {
  const { config, problems, hasAllBrokers } = examineConfig(text, source);
  const queueEvents = await QueueEvents.open(library);
  const observer = new KafkaEvents(new Telemetry(0));
  try {
    // of brokers that could not be read it is not said that they are not there
    const options = { needsBrokers: !dev && hasAllBrokers };
    problems.push(...await settingProblems({ library, queueEvents, observer }, config, options));
  } finally {
    observer.close();
    await queueEvents.close();
  }
  if (problems.length > 0) throw configError(source, problems);
  const warnings = settingWarnings(config, library).map((warning) => `warning: ${warning}\n`);
  return `${warnings.join("")}Nothing is wrong with ${source}\n`;
}
