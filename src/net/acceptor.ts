/**
 * Accepts connections from all listeners, and continues after failures.
 *
 * @module
 */

import { AcceptOutage } from "./accept_outage.ts";
import type { ByteStream, Listener } from "./byte_stream.ts";

/** Accepts until closed. */
export class Acceptor {
  readonly #listeners: readonly Listener[];
  readonly #serve: (stream: ByteStream) => void;
  readonly #pauseMs: number;
  readonly #accepting: Promise<unknown>;
  readonly #outages: AcceptOutage[] = [];
  #closed = false;

  /**
   * Starts immediately.
   *
   * @param serve owns each connection; an exception closes the connection and counts as a failure of accept
   * @param pauseMs pause after a failure, e.g. for lack of file descriptors
   */
  constructor(
    listeners: readonly Listener[],
    serve: (stream: ByteStream) => void,
    pauseMs: number,
  ) {
    this.#listeners = listeners;
    this.#serve = serve;
    this.#pauseMs = pauseMs;
    this.#accepting = Promise.all(listeners.map((listener) => this.#accept(listener)));
  }

  /** Closes the listeners. No connection is accepted after it resolves. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const listener of this.#listeners) listener.close();
    await this.#accepting;
    for (const outage of this.#outages) outage.close();
  }

  async #accept(listener: Listener): Promise<void> {
    const outage = new AcceptOutage();
    this.#outages.push(outage);
    while (!this.#closed) {
      try {
        this.#admit(await listener.accept());
        outage.accepted();
      } catch (error) {
        if (this.#closed) return;
        if (isGoneAlready(error)) continue;
        outage.failed(error);
        await new Promise((resolve) => setTimeout(resolve, this.#pauseMs));
      }
    }
  }

  #admit(stream: ByteStream): void {
    try {
      this.#serve(stream);
    } catch (error) {
      stream.close();
      throw error;
    }
  }
}

/** The client disconnected before it was accepted: a transient error, so accepting continues without a pause. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionAborted;
}
