/**
 * Ids as clients write them, by table.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseId } from "../../../src/commands/stream/id_arguments.ts";
import { formatId } from "../../../src/streams/stream_id.ts";
import { toBytes } from "../../support/wire.ts";

const INVALID = "Invalid stream ID specified as stream command argument";

/** An argument, and the id that it stands for; undefined for none. */
const ROWS: readonly (readonly [argument: string, id: string | undefined])[] = [
  ["1795951884327-2049217", "1795951884327-2049217"],
  ["0-0", "0-0"],
  ["5", "5-7"],
  ["5-0", "5-0"],
  ["007-08", "7-8"],
  ["1-9007199254740991", "1-9007199254740991"],
  ["1-9007199254740993", "1-9007199254740993"],
  ["1-18446744073709551615", "1-18446744073709551615"],
  ["9007199254740991-1", "9007199254740991-1"],
  ["18446744073709551615-1", "9007199254740991-1"],
  ["1-18446744073709551616", undefined],
  ["18446744073709551616-1", undefined],
  ["", undefined],
  ["-", undefined],
  ["+", undefined],
  ["$", undefined],
  ["-1", undefined],
  ["1-", undefined],
  ["-1-1", undefined],
  ["1--1", undefined],
  ["1-2-3", undefined],
  ["1-+2", undefined],
  ["1.5-1", undefined],
  [" 1-1", undefined],
  ["1-1\0", undefined],
  ["1".repeat(5_000_000), undefined],
];

for (const [argument, id] of ROWS) {
  Deno.test(`The id '${argument.slice(0, 30)}' is ${id ?? "refused"}`, () => {
    const read = (): string => formatId(parseId(toBytes(argument), 7n));
    if (id === undefined) assert.throws(read, { message: INVALID });
    else assert.equal(read(), id);
  });
}
