/**
 * Bytes and strings to and from C: C strings, out-parameters, copies. Nothing here depends on librdkafka. What is read
 * from C is always copied; no view of C memory leaves this file.
 *
 * @module
 */

import type { Symbols } from "./symbols.ts";

/** Bytes that C may read and write. */
export type Bytes = Uint8Array<ArrayBuffer>;

const encoder = new TextEncoder();
const oneByte = new Uint8Array(1);

/**
 * Result of `nonNull` for no bytes. Deno passes a zero-length buffer to C as NULL, unless it is a part of a longer one;
 * for librdkafka NULL is a tombstone, or a message without a key.
 */
const EMPTY = oneByte.subarray(0, 0);

/** The same bytes, as an address that is never NULL. */
export function nonNull(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return bytes.byteLength === 0 ? EMPTY : bytes;
}

/** Where bytes are: of at least one, in a buffer that V8 does not move. */
export function addressOf(bytes: Bytes): number {
  return Number(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}

/**
 * `text` in UTF-8 with its final NUL.
 *
 * @throws {TypeError} when the text holds a NUL: C would see the part before it
 */
export function toCString(text: string): Uint8Array<ArrayBuffer> {
  if (text.includes("\0")) {
    throw new TypeError("it holds a NUL character"); // the text may be a secret
  }
  return encoder.encode(text + "\0");
}

/** The C string at `pointer`, copied; "" for NULL. */
export function fromCString(pointer: Deno.PointerValue): string {
  return pointer === null ? "" : Deno.UnsafePointerView.getCString(pointer);
}

/** The C string in a buffer that C has filled. */
export function fromBuffer(buffer: Uint8Array): string {
  const end = buffer.indexOf(0);
  return new TextDecoder().decode(end < 0 ? buffer : buffer.subarray(0, end));
}

/** Size of the buffers that small copies share: a buffer for each would cost more than copying. */
const SHARED_BYTES = 64 * 1024;
/** A larger copy has its own buffer, so that little is left unused at the end of a shared one. */
const MAX_SMALL_BYTES = 4 * 1024;

/** Short-lived copies of C memory: each keeps its neighbours in memory, too. */
export class CopyMemory {
  readonly #symbols: Symbols;
  #shared = new Uint8Array(0);
  #used = 0;

  /** Reserves nothing before the first copy. */
  constructor(symbols: Symbols) {
    this.#symbols = symbols;
  }

  /** `byteLength` bytes at `address`, copied. */
  copy(address: bigint, byteLength: number): Uint8Array<ArrayBuffer> {
    const bytes = this.#allocate(byteLength);
    if (byteLength > 0) this.#symbols.memcpy(bytes, address, BigInt(byteLength));
    return bytes;
  }

  /** The C string at `address`, copied without its NUL: bytes, which need not be UTF-8. */
  copyCString(address: bigint): Uint8Array<ArrayBuffer> {
    return this.copy(address, Number(this.#symbols.strlen(address)));
  }

  #allocate(byteLength: number): Uint8Array<ArrayBuffer> {
    if (byteLength > MAX_SMALL_BYTES) return new Uint8Array(byteLength);
    if (this.#used + byteLength > this.#shared.byteLength) {
      this.#shared = new Uint8Array(SHARED_BYTES);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += byteLength;
    return this.#shared.subarray(start, this.#used);
  }
}

/** Memory for one pointer or `size_t` that C writes. */
export class OutParameter {
  /** Argument of the call. */
  readonly buffer = new BigUint64Array(1);

  /** The address that C has written, 0n for NULL. */
  get address(): bigint {
    return this.buffer[0]!;
  }

  /** The same as a pointer. */
  get pointer(): Deno.PointerValue {
    return Deno.UnsafePointer.create(this.address);
  }
}
