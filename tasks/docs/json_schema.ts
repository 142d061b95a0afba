/**
 * The JSON Schema of the configuration file, for editors: `config.schema.json`.
 *
 * @see https://json-schema.org/draft/2020-12
 * @module
 */
import * as z from "zod";
import { fileSchema } from "../../src/config/load.ts";

/** Path of the schema. */
export const JSON_SCHEMA_PATH = "config.schema.json";

/** The text of the schema. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(fileSchema, { io: "input" });
  return JSON.stringify({ title: "Configuration of Rafka", ...schema }, null, 2) + "\n";
}
