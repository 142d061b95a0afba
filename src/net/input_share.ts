/**
 * One connection's share of the memory for requests.
 *
 * @module
 */

import type { ProtocolError } from "../resp/protocol_error.ts";

/** Requests up to this size are not counted and never wait: acks, and most messages. */
const SMALL_BYTES = 16 * 1024;

/** The budget as its shares see it. */
interface Budget {
  update(share: InputShare, heldBytes: number): void;
  queue(share: InputShare, patient: boolean): void;
  unqueue(share: InputShare): void;
}

/** A connection that holds memory. */
export interface InputHolder {
  /** Bytes of replies that the client has not read. */
  readonly pendingBytes: number;
  /** Ends a connection whose request arrives too slowly while others wait. */
  refuse(error: ProtocolError): void;
  /** Ends a connection that does not read its replies while others wait. */
  cutOff(why: string): void;
  /** Ends a connection that has sent too much behind a waiting command while others wait. */
  refuseAhead(error: ProtocolError): void;
}

/** The share of one connection. */
export class InputShare {
  /** Is ended when it makes no progress. */
  readonly holder: InputHolder;
  /** Memory held now; 0 for small requests. */
  heldBytes = 0;
  /** Memory held after it continues. */
  wantedBytes = 0;
  /** Waits for bytes of the client. */
  reading = false;
  /** The held bytes are behind a waiting command. */
  patient = false;
  /** It could make progress since the last check. */
  watched = false;
  /** Checks since its request began. */
  readingPeriods = 0;
  /** Consecutive checks at which the client had read too little of its replies. */
  unreadPeriods = 0;
  /** Bytes of unread replies at the last check. */
  pendingBytes: number = Infinity;
  /** A request is complete; its memory is not free yet. */
  completed = false;
  readonly #budget: Budget;
  #arrivedBytes = 0;
  #onRoom: (() => void) | undefined;
  #closed = false;

  /** An empty share. */
  constructor(budget: Budget, holder: InputHolder) {
    this.#budget = budget;
    this.holder = holder;
  }

  /**
   * Asks for memory to continue.
   *
   * @param heldBytes memory in use
   * @param wantedBytes memory in use after the next read
   * @param patient whether the held bytes are behind a waiting command
   * @returns a promise when there is no room yet, undefined to continue now
   */
  need(heldBytes: number, wantedBytes: number, patient: boolean): Promise<void> | undefined {
    if (this.#closed || (heldBytes <= SMALL_BYTES && this.heldBytes === 0)) return undefined;
    this.reading = false;
    this.unreadPeriods = 0;
    this.patient = patient;
    this.#budget.unqueue(this);
    this.#budget.update(this, heldBytes <= SMALL_BYTES ? 0 : heldBytes);
    if (this.heldBytes === 0) return undefined;
    this.wantedBytes = wantedBytes;
    const room = Promise.withResolvers<void>();
    let waits = false;
    let passed = false;
    this.#onRoom = (): void => {
      passed = true;
      this.reading = !patient;
      if (waits) this.watched = false;
      room.resolve();
    };
    this.#budget.queue(this, patient);
    if (passed) return undefined;
    waits = true;
    return room.promise;
  }

  /** A request is complete. */
  finished(): void {
    this.completed = true;
  }

  /** Starts its checks anew. */
  begin(): void {
    this.watched = false;
    this.readingPeriods = 0;
    this.unreadPeriods = 0;
  }

  /** Continues: there is room, or none is needed. */
  go(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** Counts bytes received from the client. */
  arrived(bytes: number): void {
    this.reading = false;
    this.#arrivedBytes += bytes;
  }

  /** Bytes received since the last call. */
  takeArrived(): number {
    const bytes = this.#arrivedBytes;
    this.#arrivedBytes = 0;
    return bytes;
  }

  /** Frees the memory, at the end of the connection. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.patient = false;
    this.#budget.unqueue(this);
    this.#budget.update(this, 0);
    this.go();
  }
}
