/**
 * @module
 * The table of C functions compared with the headers and with the libraries themselves: a wrong width or count
 * would not be noticed by Deno, it would corrupt a call.
 */
import assert from "node:assert/strict";
import { builtLibraryPath } from "../../src/ffi/library.ts";
import { SYMBOLS } from "../../src/ffi/symbols.ts";
import { hasCompiler, systemLibrdkafka } from "../support/machine.ts";
import { declarations } from "./c_header.ts";

/** Parameters that are pointers in C: function and place. */
const ADDRESSES_AS_NUMBERS = new Set(["rd_kafka_produce 7", "memcpy 1"]);

const table: Deno.ForeignLibraryInterface = SYMBOLS;

Deno.test({
  name: "every function has the parameters and the result of its declaration in C",
  ignore: !hasCompiler,
  async fn(): Promise<void> {
    const inC = await declarations(Object.keys(table));
    const ours = Object.entries(table).map(([name, entry]) => {
      const { parameters, result } = entry as Deno.ForeignFunction;
      const asDeclared = parameters.map((type, at) =>
        ADDRESSES_AS_NUMBERS.has(`${name} ${at}`) ? "pointer" : asInC(type)
      );
      return [name, { result: asInC(result), parameters: asDeclared }];
    });
    assert.deepEqual(Object.fromEntries(ours), Object.fromEntries(inC));
  },
});

Deno.test("every function is in the librdkafka that the project builds", () => {
  assert.deepEqual(missingFrom(builtLibraryPath()), []);
});

Deno.test({
  name: "every function but the optional ones is in the system's librdkafka",
  ignore: systemLibrdkafka === undefined,
  fn(): void {
    const required = missingFrom(systemLibrdkafka!).filter((name) => !table[name]!.optional);
    assert.deepEqual(required, []);
  },
});

function missingFrom(path: string): string[] {
  return Object.entries(table).filter(([name, entry]) => {
    try {
      Deno.dlopen(path, { [name]: { ...entry, optional: false } }).close();
      return false;
    } catch {
      return true;
    }
  }).map(([name]) => name);
}

/** A buffer is a pointer for C, and `usize` is `size_t`. */
function asInC(type: Deno.NativeResultType): string {
  if (type === "buffer") return "pointer";
  return type === "usize" ? "u64" : String(type);
}
