/**
 * Waits for librdkafka without a thread and without polling: librdkafka writes a few bytes to a file descriptor when
 * one of its queues becomes non-empty (rd_kafka_queue_io_event_enable in rdkafka.h), and the event loop reads them.
 * One pipe serves the whole process; the payload identifies the queue.
 *
 * @module
 */

import type { Library } from "../../ffi/library.ts";
import type { EventChannel } from "./event_channel.ts";
import { openLoopback } from "./loopback_channel.ts";
import { openPipe } from "./pipe_channel.ts";

const PAYLOAD_BYTES = 4;

/** A queue that is registered with `QueueEvents`. */
export interface QueueRegistration {
  /** Stops the wake-ups; the queue must still exist. */
  unregister(): void;
}

/** How to open a `QueueEvents`. */
export interface QueueEventsOptions {
  /** Uses a TCP connection on loopback, also where a pipe is possible. */
  readonly loopback?: boolean;
}

/** Wake-ups of all queues. Owns both ends of the channel. */
export class QueueEvents {
  readonly #library: Library;
  readonly #channel: EventChannel;
  readonly #callbacks = new Map<number, () => void>();
  /** First part of a payload that arrived in two. */
  #rest = new Uint8Array(0);
  #nextId = 1;
  #closing: Promise<void> | undefined;

  private constructor(library: Library, channel: EventChannel) {
    this.#library = library;
    this.#channel = channel;
    library.handles.opened("wake-up channel");
    channel.read((bytes) => this.#onBytes(bytes));
  }

  /**
   * Opens the channel.
   *
   * @throws {SystemError} when the system has no channel for it
   */
  static async open(
    library: Library,
    { loopback = false }: QueueEventsOptions = {},
  ): Promise<QueueEvents> {
    const { symbols } = library;
    const pipe = loopback || Deno.build.os !== "linux" ? undefined : openPipe();
    return new QueueEvents(library, pipe ?? await openLoopback(symbols));
  }

  /**
   * Calls `onWake` each time that `queue` becomes non-empty. The queue must be drained then: the next call follows
   * only after it was empty.
   */
  register(queue: Deno.PointerValue, onWake: () => void): QueueRegistration {
    const { symbols } = this.#library;
    const id = this.#nextId;
    this.#nextId = this.#nextId % 0xffff_ffff + 1;
    this.#callbacks.set(id, onWake);
    const payload = new Uint8Array(PAYLOAD_BYTES);
    new DataView(payload.buffer).setUint32(0, id, true);
    symbols.rd_kafka_queue_io_event_enable(
      queue,
      this.#channel.fd,
      payload,
      BigInt(PAYLOAD_BYTES),
    );
    return {
      unregister: () => {
        symbols.rd_kafka_queue_io_event_enable(queue, -1, null, 0n);
        this.#callbacks.delete(id);
      },
    };
  }

  /** Closes both ends. All queues must have been unregistered. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#channel.close();
    this.#library.handles.closed("wake-up channel");
  }

  #onBytes(bytes: Uint8Array): void {
    const all = this.#rest.length > 0 ? joined(this.#rest, bytes) : bytes;
    const view = new DataView(all.buffer, all.byteOffset, all.byteLength);
    const whole = all.length - all.length % PAYLOAD_BYTES;
    for (let at = 0; at < whole; at += PAYLOAD_BYTES) {
      this.#callbacks.get(view.getUint32(at, true))?.();
    }
    this.#rest = new Uint8Array(all.subarray(whole));
  }
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
