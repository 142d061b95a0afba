/**
 * Parses chunks of a client's byte stream into requests: arrays of bulk strings, and inline commands. Synchronous, without
 * I/O; holds no more than the limits allow, and reads each byte once.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */
import { BytePattern, viewOf } from "./byte_pattern.ts";
import { CR, DOLLAR, LF, NO_BYTES, parseDecimal, printable, STAR, ZERO } from "./bytes.ts";
import { splitInline } from "./inline.ts";
import { LineReader } from "./line_reader.ts";
import { PartialBulk } from "./partial_bulk.ts";
import { BROKEN, ProtocolError } from "./protocol_error.ts";
import { isWithin, type ParserLimits, type Request } from "./request.ts";
import {
  NO_REST,
  type OpenPattern,
  type PartsReceiver,
  type RequestPattern,
} from "./request_pattern.ts";
import { SkippedArgument } from "./skipped_argument.ts";

export type { ParserLimits, Request } from "./request.ts";

const CRLF = new BytePattern([CR, LF]);

/** A header with more digits is read the general way. */
const MAX_SHORT_DIGITS = 8;

/** The memory of an argument beside its bytes. Measured: 26 MB for 65,500 empty ones. */
const ARGUMENT_BYTES = 400;
/** The shortest argument, `$0` and its two CRLFs. */
const MIN_ARGUMENT_WIRE_BYTES = 6;

/** The state between a bulk's end and the next one's header. */
const NO_BULK = -1;

/**
 * Parses the requests of one connection. Call `push` with each chunk, then `next` until it
 * returns undefined:
 *
 * ```ts ignore
 * parser.push(chunk);
 * for (let request = parser.next(); request; request = parser.next()) run(request);
 * ```
 *
 * Arguments may be views of the chunk: they are valid until the next `push`, and the caller may
 * then reuse the chunk's memory. The parser copies what must outlive the chunk. An argument above `maxKeptBytes` can be
 * skipped as it arrives: a `SkippedArgument` replaces it.
 */
export class RequestParser {
  /** May change between two requests. */
  limits: ParserLimits;
  /** Where in `chunk` the request begins that `next` has returned; undefined if that is in an earlier chunk. */
  lastAt: number | undefined;
  readonly #lines = new LineReader();
  #chunk: Uint8Array<ArrayBuffer> = NO_BYTES;
  /** Of the chunk; made when it is first needed. */
  #view: DataView | undefined;
  #position = 0;

  /** The incomplete request: its arguments so far, the number of missing ones, its declared bytes. */
  #args: Uint8Array<ArrayBuffer>[] = [];
  #missing = 0;
  #requestBytes = 0;
  /** How many of `#args`, from the first on, are copies and not views of the chunk. */
  #owned = 0;
  #ownedBytes = 0;

  /** Length of the bulk whose data is next in the stream, or NO_BULK. */
  #bulkBytes = NO_BULK;
  /** Bulks that arrived in several chunks: of the incomplete request, and of requests returned by `next`. */
  #whole: PartialBulk[] = [];
  #over: PartialBulk[] = [];
  /** The bulk that a chunk has cut, with its CRLF. */
  #partial: PartialBulk | undefined;

  /** Length of the bulk that is skipped, and the part still missing; 0 for any other bulk. */
  #skippedBytes = 0;
  #toSkip = 0;

  #failure: unknown;

  /** A parser at the start of a connection's stream. */
  constructor(limits: ParserLimits) {
    this.limits = limits;
  }

  /** The memory of the incomplete request beside its chunk, after `more` further bytes. */
  heldBytes(more: number): number {
    const moreArguments = Math.min(this.#missing, Math.floor(more / MIN_ARGUMENT_WIRE_BYTES));
    return this.#ownedBytes + (this.#args.length + moreArguments) * ARGUMENT_BYTES +
      this.#lines.carriedBytes + (this.#partial?.roomBytes(more) ?? more);
  }

  /**
   * Hands over the next bytes of the stream, of any number. The parser reads from `chunk` itself
   * until `next` returns undefined.
   *
   * @throws {Error} when `next` has not read the previous chunk to its end
   */
  push(chunk: Uint8Array<ArrayBuffer>): void {
    if (this.#failure !== undefined) return;
    if (this.#position < this.#chunk.length) {
      throw new Error("Cannot push a chunk: the previous one is not yet parsed");
    }
    this.#chunk = chunk;
    this.#view = undefined;
    this.#position = 0;
    this.release();
  }

  /** Frees the memory of the returned requests beside their chunk. `push` does so, too. */
  release(): void {
    for (const bulk of this.#over) bulk.free();
    this.#over.length = 0;
  }

  /**
   * Returns the next request, or undefined when another chunk is needed to complete one.
   *
   * @throws {ProtocolError} when the input breaks the protocol or a limit, and again on every
   *   later call: behind an error the beginning of the next request is unknown
   */
  next(): Request | undefined {
    if (this.#failure !== undefined) throw this.#failure;
    this.lastAt = this.#isBetween ? this.#position : undefined;
    try {
      return this.#parse();
    } catch (error) {
      this.#failure = error;
      this.#release();
      throw error;
    }
  }

  /** What `readLike` gives offsets of. */
  get chunk(): Uint8Array<ArrayBuffer> {
    return this.#chunk;
  }

  /** Where in it the next request begins. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads the next request if the pattern fits it, and all of it has arrived. Any other is left to `next`, with what is
   * wrong with it.
   *
   * @param parts gets where its parts are
   */
  readLike(pattern: RequestPattern, parts: PartsReceiver): boolean {
    const start = this.#position;
    const isRead = this.#isBetween && this.#readLike(pattern, parts);
    if (!isRead) this.#position = start;
    return isRead;
  }

  #readLike({ plain, open, keyBytes }: RequestPattern, parts: PartsReceiver): boolean {
    const isPlain = this.#skipSame(plain);
    const restBytes = isPlain ? NO_REST : open && this.#skipOpenKey(open);
    if (restBytes === undefined) return false;
    const restAt = isPlain ? 0 : this.#position - restBytes;
    if (!isPlain && !this.#skipSame(open!.tail)) return false;
    const lastBytes = this.#readBulkLength();
    if (lastBytes === undefined) return false;
    const wholeKeyBytes = keyBytes + 1 + restBytes;
    const otherBytes = plain.length - keyBytes;
    if (!isWithin(this.limits, wholeKeyBytes, lastBytes, otherBytes)) return false;
    const lastAt = this.#position;
    this.#position += lastBytes;
    if (!this.#skipSame(CRLF)) return false;
    parts.add(restAt, restBytes, lastAt, lastBytes);
    return true;
  }

  /** Passes over all up to the end of a key that something follows: its length. */
  #skipOpenKey({ head, key }: OpenPattern): number | undefined {
    const bytes = this.#skipSame(head) ? this.#readBulkLength() : undefined;
    if (bytes === undefined || bytes < key.length || !this.#skipSame(key)) return undefined;
    this.#position += bytes - key.length;
    return bytes - key.length;
  }

  /** Passes over these bytes if they are next. */
  #skipSame(bytes: BytePattern): boolean {
    this.#view ??= viewOf(this.#chunk);
    if (!bytes.isAt(this.#view, this.#position)) return false;
    this.#position += bytes.length;
    return true;
  }

  #readBulkLength(): number | undefined {
    return this.#chunk[this.#position] === DOLLAR ? this.#readShortHeader() : undefined;
  }

  /** Goes on at the beginning of a request: one that `readLike` has read, or one that is all in the chunk. */
  moveTo(position: number): void {
    this.#position = position;
  }

  /** Of the next request nothing was read. */
  get #isBetween(): boolean {
    return this.#missing === 0 && !this.#lines.carrying;
  }

  #parse(): Request | undefined {
    // Each step takes at least a byte or throws, so this ends.
    while (this.#position < this.#chunk.length) {
      if (this.#missing === 0) {
        const inline = this.#readFirstLine();
        if (inline !== undefined && inline.length > 0) return inline;
      } else if (this.#bulkBytes === NO_BULK) {
        this.#readBulkHeader();
      } else if (this.#toSkip > 0) {
        this.#skip();
      } else {
        this.#readBulk();
        if (this.#missing === 0) return this.#finishRequest();
      }
    }
    this.#ownArguments();
    this.#chunk = NO_BYTES;
    this.#view = undefined;
    this.#position = 0;
    return undefined;
  }

  /** Reads the count of a multibulk request, or all of an inline one, whose arguments it returns. */
  #readFirstLine(): Request | undefined {
    if (this.#lines.firstByte(this.#chunk, this.#position) !== STAR) return this.#readInline();
    const count = this.#readHeader(BROKEN.tooBigCount, BROKEN.invalidCount);
    if (count === undefined) return undefined;
    const { maxArguments, unauthenticated } = this.limits;
    if (count > maxArguments) {
      throw new ProtocolError(
        unauthenticated ? BROKEN.unauthenticatedCount : BROKEN.invalidCount,
      );
    }
    // As in Redis: `*0` and `*-1` get no reply.
    this.#missing = Math.max(count, 0);
    return undefined;
  }

  #readInline(): Request | undefined {
    if (this.#isTlsHandshake()) throw new ProtocolError(BROKEN.tlsHandshake);
    if (!this.#readLine(BROKEN.tooBigInline)) return undefined;
    const { bytes, start, end } = this.#lines;
    // A CR before the newline is whitespace to the splitter.
    return splitInline(bytes.subarray(start, end));
  }

  /** Without this check it would be read as an endless inline command. It always arrives in one piece. */
  #isTlsHandshake(): boolean {
    const [type, major] = [this.#chunk[this.#position], this.#chunk[this.#position + 1]];
    return type === 0x16 && major === 0x03 && !this.#lines.carrying;
  }

  #readBulkHeader(): void {
    const type = this.#lines.firstByte(this.#chunk, this.#position);
    if (type !== DOLLAR) {
      throw new ProtocolError(`Protocol error: expected '$', got '${printable(type)}'`);
    }
    const length = this.#readHeader(BROKEN.tooBigLength, BROKEN.invalidLength);
    if (length === undefined) return;
    const { maxBulkBytes, unauthenticated } = this.limits;
    if (length < 0 || length > maxBulkBytes) {
      throw new ProtocolError(
        unauthenticated && length >= 0 ? BROKEN.unauthenticatedLength : BROKEN.invalidLength,
      );
    }
    // The declared length counts, so that a request that is too large is rejected before it takes memory.
    this.#requestBytes += length;
    const { maxRequestBytes } = this.limits;
    if (this.#requestBytes > maxRequestBytes) {
      throw new ProtocolError(`Protocol error: request larger than ${maxRequestBytes} bytes`);
    }
    if (this.#isSkipped(length)) this.#skippedBytes = this.#toSkip = length;
    this.#bulkBytes = length - this.#skippedBytes;
  }

  #isSkipped(length: number): boolean {
    const { maxKeptBytes = Infinity, skipsLongArguments } = this.limits;
    return length > maxKeptBytes && (skipsLongArguments?.(this.#args) ?? false);
  }

  /** Behind the skipped bytes an empty bulk is left to be read. */
  #skip(): void {
    const count = Math.min(this.#toSkip, this.#chunk.length - this.#position);
    this.#toSkip -= count;
    this.#position += count;
  }

  /** Takes a bulk's data, as a view if the chunk has all of it, else piece by piece into a copy. */
  #readBulk(): void {
    const size = this.#bulkBytes + 2; // with its CRLF
    const chunk = this.#chunk;
    const position = this.#position;
    if (this.#partial === undefined && chunk.length - position >= size) {
      this.#position += size;
      this.#addArgument(chunk, position);
      return;
    }
    this.#partial ??= new PartialBulk(size);
    this.#position += this.#partial.take(chunk, position);
    const { whole } = this.#partial;
    if (!whole) return;
    this.#addArgument(whole, 0);
    // The arguments before it are copies since the end of the chunk that cut it.
    this.#owned = this.#args.length;
    this.#ownedBytes += size;
    this.#whole.push(this.#partial);
    this.#partial = undefined;
  }

  /** Adds the argument of `#bulkBytes` that begins at `start`, if a CRLF follows it. */
  #addArgument(bytes: Uint8Array<ArrayBuffer>, start: number): void {
    const end = start + this.#bulkBytes;
    // Redis skips these two bytes unread. Here a wrong length would store a cut message and run
    // the rest of it as commands, so it is an error.
    if (bytes[end] !== CR || bytes[end + 1] !== LF) {
      throw new ProtocolError(BROKEN.invalidLength);
    }
    const skipped = this.#skippedBytes;
    this.#args.push(skipped > 0 ? new SkippedArgument(skipped) : bytes.subarray(start, end));
    this.#skippedBytes = 0;
    this.#missing--;
    this.#bulkBytes = NO_BULK;
  }

  #finishRequest(): Request {
    const request = this.#args;
    this.#args = [];
    this.#requestBytes = 0;
    this.#owned = 0;
    this.#ownedBytes = 0;
    if (this.#whole.length > 0) {
      this.#over = this.#whole; // at most one request of a chunk began before it
      this.#whole = [];
    }
    return request;
  }

  /** Copies the arguments of the incomplete request out of the chunk, each once. */
  #ownArguments(): void {
    for (; this.#owned < this.#args.length; this.#owned++) {
      const copy = this.#args[this.#owned]!.slice();
      this.#args[this.#owned] = copy;
      this.#ownedBytes += copy.byteLength;
    }
  }

  /** Reads a line into `#lines`; false when the chunk ended first. */
  #readLine(tooBig: string): boolean {
    const next = this.#lines.read(this.#chunk, this.#position, tooBig);
    this.#position = next ?? this.#chunk.length;
    return next !== undefined;
  }

  /** The number of a header line, between its type byte and its CR; undefined when the chunk ended first. */
  #readHeader(tooBig: string, invalid: string): number | undefined {
    const short = this.#lines.carrying ? undefined : this.#readShortHeader();
    if (short !== undefined) return short;
    if (!this.#readLine(tooBig)) return undefined;
    const { bytes, start, end } = this.#lines;
    const value = bytes[end - 1] === CR ? parseDecimal(bytes, start + 1, end - 1) : undefined;
    if (value === undefined) throw new ProtocolError(invalid);
    return value;
  }

  /**
   * The same for the common case: few digits, all in the chunk. Undefined for other headers, of which nothing is read.
   * Parsing a request takes a seventh less time with it.
   */
  #readShortHeader(): number | undefined {
    const chunk = this.#chunk;
    const first = this.#position + 1;
    let value = 0;
    let at = first;
    for (; at < first + MAX_SHORT_DIGITS; at++) {
      const digit = chunk[at]! - ZERO;
      if (!(digit >= 0 && digit <= 9)) break;
      value = value * 10 + digit;
    }
    const canonical = chunk[first] !== ZERO && at > first;
    if (!canonical || chunk[at] !== CR || chunk[at + 1] !== LF) return undefined;
    this.#position = at + 2;
    return value;
  }

  /** A failed parser needs no memory while its connection closes. */
  #release(): void {
    this.#chunk = NO_BYTES;
    this.#args = [];
    this.#partial = undefined;
  }
}
