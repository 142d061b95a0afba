/**
 * @module
 * Memory for requests that have not arrived as a whole, of all connections together. Who needs more than there is waits:
 * nothing is read from its connection meanwhile, and TCP holds up the client.
 */

import type { InputView } from "../commands/limits_view.ts";
import { ProtocolError } from "../resp/protocol_error.ts";

/** Who holds no more never waits and is not counted: acks, and most messages. */
const SMALL_BYTES = 16 * 1024;
/** While somebody waits, each that holds memory has to bring so much in so much time. */
const STALL_MS = 5_000;
const STALL_BYTES = 320 * 1024;

/** A connection that holds memory. */
export interface InputHolder {
  /** It brings nothing while others wait, and is to end. */
  refuse(error: ProtocolError): void;
}

/** The memory. */
export class InputBudget implements InputView {
  readonly limitBytes: number;
  #usedBytes = 0;
  readonly #shares = new Set<InputShare>();
  /** They go on in this order, each as soon as it fits. */
  readonly #line: InputShare[] = [];
  /** They go on when that leaves half of the memory to those in the line: what they hold ends when Kafka likes. */
  readonly #patient = new Set<InputShare>();
  /**
   * The first one in the line goes on in any case until its request is there, or nobody might ever: so there may be one
   * request above the limit.
   */
  #favourite: InputShare | undefined;
  #stallTimer: ReturnType<typeof setInterval> | undefined;

  /** So much memory. */
  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get usedBytes(): number {
    return this.#usedBytes;
  }

  get waiting(): number {
    return this.#line.length;
  }

  /** The share of a connection, nothing so far. */
  open(holder: InputHolder): InputShare {
    return new InputShare(this, holder);
  }

  /** `share` holds what it says, and wants to go on. */
  update(share: InputShare, heldBytes: number): void {
    this.#usedBytes += heldBytes - share.heldBytes;
    share.heldBytes = heldBytes;
    if (heldBytes > 0) this.#shares.add(share);
    else this.#shares.delete(share);
    if (heldBytes === 0) this.finished(share);
    this.#admit();
  }

  /** Lets `share` go on, at once or later, by calling its `onRoom`. */
  queue(share: InputShare, patient: boolean): void {
    if (share === this.#favourite) return this.#pass(share);
    if (patient) this.#patient.add(share);
    else this.#line.push(share);
    this.#admit();
  }

  /** The request of `share` is there: another one may go on above the limit. */
  finished(share: InputShare): void {
    if (this.#favourite === share) this.#favourite = undefined;
  }

  /** It does not want to go on any more. */
  unqueue(share: InputShare): void {
    this.#patient.delete(share);
    const at = this.#line.indexOf(share);
    if (at >= 0) this.#line.splice(at, 1);
    this.#watch();
  }

  #admit(): void {
    for (let first = this.#line[0]; first; first = this.#line[0]) {
      if (!this.#fits(first, this.limitBytes) && !this.#favours(first)) break;
      this.#line.shift();
      this.#pass(first);
    }
    for (const share of this.#patient) {
      if (this.#line.length > 0 || !this.#fits(share, this.limitBytes / 2)) break;
      this.#patient.delete(share);
      this.#pass(share);
    }
    this.#watch();
  }

  #fits({ heldBytes, wantedBytes }: InputShare, limitBytes: number): boolean {
    return this.#usedBytes - heldBytes + wantedBytes <= limitBytes;
  }

  #favours(share: InputShare): boolean {
    this.#favourite ??= share;
    return this.#favourite === share;
  }

  #pass(share: InputShare): void {
    this.#usedBytes += share.wantedBytes - share.heldBytes;
    share.heldBytes = share.wantedBytes;
    this.#shares.add(share);
    share.go();
  }

  /** As long as somebody waits, those for whom it does have to bring something. */
  #watch(): void {
    const needed = this.#line.length > 0;
    if (needed && this.#stallTimer === undefined) {
      for (const share of this.#shares) share.watched = false;
      this.#stallTimer = setInterval(() => this.#refuseStalled(), STALL_MS);
    } else if (!needed && this.#stallTimer !== undefined) {
      clearInterval(this.#stallTimer);
      this.#stallTimer = undefined;
    }
  }

  #refuseStalled(): void {
    for (const share of [...this.#shares]) {
      const arrivedBytes = share.takeArrived();
      const judged = share.reading && share.watched;
      share.watched = true;
      if (!judged || arrivedBytes >= STALL_BYTES) continue;
      share.holder.refuse(
        new ProtocolError(
          `Protocol error: too slow, less than ${STALL_BYTES} bytes of a request in ${STALL_MS} ms, while others wait ` +
            `for its memory (maxInputBytes is ${this.limitBytes})`,
        ),
      );
    }
  }
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
  /** It could have brought something since the last look at it. */
  watched = false;
  readonly #budget: InputBudget;
  #arrivedBytes = 0;
  #onRoom: (() => void) | undefined;
  #closed = false;

  /** Nothing of `budget`. */
  constructor(budget: InputBudget, holder: InputHolder) {
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
    this.#budget.finished(this);
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
    this.#budget.unqueue(this);
    this.#budget.update(this, 0);
    this.go();
  }
}
