/**
 * The table of OpenSSL's functions compared with tasks/native/openssl.c, which the C compiler compares with OpenSSL's
 * headers, and with the libraries themselves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { builtLibraryPath } from "../../src/ffi/library.ts";
import { openOpenSsl } from "../../src/ffi/openssl.ts";
import { OPENSSL_SYMBOLS } from "../../src/ffi/openssl_symbols.ts";

const source = await Deno.readTextFile(new URL("../../tasks/native/openssl.c", import.meta.url));
const INTEGERS: Readonly<Record<string, readonly string[]>> = {
  "void": ["void"],
  "int": ["i32"],
  "long": ["i64"],
  "unsigned long": ["u64"],
  "uint64_t": ["u64"],
  "size_t": ["usize", "u32"],
};

Deno.test("every function has the parameters and the result of its declaration in C", () => {
  const declared = [...source.matchAll(/^PUBLIC_\d\((.+)\)$/gm)].map(([, text]) => {
    const [result, name, ...parameters] = text!.split(",").map((part) => part.trim());
    return { result: result!, name: name!, parameters };
  });
  const table = OPENSSL_SYMBOLS as Readonly<Record<string, Deno.ForeignFunction>>;
  assert.deepEqual(declared.map(({ name }) => name), Object.keys(table));
  for (const { name, result, parameters } of declared) {
    const entry = table[name]!;
    assert.equal(entry.parameters.length, parameters.length, name);
    entry.parameters.forEach((type, at) => assert.ok(fits(type, parameters[at]!), `${name} ${at}`));
    assert.ok(fits(entry.result, result), name);
  }
});

Deno.test("the librdkafka that the project builds has an OpenSSL inside, and shows nothing else of it", async () => {
  assert.match(openOpenSsl(builtLibraryPath())!.version, /^OpenSSL 3\./);
  assert.throws(() =>
    Deno.dlopen(builtLibraryPath(), { SSL_new: { parameters: ["pointer"], result: "pointer" } })
  );
  const { stdout } = await new Deno.Command("nm", {
    args: ["--dynamic", "--defined-only", builtLibraryPath()],
  }).output().catch(() => ({ stdout: new Uint8Array() })); // no nm here
  assert.doesNotMatch(new TextDecoder().decode(stdout), / (SSL|BIO|X509|EVP|CRYPTO)_/);
});

Deno.test("without one inside, the system's OpenSSL is opened", () => {
  const opened = openOpenSsl("libc.so.6");
  if (opened) assert.match(opened.version, /^OpenSSL 3\./);
});

function fits(ours: Deno.NativeResultType, inC: string): boolean {
  const integers = INTEGERS[inC];
  if (integers) return integers.includes(ours as string);
  return inC.includes("*") || inC === "SSL_verify_cb"
    ? ours === "pointer" || ours === "buffer"
    : false;
}
