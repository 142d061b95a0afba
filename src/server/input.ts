/**
 * @module
 * The reading half of a connection: chunks of bytes, one read at a time into memory that is used again; and a
 * watch on the connection while a command waits, which reads ahead to see a hang-up.
 */

import type { Traffic } from "./traffic.ts";

/** What an idle connection costs: a read is always pending, and the kernel wants to know where to. */
const SMALL_BUFFER_BYTES = 512;
/** For a connection that fills the ones before it: it sends much. */
const LARGE_BUFFER_BYTES = 64 * 1024;
/** So much larger is the next buffer when one was filled. */
const GROWTH = 8;
/** How much is read ahead while a command waits; a hang-up behind that is seen when the command is done. */
const MAX_AHEAD_BYTES = 1024 * 1024;

/** A piece of the stream. */
export type Chunk = Uint8Array<ArrayBuffer>;

/** What `Input` reads from. */
export interface ByteSource {
  /** Reads some bytes; how many, null at the end. */
  read(into: Uint8Array): Promise<number | null>;
}

/** Owns the reading half of a connection. */
export class Input {
  readonly #source: ByteSource;
  readonly #traffic: Traffic;
  readonly #ahead: Chunk[] = [];
  #aheadBytes = 0;
  #buffer: Chunk = new Uint8Array(SMALL_BUFFER_BYTES);
  #nextBufferBytes = SMALL_BUFFER_BYTES;
  /** A chunk that somebody still needs lies in `#buffer`. */
  #bufferInUse = false;
  /** What `read` gave last. */
  #lent: Chunk | undefined;
  #fetching = false;
  #ended = false;
  #interrupted = false;
  /** Whoever waits for the next bytes, or for the end. */
  #onProgress: (() => void) | undefined;
  #onEnd: (() => void) | undefined;

  /** Takes the reading half of a connection, for good; counts its bytes in `traffic`. */
  constructor(source: ByteSource, traffic: Traffic) {
    this.#source = source;
    this.#traffic = traffic;
  }

  /** The client has hung up, or at least ended its half of the connection. */
  get ended(): boolean {
    return this.#ended;
  }

  /** The next chunk, valid until the next call; undefined at the end or after `interrupt`. */
  async read(): Promise<Chunk | undefined> {
    if (this.#lent?.buffer === this.#buffer.buffer) this.#bufferInUse = false;
    while (this.#ahead.length === 0 && !this.#ended && !this.#interrupted) await this.#progress();
    this.#lent = this.#interrupted ? undefined : this.#ahead.shift();
    this.#aheadBytes -= this.#lent?.byteLength ?? 0;
    return this.#lent;
  }

  /** `read` gives nothing any more; one that waits returns at once. */
  interrupt(): void {
    this.#interrupted = true;
    this.#onProgress?.();
  }

  /**
   * Calls `onEnd` when the client hangs up. What it sends before is kept for `read`, up to a limit.
   *
   * @returns ends the watch
   */
  watch(onEnd: () => void): () => void {
    this.#onEnd = onEnd;
    if (this.#ended) onEnd();
    else this.#fetch();
    return () => this.#onEnd = undefined;
  }

  /** Reads and drops what comes until the client hangs up, at most for `timeoutMs`. */
  async drain(timeoutMs: number): Promise<void> {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      this.#onProgress?.();
    }, timeoutMs);
    while (!this.#ended && !late) {
      this.#ahead.length = 0;
      await this.#progress();
    }
    clearTimeout(timer);
  }

  /** Resolves when something has been read, at the end, and when somebody calls `#onProgress`. */
  #progress(): Promise<void> {
    return new Promise((resolve) => {
      this.#onProgress = resolve;
      this.#fetch();
    });
  }

  /** One read at a time, however many want it. */
  #fetch(): void {
    if (this.#fetching || this.#ended) return;
    this.#fetching = true;
    this.#source.read(this.#freeBuffer()).then(this.#onRead, this.#onFailure);
  }

  readonly #onRead = (byteLength: number | null): void => {
    this.#fetching = false;
    if (byteLength === null) return this.#end();
    this.#keep(byteLength);
    this.#onProgress?.();
    if (this.#onEnd && this.#aheadBytes < MAX_AHEAD_BYTES) this.#fetch();
  };

  /** A connection that was reset has ended, too. */
  readonly #onFailure = (): void => {
    this.#fetching = false;
    this.#end();
  };

  #end(): void {
    this.#ended = true;
    this.#onProgress?.();
    this.#onEnd?.();
  }

  #keep(byteLength: number): void {
    const { byteLength: bufferBytes } = this.#buffer;
    // what is read ahead in many small pieces must not hold a buffer each
    if (this.#onEnd) this.#ahead.push(this.#buffer.slice(0, byteLength));
    else this.#ahead.push(this.#buffer.subarray(0, byteLength));
    this.#bufferInUse = !this.#onEnd;
    this.#aheadBytes += byteLength;
    this.#traffic.inputBytes += byteLength;
    if (byteLength === bufferBytes) {
      this.#nextBufferBytes = Math.min(GROWTH * bufferBytes, LARGE_BUFFER_BYTES);
    } else if (byteLength <= SMALL_BUFFER_BYTES) {
      this.#nextBufferBytes = SMALL_BUFFER_BYTES;
    }
  }

  #freeBuffer(): Chunk {
    if (this.#bufferInUse || this.#buffer.byteLength !== this.#nextBufferBytes) {
      this.#buffer = new Uint8Array(this.#nextBufferBytes);
      this.#bufferInUse = false;
    }
    return this.#buffer;
  }
}
