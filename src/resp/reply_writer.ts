/**
 * Encodes replies as RESP2 or RESP3 into one buffer, so that all replies of a pipeline leave in one write to the socket.
 * Does no I/O.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */
import {
  COLON,
  CR,
  DOLLAR,
  EQUALS,
  GREATER,
  LF,
  MINUS,
  NO_BYTES,
  PERCENT,
  PLUS,
  STAR,
  TILDE,
  UNDERSCORE,
  ZERO,
} from "./bytes.ts";
import { OutputLimitError } from "./output_limit_error.ts";
import type { ProtocolVersion, Reply } from "./reply.ts";
import { leastBytesOf } from "./reply_size.ts";

const FIRST_BUFFER_BYTES = 1024;

/** A larger buffer is not reused: one huge reply must not take memory permanently. */
const MAX_SPARE_BYTES = 256 * 1024;
/** The most buffers kept for reuse. */
const MAX_SPARES = 16;

/** Buffers for reuse: a connection without pending replies holds none. */
const spares: Uint8Array<ArrayBuffer>[] = [];

/** For a longer list, room for all of it is reserved at once. */
const LONG_LIST_ITEMS = 1024;

/** Room for a type byte, a 64-bit number and CRLF. */
const MAX_HEADER_BYTES = 32;

/** The format of verbatim strings: plain text. */
const TEXT_FORMAT = "txt:";

/** Most offsets, lengths and counts are below it. */
const MAX_SHORT_NUMBER = 2 ** 31 - 1;

const LINE_BREAKS = /[\r\n]/g;

const encoder = new TextEncoder();

/** Collects the encoded replies of one connection until they are written. */
export class ReplyWriter {
  /** The version of RESP for the replies that follow. */
  protocol: ProtocolVersion = 2;
  readonly #limitBytes: number;
  #buffer: Uint8Array<ArrayBuffer> = NO_BYTES;
  #length = 0;

  /**
   * A writer without a buffer.
   *
   * @param limitBytes approximate maximum size of the buffer; the exact size is `byteLength`
   */
  constructor(limitBytes: number = Infinity) {
    this.#limitBytes = limitBytes;
  }

  /** Bytes written but not taken yet. */
  get byteLength(): number {
    return this.#length;
  }

  /**
   * Appends a reply. Its bytes are copied: they may be views of reused memory.
   *
   * @throws {OutputLimitError} when it exceeds the limit; part of it may be written
   */
  write(reply: Reply): void {
    switch (reply.kind) {
      case "simple":
        return this.#writeLine(PLUS, reply.text);
      case "error":
        return this.#writeLine(MINUS, reply.text);
      case "integer":
        return this.#writeHeader(COLON, reply.value);
      case "bulk":
        return typeof reply.value === "string"
          ? this.#writeTextBulk(reply.value)
          : this.#writeBulk(DOLLAR, reply.value);
      case "null":
        return this.#writeNull(DOLLAR);
      case "nullArray":
        return this.#writeNull(STAR);
      case "array":
        return this.#writeItems(STAR, reply.items);
      case "set":
        return this.#writeItems(this.protocol === 3 ? TILDE : STAR, reply.items);
      case "push":
        return this.#writeItems(this.protocol === 3 ? GREATER : STAR, reply.items);
      case "map":
        return this.#writeMap(reply.entries);
      case "pieces":
        return this.#writePieces(reply.pieces);
      case "verbatim":
        return this.protocol === 3
          ? this.#writeBulk(EQUALS, encoder.encode(TEXT_FORMAT + reply.text))
          : this.#writeTextBulk(reply.text);
    }
  }

  /**
   * Appends a reply so many times.
   *
   * @throws {OutputLimitError} as `write`
   */
  writeTimes(reply: Reply, times: number): void {
    if (times === 0) return;
    const start = this.#length;
    this.write(reply);
    let missing = (this.#length - start) * (times - 1);
    this.#reserve(missing);
    while (missing > 0) {
      // what is there so far, again
      const copied = Math.min(this.#length - start, missing);
      this.#buffer.copyWithin(this.#length, start, start + copied);
      this.#length += copied;
      missing -= copied;
    }
  }

  /** Appends bytes that are encoded already, in a protocol that the client speaks. */
  writeEncoded(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#put(bytes);
  }

  /** Empties the writer. The caller owns the bytes, and may return their memory with `recycle`. */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#length === 0) return NO_BYTES;
    const bytes = this.#buffer.subarray(0, this.#length);
    this.#buffer = NO_BYTES;
    this.#length = 0;
    return bytes;
  }

  /** Line breaks are replaced: one would end the reply early, and its rest would be a forged one. */
  #writeLine(type: number, text: string): void {
    const line = text.replace(LINE_BREAKS, " ");
    this.#reserve(line.length + 3);
    this.#buffer[this.#length++] = type;
    if (!this.#tryAscii(line)) {
      const bytes = encoder.encode(line);
      this.#reserve(bytes.length + 2);
      this.#put(bytes);
    }
    this.#endLine();
  }

  /** @param type RESP2's type of the missing value */
  #writeNull(type: number): void {
    if (this.protocol === 2) return this.#writeHeader(type, -1);
    this.#reserve(3);
    this.#buffer[this.#length++] = UNDERSCORE;
    this.#endLine();
  }

  /** A list beyond the limit is rejected before it is written; any other is never moved in memory. */
  #writeItems(type: number, items: Reply[]): void {
    this.#writeHeader(type, items.length);
    if (items.length > LONG_LIST_ITEMS) this.#reserve(leastBytesOf(items));
    for (const item of items) this.write(item);
  }

  #writeMap(entries: [key: Reply, value: Reply][]): void {
    if (this.protocol === 3) this.#writeHeader(PERCENT, entries.length);
    else this.#writeHeader(STAR, entries.length * 2);
    for (const [key, value] of entries) {
      this.write(key);
      this.write(value);
    }
  }

  #writePieces(pieces: (Uint8Array | Reply)[]): void {
    for (const piece of pieces) {
      if (piece instanceof Uint8Array) {
        this.#reserve(piece.length);
        this.#put(piece);
      } else {
        this.write(piece);
      }
    }
  }

  #writeTextBulk(text: string): void {
    const before = this.#length;
    // Most texts are short ASCII: their length is known, and a loop is faster than the encoder.
    this.#writeHeader(DOLLAR, text.length, text.length + 2);
    if (this.#tryAscii(text)) return this.#endLine();
    this.#length = before;
    this.#writeBulk(DOLLAR, encoder.encode(text));
  }

  #writeBulk(type: number, bytes: Uint8Array): void {
    this.#writeHeader(type, bytes.length, bytes.length + 2);
    this.#put(bytes);
    this.#endLine();
  }

  /**
   * @param followingBytes the size of the content behind the header: room for all of it is
   *   reserved at once, so that a large value is never moved in memory
   */
  #writeHeader(type: number, value: number | bigint, followingBytes: number = 0): void {
    this.#reserve(MAX_HEADER_BYTES + followingBytes);
    this.#buffer[this.#length++] = type;
    if (value >= 0 && value <= MAX_SHORT_NUMBER) this.#putDigits(Number(value));
    else this.#tryAscii(String(value));
    this.#endLine();
  }

  // The methods below write into reserved room.

  /** Writes `text` if it is ASCII, else nothing. */
  #tryAscii(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) return false;
      this.#buffer[this.#length + i] = code;
    }
    this.#length += text.length;
    return true;
  }

  /** Writes a number of 31 bits. Through a string it takes three times as long. */
  #putDigits(value: number): void {
    let end = this.#length + 1;
    for (let rest = value; rest >= 10; rest = rest / 10 | 0) end++;
    const length = end;
    let rest = value;
    while (end > this.#length) {
      this.#buffer[--end] = ZERO + rest % 10;
      rest = rest / 10 | 0;
    }
    this.#length = length;
  }

  #put(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #endLine(): void {
    this.#buffer[this.#length++] = CR;
    this.#buffer[this.#length++] = LF;
  }

  /** Makes room for further bytes. Doubles the buffer, so that many small replies cost few copies. */
  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#buffer.length) return;
    if (this.#length === 0) this.#buffer = spares.pop() ?? NO_BYTES;
    if (needed <= this.#buffer.length) return;
    const most = this.#limitBytes + MAX_HEADER_BYTES; // a header is shorter than its reservation
    if (needed > most) throw new OutputLimitError(needed, this.#limitBytes);
    const wanted = Math.max(2 * this.#buffer.length, FIRST_BUFFER_BYTES);
    const larger = new Uint8Array(Math.max(needed, Math.min(wanted, most)));
    larger.set(this.#buffer.subarray(0, this.#length));
    this.#buffer = larger;
  }
}

/** Encodes a reply that is sent often. */
export function encodeReply(reply: Reply, protocol: ProtocolVersion): Uint8Array<ArrayBuffer> {
  const bytes = encodeForNow(reply, protocol);
  const copy = bytes.slice();
  recycle(bytes);
  return copy;
}

/** Encodes a reply in memory that the caller returns with `recycle`: memory of its own takes longer than encoding. */
export function encodeForNow(reply: Reply, protocol: ProtocolVersion): Uint8Array<ArrayBuffer> {
  const writer = new ReplyWriter();
  writer.protocol = protocol;
  writer.write(reply);
  return writer.take();
}

/** Returns the memory of bytes from `take` for reuse by any writer; they must not be used afterwards. */
export function recycle({ buffer }: Uint8Array<ArrayBuffer>): void {
  const { byteLength } = buffer;
  const usable = byteLength >= FIRST_BUFFER_BYTES && byteLength <= MAX_SPARE_BYTES;
  if (usable && spares.length < MAX_SPARES) spares.push(new Uint8Array(buffer));
}
