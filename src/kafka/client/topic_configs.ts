/**
 * Configurations of topics (https://kafka.apache.org/documentation/#topicconfigs). Kafka knows the keys and checks the
 * values: its words are passed on.
 *
 * @module
 */

import {
  ERR_UNKNOWN_TOPIC_OR_PART,
  RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS,
  RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS,
  RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE,
  RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET,
  RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
  RD_KAFKA_RESOURCE_TOPIC,
} from "../../ffi/constants.ts";
import { fromCString, toCString } from "../../ffi/memory.ts";
import { type AdminCalls, pointerArray, readPointers } from "./admin_calls.ts";
import { checkErrorObject, type KafkaError, kafkaError } from "./error.ts";

/** A key of a topic's configuration. */
export interface TopicConfig {
  /** E.g. `retention.ms`. */
  readonly name: string;
  /** undefined for none. */
  readonly value: string | undefined;
  /** It is set for this topic; else it is the broker's. */
  readonly isOwn: boolean;
}

/** A change of a key; without a value it gets its default. */
export type TopicConfigChange = readonly [name: string, value: string | undefined];

/**
 * The configuration of a topic, by name; undefined if there is no such topic.
 *
 * @throws {KafkaError} when Kafka refuses it
 */
export async function describeTopicConfigs(
  calls: AdminCalls,
  topic: string,
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<TopicConfig[] | undefined> {
  const { client } = calls;
  const { pointer, library: { symbols } } = client;
  const resource = symbols.rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, toCString(topic));
  try {
    return await calls.call(
      { operation: RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, timeoutMs },
      (...rest) => symbols.rd_kafka_DescribeConfigs(pointer, pointerArray(resource), 1n, ...rest),
      (event) => {
        const [described] = readPointers(
          client,
          (count) => symbols.rd_kafka_DescribeConfigs_result_resources(event, count),
        );
        const error = errorOf(calls, described!);
        if (error?.code === ERR_UNKNOWN_TOPIC_OR_PART) return undefined;
        if (error) throw error;
        return readEntries(calls, described!);
      },
    );
  } finally {
    symbols.rd_kafka_ConfigResource_destroy(resource);
  }
}

/**
 * Changes keys of a topic's configuration, all or none; others stay as they are.
 *
 * @throws {KafkaError} when Kafka refuses it
 */
export async function alterTopicConfigs(
  calls: AdminCalls,
  topic: string,
  changes: readonly TopicConfigChange[],
  { timeoutMs }: { readonly timeoutMs: number },
): Promise<void> {
  const { client } = calls;
  const { pointer, library } = client;
  const { symbols } = library;
  const alter = calls.required(symbols.rd_kafka_IncrementalAlterConfigs);
  const resource = symbols.rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, toCString(topic));
  try {
    for (const [name, value] of changes) {
      const error = symbols.rd_kafka_ConfigResource_add_incremental_config!(
        resource,
        toCString(name),
        value === undefined
          ? RD_KAFKA_ALTER_CONFIG_OP_TYPE_DELETE
          : RD_KAFKA_ALTER_CONFIG_OP_TYPE_SET,
        toCString(value ?? ""),
      );
      checkErrorObject(library, error);
    }
    await calls.call(
      { operation: RD_KAFKA_ADMIN_OP_INCREMENTALALTERCONFIGS, timeoutMs },
      (...rest) => alter(pointer, pointerArray(resource), 1n, ...rest),
      (event) => {
        const [altered] = readPointers(
          client,
          (count) => symbols.rd_kafka_IncrementalAlterConfigs_result_resources!(event, count),
        );
        const error = errorOf(calls, altered!);
        if (error) throw error;
      },
    );
  } finally {
    symbols.rd_kafka_ConfigResource_destroy(resource);
  }
}

function errorOf({ client: { library } }: AdminCalls, resource: Deno.PointerValue):
  | KafkaError
  | undefined {
  const { symbols } = library;
  const code = symbols.rd_kafka_ConfigResource_error(resource);
  if (code === 0) return undefined;
  const message = fromCString(symbols.rd_kafka_ConfigResource_error_string(resource));
  return kafkaError(library, code, { message });
}

function readEntries({ client }: AdminCalls, resource: Deno.PointerValue): TopicConfig[] {
  const { symbols } = client.library;
  return readPointers(client, (count) => symbols.rd_kafka_ConfigResource_configs(resource, count))
    .map((entry) => {
      const value = symbols.rd_kafka_ConfigEntry_value(entry);
      const source = symbols.rd_kafka_ConfigEntry_source(entry);
      return {
        name: fromCString(symbols.rd_kafka_ConfigEntry_name(entry)),
        value: value === null ? undefined : fromCString(value),
        isOwn: source === RD_KAFKA_CONFIG_SOURCE_DYNAMIC_TOPIC_CONFIG,
      };
    })
    .sort((a, b) => a.name < b.name ? -1 : 1);
}
