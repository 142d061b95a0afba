/**
 * Bytes and strings on their way to C and back. The library is opened for its memcpy, which returns the address
 * that it was given.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import {
  CopyMemory,
  fromBuffer,
  fromCString,
  nonNull,
  OutParameter,
  toCString,
} from "../../src/ffi/memory.ts";

const { symbols } = openLibrary(libraryCandidates(undefined));

Deno.test("no bytes are an address for C, not NULL: an empty message is no tombstone", () => {
  assert.notEqual(seenByC(nonNull(new Uint8Array(0))), null);
});

Deno.test("without that, Deno hands C a NULL for no bytes", () => {
  assert.equal(seenByC(new Uint8Array(0)), null);
});

Deno.test("bytes stay what they are", () => {
  const bytes = new Uint8Array([1, 2, 3]);
  assert.equal(nonNull(bytes), bytes);
});

Deno.test("text becomes UTF-8 with a NUL at its end", () => {
  assert.deepEqual(toCString("aé"), new Uint8Array([0x61, 0xc3, 0xa9, 0]));
  assert.deepEqual(toCString(""), new Uint8Array([0]));
});

Deno.test("text that holds a NUL is refused instead of being cut", () => {
  for (const text of ["a\0b", "\0", "a\0"]) {
    assert.throws(() => toCString(text), {
      name: "TypeError",
      message: "it holds a NUL character",
    });
  }
});

Deno.test("a C string is read up to its NUL, and NULL is no text", () => {
  const bytes = new Uint8Array([...toCString("déjà"), 0x21]);
  assert.equal(fromCString(Deno.UnsafePointer.of(bytes)), "déjà");
  assert.equal(fromCString(null), "");
});

Deno.test("a buffer that C has filled is read up to its NUL, or to its end if there is none", () => {
  assert.equal(fromBuffer(new Uint8Array([...toCString("why"), 0x78, 0x79])), "why");
  assert.equal(fromBuffer(new TextEncoder().encode("full")), "full");
  assert.equal(fromBuffer(new Uint8Array(8)), "");
});

Deno.test("copied bytes do not change with the memory that they were copied from", () => {
  const memory = new CopyMemory(symbols);
  const original = new Uint8Array(100_000);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(original));
  // those that share a buffer, the one that begins the next, and one with a buffer of its own
  const copies = Array.from({ length: 100 }, (_, n) => {
    original.fill(n);
    return memory.copy(address, n === 99 ? original.byteLength : n * 40);
  });
  original.fill(200);
  for (const [n, copy] of copies.entries()) {
    const byteLength = n === 99 ? original.byteLength : n * 40;
    assert.deepEqual(copy, new Uint8Array(byteLength).fill(n), `copy ${n}`);
  }
});

Deno.test("copying no bytes touches no memory", () => {
  assert.deepEqual(new CopyMemory(symbols).copy(0n, 0), new Uint8Array(0));
});

Deno.test("an out-parameter gives what C has written, and is NULL before", () => {
  const out = new OutParameter();
  assert.equal(out.pointer, null);
  const target = new Uint8Array([7]);
  const address = Deno.UnsafePointer.value(Deno.UnsafePointer.of(target));
  const written = new BigUint64Array([address]);
  symbols.memcpy(
    new Uint8Array(out.buffer.buffer),
    Deno.UnsafePointer.value(Deno.UnsafePointer.of(written)),
    8n,
  );
  assert.equal(out.address, address);
  assert.equal(Deno.UnsafePointer.value(out.pointer), address);
});

function seenByC(bytes: Uint8Array<ArrayBuffer>): Deno.PointerValue {
  return symbols.memcpy(bytes, 0n, 0n);
}
