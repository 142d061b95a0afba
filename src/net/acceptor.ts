/**
 * Accepts connections from all listeners, and continues after failures.
 *
 * @module
 */

import { AcceptOutage } from "./accept_outage.ts";
import type { ByteStream, Listener } from "./byte_stream.ts";

/**
 * Connections accepted before the event loop polls the other sockets: as long as more of them are there, accepting does
 * not return to it, and a PING took 3 seconds beside 4,000 clients that reconnect. Where fewer wait than that, the last
 * one is accepted soon: ten clients that reconnect are not held up.
 */
const ACCEPTED_IN_A_TURN = 32;
/** The shortest timer for which the event loop polls all sockets, see TimeSlice. */
const SLEEP_MS = 1;

/** Accepts until closed. */
export class Acceptor {
  readonly #listeners: readonly Listener[];
  readonly #serve: (stream: ByteStream) => void;
  readonly #pauseMs: number;
  readonly #accepting: Promise<unknown>;
  readonly #outages: AcceptOutage[] = [];
  #closed = false;
  #closing: Promise<void> | undefined;

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

  /**
   * Closes the listeners of addresses that other processes listen on, too: without a connection that is lost.
   *
   * @param deadlineMs connections that are not accepted by then are
   */
  async leave(deadlineMs: number): Promise<void> {
    await Promise.all(this.#listeners.map((listener) => listener.leave?.(deadlineMs)));
    await this.close();
  }

  /** Closes the listeners. No connection is accepted after it resolves. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    this.#closed = true;
    for (const listener of this.#listeners) listener.close();
    await this.#accepting;
    for (const outage of this.#outages) outage.close();
  }

  async #accept(listener: Listener): Promise<void> {
    const outage = new AcceptOutage();
    this.#outages.push(outage);
    for (let accepted = 1; !this.#closed; accepted++) {
      try {
        this.#admit(await listener.accept());
        outage.accepted();
        if (accepted % ACCEPTED_IN_A_TURN === 0 && manyWait(listener)) await sleep(SLEEP_MS);
      } catch (error) {
        if (this.#closed) return;
        if (isGoneAlready(error)) continue;
        outage.failed(error);
        await sleep(this.#pauseMs);
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

function manyWait({ waiting = Infinity }: Listener): boolean {
  return waiting >= ACCEPTED_IN_A_TURN;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The client disconnected before it was accepted: a transient error, so accepting continues without a pause. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionAborted;
}
