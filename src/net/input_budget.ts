/**
 * Memory for requests that have not arrived as a whole, of all connections together. Who needs more than there is waits:
 * nothing is read from its connection meanwhile, and TCP holds up the client.
 *
 * @module
 */

import { ProtocolError } from "../resp/protocol_error.ts";
import { type InputHolder, InputShare } from "./input_share.ts";

/** While somebody waits, each that holds memory has to bring so much in `stallMs`. */
const STALL_BYTES = 320 * 1024;
/** While somebody waits, so many times `stallMs` are enough for a whole request, a MULTI's until EXEC. */
const MAX_STALL_PERIODS = 4;
/** And so many for replies of which the client takes less than STALL_BYTES each time. */
const MAX_UNREAD_PERIODS = 2;
/** Of the next request no more has come with the end of the one before it. */
const REST_BYTES = 128 * 1024;

/** The memory. */
export class InputBudget {
  /** How much they may take; one of them may take more, or none might go on. */
  readonly limitBytes: number;
  readonly #stallMs: number;
  #usedBytes = 0;
  readonly #shares = new Set<InputShare>();
  /** They go on in this order, each as soon as it fits. */
  readonly #line: InputShare[] = [];
  /** They go on as long as all of them have half of the memory at most: what they hold ends when Kafka likes. */
  readonly #patient = new Set<InputShare>();
  /**
   * The first one in the line goes on in any case, or none might ever: so there may be one request above the limit. It
   * is the favourite until its memory is free or fits, and is not in the way of those that fit meanwhile.
   */
  #favourite: InputShare | undefined;
  /** How often in a row some of the patient ones have had no room. */
  #patientPeriods = 0;
  #stallTimer: ReturnType<typeof setInterval> | undefined;

  /** So much memory; while a connection waits for some, the others have to make progress in each `stallMs`. */
  constructor(limitBytes: number, stallMs: number) {
    this.limitBytes = limitBytes;
    this.#stallMs = stallMs;
  }

  /** How much they take. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** How many connections are not read from, until there is room. */
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
    if (heldBytes === 0 || (share.completed && heldBytes <= REST_BYTES)) this.#dismiss(share);
    share.completed = false;
    this.#admit();
  }

  /** Lets `share` go on, at once or later, by calling its `onRoom`. */
  queue(share: InputShare, patient: boolean): void {
    if (share === this.#favourite) return this.#pass(share);
    if (patient) this.#patient.add(share);
    else this.#line.push(share);
    this.#admit();
  }

  /** It does not want to go on any more. */
  unqueue(share: InputShare): void {
    this.#patient.delete(share);
    const at = this.#line.indexOf(share);
    if (at >= 0) this.#line.splice(at, 1);
    this.#watch();
  }

  #admit(): void {
    if (this.#usedBytes <= this.limitBytes) this.#favourite = undefined;
    for (const share of [...this.#line]) {
      if (!this.#fits(share, this.limitBytes) && !this.#favours(share)) continue;
      this.#line.splice(this.#line.indexOf(share), 1);
      this.#pass(share);
    }
    for (const share of this.#patient) {
      if (this.#line.length > 0 || !this.#fitsPatient(share)) break;
      this.#patient.delete(share);
      this.#pass(share);
    }
    this.#watch();
  }

  #fits({ heldBytes, wantedBytes }: InputShare, limitBytes: number): boolean {
    const favouriteBytes = this.#favourite?.heldBytes ?? 0;
    return this.#usedBytes - favouriteBytes - heldBytes + wantedBytes <= limitBytes;
  }

  #fitsPatient(share: InputShare): boolean {
    let bytes = share.wantedBytes;
    for (const other of this.#shares) {
      if (other.patient && other !== share) bytes += other.heldBytes;
    }
    return bytes <= this.limitBytes / 2 && this.#fits(share, this.limitBytes);
  }

  #favours(share: InputShare): boolean {
    this.#favourite ??= share;
    return this.#favourite === share;
  }

  #dismiss(share: InputShare): void {
    share.readingPeriods = 0;
    if (this.#favourite === share) this.#favourite = undefined;
  }

  #pass(share: InputShare): void {
    this.#usedBytes += share.wantedBytes - share.heldBytes;
    share.heldBytes = share.wantedBytes;
    this.#shares.add(share);
    share.go();
  }

  /** As long as somebody waits, those for whom it does have to bring something. */
  #watch(): void {
    const needed = this.waiting > 0 || this.#patient.size > 0;
    if (needed && this.#stallTimer === undefined) {
      for (const share of this.#shares) share.begin();
      this.#stallTimer = setInterval(() => this.#endStalled(), this.#stallMs);
    } else if (!needed && this.#stallTimer !== undefined) {
      clearInterval(this.#stallTimer);
      this.#stallTimer = undefined;
      this.#patientPeriods = 0;
    }
  }

  #endStalled(): void {
    if (this.#line.length === 0) return this.#endPatient();
    for (const share of [...this.#shares]) {
      const arrivedBytes = share.takeArrived();
      if (share.reading) this.#judgeReading(share, arrivedBytes);
      else this.#judgeWriting(share);
    }
  }

  #judgeReading(share: InputShare, arrivedBytes: number): void {
    const judged = share.watched;
    share.watched = true;
    share.readingPeriods++;
    const limit = `while others wait for its memory (maxInputBytes is ${this.limitBytes})`;
    if (judged && arrivedBytes < STALL_BYTES) {
      const slow = `less than ${STALL_BYTES} bytes of a request in ${this.#stallMs} ms`;
      share.holder.refuse(new ProtocolError(`Protocol error: too slow, ${slow}, ${limit}`));
    } else if (share.readingPeriods > MAX_STALL_PERIODS) {
      const slow = `no whole request in ${MAX_STALL_PERIODS * this.#stallMs} ms`;
      share.holder.refuse(new ProtocolError(`Protocol error: too slow, ${slow}, ${limit}`));
    }
  }

  #judgeWriting(share: InputShare): void {
    const { pendingBytes } = share.holder;
    const stuck = pendingBytes > 0 && pendingBytes > share.pendingBytes - STALL_BYTES;
    share.unreadPeriods = stuck ? share.unreadPeriods + 1 : 0;
    share.pendingBytes = pendingBytes;
    if (share.unreadPeriods < MAX_UNREAD_PERIODS) return;
    share.holder.cutOff(
      `it does not read its replies while others wait for its memory (maxInputBytes is ${this.limitBytes})`,
    );
  }

  /** A hang-up is noticed behind what was sent before: whoever has sent most is in the way of that. */
  #endPatient(): void {
    if (++this.#patientPeriods < 2) return;
    let most: InputShare | undefined;
    for (const share of this.#shares) {
      if (share.patient && share.heldBytes > (most?.heldBytes ?? 0)) most = share;
    }
    most?.holder.refuseAhead(
      new ProtocolError(
        `Protocol error: ${most.heldBytes} bytes behind a command that waits, while others wait for its memory ` +
          `(maxInputBytes is ${this.limitBytes})`,
      ),
    );
  }
}
