/**
 * The JSON Schema of the configuration file, for editors: `config.schema.json`.
 *
 * @see https://json-schema.org/draft/2020-12
 * @module
 */
import * as z from "zod";
import { fileSchema } from "../../src/config/load.ts";

/** The file that it is written to. */
export const JSON_SCHEMA_PATH = "config.schema.json";

/** The text of that file. */
export function configJsonSchema(): string {
  const schema = z.toJSONSchema(fileSchema, { io: "input" });
  return JSON.stringify({ title: "Configuration of Rafka", ...schema }, null, 2) + "\n";
}
