/**
 * The command line of the bench: what it takes, and that it says what it can't take.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TaskError } from "../../tasks/say.ts";
import { HELP, readOptions } from "./options.ts";

const ROWS = ["blpop", "connect"];

Deno.test("without options all rows are measured, often enough", () => {
  const { rows, rounds, quick } = readOptions([], ROWS);
  assert.deepEqual({ rows, quick }, { rows: undefined, quick: false });
  assert.ok(rounds >= 5);
});

Deno.test("--quick takes fewer rounds, unless they are given", () => {
  assert.ok(readOptions(["--quick"], ROWS).rounds < readOptions([], ROWS).rounds);
  assert.equal(readOptions(["--quick", "--rounds", "9"], ROWS).rounds, 9);
});

Deno.test("rows are chosen by their names", () => {
  assert.deepEqual(readOptions(["--rows", "connect,blpop"], ROWS).rows, ["connect", "blpop"]);
});

const refused = [
  { args: ["--rows", "blpop,lpop"], says: "'lpop': the rows are blpop, connect" },
  { args: ["--rounds", "0"], says: "--rounds is '0': it must be a whole number from 1 to 1000" },
  { args: ["--rounds", "3.5"], says: "--rounds is '3.5'" },
  { args: ["--brokers", "localhost"], says: "--brokers is 'localhost': it must be host:port" },
  { args: ["--fast"], says: "'--fast'" },
  { args: ["--json"], says: "--json" },
  { args: ["blpop"], says: "blpop" },
];

for (const { args, says } of refused) {
  Deno.test(`${args.join(" ")} is refused with a reason`, () => {
    assert.throws(() => readOptions(args, ROWS), (error) => {
      return error instanceof TaskError && error.message.includes(says);
    });
  });
}

Deno.test("--help names every option", () => {
  const known = [
    "quick",
    "rows",
    "rounds",
    "rafka",
    "brokers",
    "json",
    "compare",
    "markdown",
    "help",
  ];
  const named = [...HELP.matchAll(/^ {2}--(\w+)/gm)].map(([, name]) => name);
  assert.deepEqual(named, known);
  for (const name of known) {
    const value = { rows: "blpop", rounds: "5", brokers: "a:1" }[name] ?? "file";
    const isFlag = ["quick", "markdown", "help"].includes(name);
    assert.ok(readOptions([`--${name}`, ...isFlag ? [] : [value]], ROWS));
  }
});
