/**
 * Bits as text, 15 in a character: the most that Kafka keeps of a character in the metadata of a commit. Numbers are
 * written in Exp-Golomb codes, which are short for small numbers and take any.
 *
 * @see https://en.wikipedia.org/wiki/Exponential-Golomb_coding
 * @module
 */

/** Bits in a character. */
const BITS = 15;
/** The first of 2^15 characters that Kafka stores unchanged: no surrogates, nothing that UTF-8 can't say. */
const FIRST_CHARACTER = 0x5000;
/** Numbers are below 2^53. */
const MAX_LENGTH = 53;

/** Number of characters for so many bits. */
export function charactersFor(bits: number): number {
  return Math.ceil(bits / BITS);
}

/** Length of a number in the code of this order. */
export function golombLength(value: number, order: number): number {
  const quotient = Math.floor(value / 2 ** order) + 1;
  return 2 * Math.floor(Math.log2(quotient)) + 1 + order;
}

/** Writes bits. */
export class BitWriter {
  readonly #units: number[] = [];
  #unit = 0;
  #free = BITS;

  /** Writes the lowest `width` bits of a number below 2^53. */
  write(value: number, width: number): void {
    for (let bit = width - 1; bit >= 0; bit--) {
      this.#unit = this.#unit << 1 | Math.floor(value / 2 ** bit) % 2;
      if (--this.#free === 0) this.#flush();
    }
  }

  /** Writes a number from 0 in the code of this order. */
  writeGolomb(value: number, order: number): void {
    const quotient = Math.floor(value / 2 ** order) + 1;
    const length = Math.floor(Math.log2(quotient));
    this.write(0, length);
    this.write(quotient, length + 1);
    this.write(value % 2 ** order, order);
  }

  /** What was written, filled up with zeros. */
  toText(): string {
    if (this.#free < BITS) this.write(0, this.#free);
    let text = "";
    for (const unit of this.#units) text += String.fromCharCode(FIRST_CHARACTER + unit);
    return text;
  }

  #flush(): void {
    this.#units.push(this.#unit);
    this.#unit = 0;
    this.#free = BITS;
  }
}

/** The text was not written by `BitWriter`, or was cut. */
export class BitTextError extends Error {
  /** Name of the class, for stack traces. */
  override name = "BitTextError";
}

/** Reads what `BitWriter` has written. */
export class BitReader {
  readonly #text: string;
  #at: number;

  /** Reads from the character at `start` on. */
  constructor(text: string, start = 0) {
    this.#text = text;
    this.#at = start * BITS;
  }

  /**
   * A number of `width` bits.
   *
   * @throws {BitTextError} when the text ends before, or holds other characters
   */
  read(width: number): number {
    let value = 0;
    for (let bit = 0; bit < width; bit++) value = value * 2 + this.#next();
    return value;
  }

  /**
   * A number in the code of this order.
   *
   * @throws {BitTextError} as above, or when it is too large
   */
  readGolomb(order: number): number {
    let length = 0;
    while (this.#next() === 0) {
      if (++length > MAX_LENGTH) throw new BitTextError("A number is too large");
    }
    const quotient = 2 ** length + this.read(length) - 1;
    return quotient * 2 ** order + this.read(order);
  }

  #next(): number {
    const unit = this.#text.charCodeAt(Math.floor(this.#at / BITS)) - FIRST_CHARACTER;
    if (!(unit >= 0 && unit < 2 ** BITS)) {
      throw new BitTextError("The text ends, or is no text of bits");
    }
    return unit >> (BITS - 1 - this.#at++ % BITS) & 1;
  }
}
