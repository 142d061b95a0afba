/**
 * The wake-up channel on Linux: a pipe. It needs no network, no other program can reach it, and a wake-up costs a
 * quarter of one through a TCP connection.
 *
 * @module
 */

import { Socket } from "node:net";
import { checked, libc } from "../../ffi/libc.ts";
import { SystemError } from "./system_error.ts";
import type { EventChannel } from "./event_channel.ts";

const O_NONBLOCK = 0o4000;
const O_CLOEXEC = 0o2000000;
const READ_BUFFER_BYTES = 16 * 1024;

/**
 * Opens a pipe. librdkafka writes once for each queue that is not drained yet, and a pipe takes 16,384 such writes:
 * more than a process can have queues, given the threads that belong to them.
 *
 * @returns undefined where Deno cannot read it: before 2.9
 * @throws {SystemError} when the system refuses it
 */
export function openPipe(): EventChannel | undefined {
  const [readFd, writeFd] = pipe();
  try {
    return new Pipe(readFd, writeFd);
  } catch {
    for (const fd of [readFd, writeFd]) libc().close(fd);
    return undefined;
  }
}

function pipe(): [readFd: number, writeFd: number] {
  const fds = new Int32Array(2);
  try {
    checked("pipe2", libc().pipe2(new Uint8Array(fds.buffer), O_NONBLOCK | O_CLOEXEC));
  } catch (cause) {
    throw new SystemError(`Cannot make the pipe of wake-ups: ${(cause as Error).message}`, {
      cause,
    });
  }
  return [fds[0]!, fds[1]!];
}

class Pipe implements EventChannel {
  readonly fd: number;
  readonly #socket: Socket;
  #onBytes: ((bytes: Uint8Array) => void) | undefined;
  #closing: PromiseWithResolvers<void> | undefined;

  constructor(readFd: number, writeFd: number) {
    this.fd = writeFd;
    const onread = {
      buffer: new Uint8Array(READ_BUFFER_BYTES),
      callback: (byteLength: number, buffer: Uint8Array): boolean => {
        this.#hand(buffer.subarray(0, byteLength));
        return true;
      },
    };
    this.#socket = new Socket({ fd: readFd, readable: true, writable: false, onread });
    this.#socket.on("error", (cause) => this.#ended(cause));
    this.#socket.on("close", () => this.#ended(new Error("the other end is closed")));
  }

  read(onBytes: (bytes: Uint8Array) => void): void {
    this.#onBytes = onBytes;
    this.#socket.resume();
  }

  async close(): Promise<void> {
    this.#closing = Promise.withResolvers();
    libc().close(this.fd);
    this.#socket.destroy();
    await this.#closing.promise;
  }

  #ended(cause: Error): void {
    if (this.#closing) return this.#closing.resolve();
    // without wake-ups every consumer would hang in silence: better to end with a reason
    reject(new SystemError("Cannot read the wake-ups of librdkafka", { cause }));
  }

  #hand(bytes: Uint8Array): void {
    try {
      this.#onBytes?.(bytes);
    } catch (error) {
      reject(error);
    }
  }
}

/** Raises an unhandled rejection, which ends the program with a line in the log. */
function reject(error: unknown): void {
  void Promise.reject(error);
}
