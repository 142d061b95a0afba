import assert from "node:assert/strict";
import { parseDecimal } from "../../src/resp/bytes.ts";
import { toBytes } from "../support/wire.ts";

const NUMBERS = [
  "0",
  "1",
  "-1",
  "9",
  "10",
  "-10",
  "1234567890",
  "9007199254740991",
  "-9007199254740991",
];

const OTHERS = [
  ...["", "-", "+1", "-0", "00", "01", "-01", "--1", "1-", " 1", "1 ", "1\n", "1\0", "\0"],
  ...["a", "1a", "0x1", "1.0", "1e3", "/", ":", "1/", "1:", "Infinity", "NaN", "\xb1"],
  ...["9007199254740992", "-9007199254740992", "10000000000000000", "99999999999999999999"],
];

Deno.test("parseDecimal() returns whole numbers", () => {
  for (const text of NUMBERS) assert.equal(parseDecimal(toBytes(text)), Number(text), text);
});

Deno.test("parseDecimal() returns undefined for all that is not strictly one", () => {
  for (const text of OTHERS) assert.equal(parseDecimal(toBytes(text)), undefined, `"${text}"`);
});

Deno.test("parseDecimal() reads only the range it is given", () => {
  for (const text of NUMBERS) {
    const bytes = toBytes(`1${text}1`);
    assert.equal(parseDecimal(bytes, 1, bytes.length - 1), Number(text), text);
  }
  assert.equal(parseDecimal(toBytes("-1"), 0, 0), undefined);
  assert.equal(parseDecimal(toBytes("-1"), 0, 1), undefined);
  assert.equal(parseDecimal(toBytes("1"), 1, 1), undefined);
});
