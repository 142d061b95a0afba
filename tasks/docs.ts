/**
 * `deno task docs [--check]`: writes the generated parts of README.md and docs/, see tasks/docs/markers.ts, and
 * config.schema.json. With `--check` nothing is written, and an outdated part is an error.
 *
 * @module
 */
import { configJsonSchema, JSON_SCHEMA_PATH } from "./docs/json_schema.ts";
import { fillParts } from "./docs/markers.ts";
import { makePart } from "./docs/parts.ts";
import { readArgs, runTask } from "./run_task.ts";
import { say, TaskError } from "./say.ts";

const USAGE = "deno task docs [--check]";

if (import.meta.main) await runTask(main);

async function main(): Promise<void> {
  const { check } = readArgs(Deno.args, { check: { type: "boolean" } } as const, USAGE);
  const stale = [];
  for (const path of await documents()) {
    const text = await Deno.readTextFile(path);
    const filled = await fillParts(path, text, makePart);
    stale.push(...filled.stale.map((part) => `${path}: ${part}`));
    if (filled.stale.length > 0 && !check) await Deno.writeTextFile(path, filled.text);
  }
  const schema = configJsonSchema();
  if (await Deno.readTextFile(JSON_SCHEMA_PATH).catch(() => "") !== schema) {
    stale.push(JSON_SCHEMA_PATH);
    if (!check) await Deno.writeTextFile(JSON_SCHEMA_PATH, schema);
  }
  if (!check) return stale.forEach((part) => say(`Updated ${part}`));
  if (stale.length === 0) return;
  throw new TaskError(`Out of date, run deno task docs:\n${stale.join("\n")}`);
}

async function documents(): Promise<string[]> {
  const paths = ["README.md"];
  for await (const { name } of Deno.readDir("docs")) {
    if (name.endsWith(".md")) paths.push(`docs/${name}`);
  }
  return paths.sort();
}
