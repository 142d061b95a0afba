/**
 * The options of commands, read one after the other.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CommandError } from "../../../src/commands/core/command_error.ts";
import { OptionCursor } from "../../../src/commands/core/options.ts";
import { fromBytes, toBytes } from "../../support/wire.ts";

/** As a command with `[COUNT count] [WITH] [BY <ID | AGE>] [name ...]` reads them; an error is its text. */
function read(line: string): unknown {
  const options = new OptionCursor(line === "" ? [] : line.split(" ").map(toBytes));
  const found: Record<string, unknown> = {};
  try {
    while (options.more) {
      if (options.take("COUNT", 1)) found.count = options.integer("count is wrong");
      else if (options.take("WITH")) found.with = true;
      else if (options.take("BY")) found.by = options.oneOf("ID", "AGE");
      else found.rest = options.rest().map(fromBytes);
    }
    options.end();
    return found;
  } catch (error) {
    assert.ok(error instanceof CommandError);
    return `${error.code} ${error.message}`;
  }
}

const rows: readonly [line: string, want: unknown][] = [
  ["", {}],
  ["COUNT 5", { count: 5 }],
  ["count 5 with", { count: 5, with: true }],
  ["WITH CoUnT -5", { count: -5, with: true }],
  ["BY age WITH", { by: "AGE", with: true }],
  ["COUNT five BY x", "ERR count is wrong"],
  ["COUNT", { rest: ["COUNT"] }],
  ["BY", "ERR syntax error"],
  ["BY x COUNT five", "ERR syntax error"],
  ["a COUNT 5", { rest: ["a", "COUNT", "5"] }],
];

for (const [line, want] of rows) {
  Deno.test(`options: '${line}'`, () => assert.deepEqual(read(line), want));
}

Deno.test("options: what is left behind the last one is a syntax error, and so is a missing value", () => {
  assert.throws(() => new OptionCursor([toBytes("x")]).end(), { message: "syntax error" });
  assert.throws(() => new OptionCursor([]).value(), { message: "syntax error" });
});

Deno.test("options: a letter that is made an ASCII one in upper case is no part of a token", () => {
  const dotless = new TextEncoder().encode("wıth"); // its upper case is WITH
  assert.equal(new OptionCursor([dotless]).take("WITH"), false);
});
