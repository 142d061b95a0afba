/**
 * Accepts connections from all listeners, and goes on when that fails for a while.
 *
 * @module
 */

import { AcceptOutage } from "./accept_outage.ts";
import type { ByteStream, Listener } from "./byte_stream.ts";

/** Accepts until it is closed. */
export class Acceptor {
  readonly #listeners: readonly Listener[];
  readonly #serve: (stream: ByteStream) => void;
  readonly #pauseMs: number;
  readonly #accepting: Promise<unknown>;
  readonly #outages: AcceptOutage[] = [];
  #closed = false;

  /**
   * Accepts at once.
   *
   * @param serve owns each connection; what it throws closes the connection and counts as a failure of accepting
   * @param pauseMs how long accepting rests after a failure, e.g. for lack of file descriptors
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

  /** Accepts no more when it resolves. */
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

/** The client disconnected before it was accepted: nothing that lasts, so accepting goes on without a pause. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionAborted;
}
