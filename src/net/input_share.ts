/**
 * What one connection has of the memory for requests.
 *
 * @module
 */

import type { ProtocolError } from "../resp/protocol_error.ts";

/** Who holds no more never waits and is not counted: acks, and most messages. */
const SMALL_BYTES = 16 * 1024;

/** What shares are of. */
interface Budget {
  update(share: InputShare, heldBytes: number): void;
  queue(share: InputShare, patient: boolean): void;
  unqueue(share: InputShare): void;
}

/** A connection that holds memory. */
export interface InputHolder {
  /** What its client has not taken of its replies. */
  readonly pendingBytes: number;
  /** It brings too little while others wait, and is to end. */
  refuse(error: ProtocolError): void;
  /** The same for one that does not read its replies. */
  cutOff(why: string): void;
  /** The same for one that has sent much behind a command that waits. */
  refuseAhead(error: ProtocolError): void;
}

/** What one connection has of it. */
export class InputShare {
  /** Who ends when it brings nothing. */
  readonly holder: InputHolder;
  /** Memory that it has now; 0 where that is little. */
  heldBytes = 0;
  /** Memory that it has when it has gone on. */
  wantedBytes = 0;
  /** It waits for its client. */
  reading = false;
  /** What it holds is behind a command that waits. */
  patient = false;
  /** It could have brought something since the last look at it. */
  watched = false;
  /** How often it was looked at while it brought its request. */
  readingPeriods = 0;
  /** How often in a row its client took little of its replies. */
  unreadPeriods = 0;
  /** How much of them was left at the last look. */
  pendingBytes: number = Infinity;
  /** A request has come as a whole; its memory is not yet free. */
  completed = false;
  readonly #budget: Budget;
  #arrivedBytes = 0;
  #onRoom: (() => void) | undefined;
  #closed = false;

  /** Nothing of `budget`. */
  constructor(budget: Budget, holder: InputHolder) {
    this.#budget = budget;
    this.holder = holder;
  }

  /**
   * Goes on from what is held to what will be, when there is room for it.
   *
   * @param patient it may be long until what is held is used
   * @returns a promise when that is not now
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

  /** A request is there as a whole. */
  finished(): void {
    this.completed = true;
  }

  /** Its time begins. */
  begin(): void {
    this.watched = false;
    this.readingPeriods = 0;
    this.unreadPeriods = 0;
  }

  /** There is room, or no need for it. */
  go(): void {
    this.#onRoom?.();
    this.#onRoom = undefined;
  }

  /** So much has come from the client. */
  arrived(bytes: number): void {
    this.reading = false;
    this.#arrivedBytes += bytes;
  }

  /** How much has come since the last call. */
  takeArrived(): number {
    const bytes = this.#arrivedBytes;
    this.#arrivedBytes = 0;
    return bytes;
  }

  /** The connection ends. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.patient = false;
    this.#budget.unqueue(this);
    this.#budget.update(this, 0);
    this.go();
  }
}
