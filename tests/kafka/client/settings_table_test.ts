/**
 * The table of what Rafka does with settings of librdkafka: they exist there, are named once, and are explained to the
 * operator.
 *
 * @module
 */
import assert from "node:assert/strict";
import { configHelp } from "../../../src/app/config_help.ts";
import { settingsTable } from "../../../src/kafka/client/settings_table.ts";
import { librdkafkaSettings } from "../../support/librdkafka_source.ts";

Deno.test("every setting of the table is one of librdkafka", async () => {
  const names = (await librdkafkaSettings()).map(({ name }) => name);
  assert.deepEqual(
    settingsTable.map(({ name }) => name).filter((name) => !names.includes(name)),
    [],
  );
});

Deno.test("a setting is treated in one way by each kind of client", () => {
  const treatments = settingsTable.flatMap(({ name, kinds, action }) =>
    kinds.map((kind) => `${name} ${kind} ${action}`)
  );
  assert.deepEqual(treatments.filter((one, at) => treatments.indexOf(one) !== at), []);
  const both = (action: string): string[] =>
    settingsTable.filter((entry) => entry.action === action).map(({ name }) => name);
  const others = new Set(["decided", "refused", "ignored"].flatMap(both));
  assert.deepEqual(both("preset").filter((name) => others.has(name)), []);
});

Deno.test("--config-help names every setting of the table", () => {
  const help = configHelp().replace(/\s+/g, " ");
  for (const { name } of settingsTable) assert.match(help, new RegExp(`\\b${name}\\b`));
});
