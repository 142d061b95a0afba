/**
 * A section of librdkafka's settings. librdkafka itself checks names and values, see kafka_check.ts.
 *
 * @module
 */

import * as z from "zod";
import { secretPlace } from "./secret_values.ts";
import { anObject } from "./setting_types.ts";

/** librdkafka settings by name, as in the file. */
export type KafkaSection = Readonly<Record<string, string | number | boolean>>;

const value = z.union([z.string(), z.number(), z.boolean()], {
  error: "must be a string, a number or a boolean",
});

/**
 * A value, or where it is kept.
 *
 * @ignore its type is zod's
 */
export const kafkaSetting = z.union([value, secretPlace], {
  error: "must be a string, a number or a boolean",
});

/**
 * Settings by name.
 *
 * @ignore its type is zod's
 */
export const kafkaSection = z.record(z.string(), kafkaSetting, anObject);
