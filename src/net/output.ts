/**
 * The writing half of a connection: replies and MONITOR lines share one buffer and one writer, so that they never
 * interleave.
 *
 * @module
 */

import { OutputLimitError } from "../resp/output_limit_error.ts";
import type { ProtocolVersion, Reply } from "../resp/reply.ts";
import type { ByteStream } from "./byte_stream.ts";
import { recycle, ReplyWriter } from "../resp/reply_writer.ts";
import type { ConnectionCounters } from "../telemetry/connection_counters.ts";

/** Buffers replies and writes them. */
export class Output {
  readonly #sink: Pick<ByteStream, "write">;
  readonly #counters: ConnectionCounters;
  readonly #limitBytes: number;
  readonly #writer: ReplyWriter;
  #writing: Promise<void> | undefined;
  #writingBytes = 0;
  #writes = 0;

  /**
   * Owns the writing half of a connection; counts its bytes in `counters`.
   *
   * @param limitBytes maximum of pending bytes
   */
  constructor(sink: Pick<ByteStream, "write">, counters: ConnectionCounters, limitBytes: number) {
    this.#sink = sink;
    this.#counters = counters;
    this.#limitBytes = limitBytes;
    this.#writer = new ReplyWriter(limitBytes);
  }

  /** The RESP version of the replies added from now on. */
  get protocol(): ProtocolVersion {
    return this.#writer.protocol;
  }

  set protocol(version: ProtocolVersion) {
    this.#writer.protocol = version;
  }

  /** Bytes not yet accepted by the connection. */
  get pendingBytes(): number {
    return this.#writer.byteLength + this.#writingBytes;
  }

  /** Number of writes that the connection has accepted. */
  get writes(): number {
    return this.#writes;
  }

  /**
   * Buffers a reply, so many times.
   *
   * @throws {OutputLimitError} when more than `limitBytes` are pending
   */
  add(reply: Reply, times: number = 1): void {
    if (times === 1) this.#writer.write(reply);
    else this.#writer.writeTimes(reply, times);
    if (this.pendingBytes > this.#limitBytes) {
      throw new OutputLimitError(this.pendingBytes, this.#limitBytes);
    }
  }

  /** Buffers bytes that are encoded already; the caller has checked the limit. */
  addEncoded(bytes: Uint8Array): void {
    this.#writer.writeEncoded(bytes);
  }

  /** Writes the buffer, including replies added meanwhile. Rejects when the connection is closed. */
  flush(): Promise<void> {
    if (this.#writing) return this.#writing;
    if (this.#writer.byteLength === 0) return Promise.resolve();
    this.#writing = this.#writeAll();
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    try {
      while (this.#writer.byteLength > 0) {
        const bytes = this.#writer.take();
        this.#writingBytes = bytes.byteLength;
        while (this.#writingBytes > 0) {
          const written = await this.#sink.write(bytes.subarray(-this.#writingBytes));
          this.#writingBytes -= written;
          this.#writes++;
          this.#counters.outputBytes.total += written;
        }
        recycle(bytes);
      }
    } finally {
      this.#writing = undefined; // in the same step as the last check of the buffer
    }
  }
}
