import assert from "node:assert/strict";
import { splitInline } from "../../src/resp/inline.ts";
import { ProtocolError } from "../../src/resp/protocol_error.ts";
import { fromBytes, toBytes } from "../support/wire.ts";
import { INLINE_CASES } from "./inline_cases.ts";

for (const { name, line, want } of INLINE_CASES) {
  Deno.test(`splitInline() ${want ? "splits" : "refuses"} ${name}`, () => {
    if (want === undefined) {
      assert.throws(
        () => splitInline(toBytes(line)),
        new ProtocolError("Protocol error: unbalanced quotes in request"),
      );
    } else {
      assert.deepEqual(splitInline(toBytes(line)).map(fromBytes), want);
    }
  });
}

Deno.test("splitInline() returns words that outlive the line", () => {
  const line = toBytes(`SET key "a b"`);
  const words = splitInline(line);
  line.fill(0xaa);
  assert.deepEqual(words.map(fromBytes), ["SET", "key", "a b"]);
});

Deno.test("splitInline() reads only the line, not the memory around it", () => {
  const memory = toBytes(`xx"a\\x4"1 b`);
  // The line is `"a\x4"`: the digit behind its end must not complete the escape.
  assert.deepEqual(splitInline(memory.subarray(2, 8)).map(fromBytes), ["ax4"]);
});
