/**
 * Inline commands: a line as typed into telnet, split into arguments. The rules are those of Redis'
 * `sdssplitargs`, except that a NUL byte is a byte like any other.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/#inline-commands
 * @module
 */
import {
  BACKSLASH,
  CR,
  DOUBLE_QUOTE,
  hexDigit,
  isSpace,
  LF,
  SINGLE_QUOTE,
  SPACE,
  TAB,
} from "./bytes.ts";
import { ProtocolError } from "./protocol_error.ts";

const LETTER_A = 0x61;
const LETTER_B = 0x62;
const LETTER_N = 0x6e;
const LETTER_R = 0x72;
const LETTER_T = 0x74;
const LETTER_X = 0x78;

/**
 * Splits a line at whitespace.
 *
 * - `"…"` may hold whitespace and the escapes `\n \r \t \b \a \xHH`; `\` before any other byte
 *   gives that byte.
 * - `'…'` may hold anything; `\'` gives a quote.
 * - A quote may open within an argument, but the closing one ends the argument.
 *
 * @param line one line without its newline; the CR of a CRLF may stay, it is whitespace
 * @returns the arguments, none for a blank line, in memory of their own
 * @throws {ProtocolError} for an open quote, and for a closing one without whitespace behind it
 */
export function splitInline(line: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  return new InlineSplitter(line).split();
}

/** One pass over one line. */
class InlineSplitter {
  readonly #line: Uint8Array<ArrayBuffer>;
  /** An escape is never shorter than its value, so all arguments fit into the line's length. */
  readonly #args: Uint8Array<ArrayBuffer>;
  #at = 0;
  #written = 0;

  constructor(line: Uint8Array<ArrayBuffer>) {
    this.#line = line;
    this.#args = new Uint8Array(line.length);
  }

  split(): Uint8Array<ArrayBuffer>[] {
    const args: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      while (this.#at < this.#line.length && isSpace(this.#line[this.#at]!)) this.#at++;
      if (this.#at === this.#line.length) return args;
      const start = this.#written;
      this.#readArgument();
      args.push(this.#args.subarray(start, this.#written));
    }
  }

  #readArgument(): void {
    while (this.#at < this.#line.length) {
      const byte = this.#line[this.#at++]!;
      if (byte === DOUBLE_QUOTE) return this.#readDoubleQuoted();
      if (byte === SINGLE_QUOTE) return this.#readSingleQuoted();
      // Not `isSpace`: in Redis `\v` and `\f` separate arguments but do not end one.
      if (byte === SPACE || byte === TAB || byte === CR || byte === LF) return;
      this.#put(byte);
    }
  }

  #readDoubleQuoted(): void {
    while (this.#at < this.#line.length) {
      const byte = this.#line[this.#at++]!;
      if (byte === DOUBLE_QUOTE) return this.#requireArgumentEnd();
      this.#put(byte === BACKSLASH && this.#at < this.#line.length ? this.#readEscape() : byte);
    }
    throw unbalanced();
  }

  #readSingleQuoted(): void {
    while (this.#at < this.#line.length) {
      const byte = this.#line[this.#at++]!;
      if (byte === SINGLE_QUOTE) return this.#requireArgumentEnd();
      const escaped = byte === BACKSLASH && this.#line[this.#at] === SINGLE_QUOTE;
      this.#put(escaped ? this.#line[this.#at++]! : byte);
    }
    throw unbalanced();
  }

  /** Reads the rest of an escape and returns its value. */
  #readEscape(): number {
    const byte = this.#line[this.#at++]!;
    switch (byte) {
      case LETTER_N:
        return LF;
      case LETTER_R:
        return CR;
      case LETTER_T:
        return TAB;
      case LETTER_B:
        return 0x08;
      case LETTER_A:
        return 0x07;
      case LETTER_X:
        return this.#readHex() ?? byte;
      default:
        return byte;
    }
  }

  /** Reads two hexadecimal digits, or nothing if they are missing. */
  #readHex(): number | undefined {
    const high = hexDigit(this.#line[this.#at]);
    const low = hexDigit(this.#line[this.#at + 1]);
    if (high === undefined || low === undefined) return undefined;
    this.#at += 2;
    return high * 16 + low;
  }

  /** `"a"b` is rejected: more likely a space or quote is missing than one argument meant. */
  #requireArgumentEnd(): void {
    if (this.#at < this.#line.length && !isSpace(this.#line[this.#at]!)) throw unbalanced();
  }

  #put(byte: number): void {
    this.#args[this.#written++] = byte;
  }
}

function unbalanced(): ProtocolError {
  return new ProtocolError("Protocol error: unbalanced quotes in request");
}
