/**
 * Which scenarios `--only` means.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TaskError } from "../../tasks/say.ts";
import { readOptions } from "./options.ts";

const NAMES = ["hung-leader", "hung-leader-shared", "hung-all", "churn", "workers-churn"];

Deno.test("--only takes names, and parts of names", () => {
  for (
    const [only, expected] of [
      ["hung-leader", ["hung-leader"]],
      ["hung", ["hung-leader", "hung-leader-shared", "hung-all"]],
      ["hung-all,churn", ["hung-all", "churn"]],
      ["hung-lea,shared", ["hung-leader", "hung-leader-shared", "hung-leader-shared"]],
    ] as const
  ) assert.deepEqual(readOptions(["--only", only], NAMES).only, expected, only);
  assert.equal(readOptions([], NAMES).only, undefined);
});

Deno.test("--only refuses what no name has", () => {
  for (const only of ["hanged", "hung,hanged", ""]) {
    assert.throws(() => readOptions(["--only", only], NAMES), TaskError, only);
  }
});
