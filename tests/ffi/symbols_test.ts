/**
 * The table of C functions compared with the headers and with the libraries themselves: a wrong width or count
 * would not be noticed by Deno, it would corrupt a call.
 *
 * @module
 */
import assert from "node:assert/strict";
import { builtLibraryPath } from "../../src/ffi/library.ts";
import { SYMBOLS } from "../../src/ffi/symbols.ts";
import { hasCompiler, systemLibrdkafka } from "../support/machine.ts";
import { type CType, declarations } from "./c_header.ts";

const table: Deno.ForeignLibraryInterface = SYMBOLS;

Deno.test({
  name: "every function has the parameters and the result of its declaration in C",
  ignore: !hasCompiler,
  async fn(): Promise<void> {
    const inC = await declarations(Object.keys(table));
    const wrong = Object.entries(table).filter(([name, entry]) => {
      const { parameters, result } = entry as Deno.ForeignFunction;
      const declared = inC.get(name);
      return declared?.parameters.length !== parameters.length ||
        !parameters.every((type, at) => fits(type, declared.parameters[at]!)) ||
        !(result === "void" || fits(result, declared.result)); // who ignores a result may
    });
    assert.deepEqual(wrong, []);
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

/** A buffer is a pointer for C; `usize` is `size_t`, or an address. */
function fits(ours: Deno.NativeResultType, inC: CType): boolean {
  if (ours === "buffer") return inC === "pointer";
  if (ours === "usize") return inC === "u64" || inC === "pointer";
  if (ours === "isize") return inC === "i64";
  return ours === inC;
}
