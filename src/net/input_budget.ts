/**
 * Memory for incomplete requests of all connections together. A connection that needs more than is free waits: its
 * input is not read, and TCP throttles the client.
 *
 * @module
 */

import { ProtocolError } from "../resp/protocol_error.ts";
import { type InputHolder, InputShare } from "./input_share.ts";

/** While connections wait, each holder of memory has to receive this much per `stallMs`. */
const STALL_BYTES = 320 * 1024;
/** While connections wait, a request (from MULTI to EXEC) has to be complete within this many `stallMs`. */
const MAX_STALL_PERIODS = 4;
/**
 * Consecutive periods of `stallMs` with less than STALL_BYTES of replies read, after which a client is disconnected.
 */
const MAX_UNREAD_PERIODS = 2;
/** Maximum of the next request's bytes that arrive with the end of the one before it. */
const REST_BYTES = 128 * 1024;

/** The memory, and the connections that wait for it. */
export class InputBudget {
  /** Limit for all connections; one request may exceed it, or none might complete. */
  readonly limitBytes: number;
  readonly #stallMs: number;
  #usedBytes = 0;
  readonly #shares = new Set<InputShare>();
  /** Waiting shares in order; each continues as soon as it fits. */
  readonly #line: InputShare[] = [];
  /**
   * Waiting shares with bytes behind a command that waits. All of these have half of the memory at most: Kafka decides
   * when it becomes free.
   */
  readonly #patient = new Set<InputShare>();
  /**
   * The first share in line continues in any case, or none might ever, so one request may exceed the limit. It is the
   * favourite until its memory is free or fits; meanwhile its memory does not count against the others.
   */
  #favourite: InputShare | undefined;
  /** Consecutive periods in which patient shares had no room. */
  #patientPeriods = 0;
  #stallTimer: ReturnType<typeof setInterval> | undefined;

  /**
   * Starts with all memory free.
   *
   * @param limitBytes memory for all connections
   * @param stallMs period in which holders of memory have to make progress while a connection waits
   */
  constructor(limitBytes: number, stallMs: number) {
    this.limitBytes = limitBytes;
    this.#stallMs = stallMs;
  }

  /** Memory in use. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Number of connections whose input waits for room. */
  get waiting(): number {
    return this.#line.length;
  }

  /** Opens an empty share for a connection. */
  open(holder: InputHolder): InputShare {
    return new InputShare(this, holder);
  }

  /** Sets the memory that `share` holds. */
  update(share: InputShare, heldBytes: number): void {
    this.#usedBytes += heldBytes - share.heldBytes;
    share.heldBytes = heldBytes;
    if (heldBytes > 0) this.#shares.add(share);
    else this.#shares.delete(share);
    if (heldBytes === 0 || (share.completed && heldBytes <= REST_BYTES)) this.#dismiss(share);
    share.completed = false;
    this.#admit();
  }

  /** Queues `share`; calls its `go` when there is room, maybe immediately. */
  queue(share: InputShare, patient: boolean): void {
    if (share === this.#favourite) return this.#pass(share);
    if (patient) this.#patient.add(share);
    else this.#line.push(share);
    this.#admit();
  }

  /** Removes `share` from the queues. */
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

  /** While shares wait, the holders of memory have to make progress. */
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

  /**
   * A disconnect is noticed only behind the bytes sent before it. The client with the most of them blocks that, and is
   * refused.
   */
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
