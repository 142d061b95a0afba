/**
 * Principals beside the gateway's own: users with settings of librdkafka of their own (`server.userKafka`).
 *
 * @module
 */

import { overlaid } from "../kafka/client/login_settings.ts";
import type { KafkaSection } from "./kafka_section.ts";
import type { Config } from "./load.ts";

/** Users that are one principal to Kafka, as they have the same settings. */
export interface ConfiguredPrincipal {
  /** The name of the first of its users. */
  readonly name: string;
  /** In the order of the configuration. */
  readonly users: readonly string[];
  /** Settings for its consumers. */
  readonly consumer: KafkaSection;
  /** Settings for its producers. */
  readonly producer: KafkaSection;
}

/** The principals of a configuration. Users whose settings are empty have the gateway's. */
export function configuredPrincipals(
  { consumer, producer, userKafka }: Pick<Config, "consumer" | "producer" | "userKafka">,
): ConfiguredPrincipal[] {
  const own = Object.entries(userKafka).filter(([, settings]) => Object.keys(settings).length > 0);
  const bySettings = Map.groupBy(own, ([, settings]) => sameText(settings));
  return [...bySettings.values()].map((same) => {
    const [[name, settings]] = same as [typeof own[number]];
    return {
      name,
      users: same.map(([user]) => user),
      consumer: overlaid(consumer, settings),
      producer: overlaid(producer, settings),
    };
  });
}

/** The same for the same settings. */
function sameText(settings: KafkaSection): string {
  return JSON.stringify(Object.entries(settings).sort(([a], [b]) => a < b ? -1 : 1));
}
