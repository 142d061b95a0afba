/**
 * Outstanding messages of a producer by user: each message carries the number of its user, and its delivery report
 * returns it. Where all are of one user, delivered messages need not be read.
 *
 * @module
 */

import { ERR_NO_ERROR } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import type { DeliveryFailures } from "./delivery_failures.ts";
import { DeliveredReport } from "./delivered_report.ts";
import { DeliveryReport } from "./delivery_report.ts";
import type { Delivery, Sender } from "../client/observer.ts";
import { Outstanding } from "./outstanding.ts";
import { type DeliveryListener, ReportRequests, type SettledMessage } from "./report_requests.ts";

/** Sender of a number that no user has. */
const NOBODY: Sender = { id: "" };

/** Outstanding messages of the users of a producer. */
export class Deliveries {
  /** Those of all users. */
  readonly total: Outstanding = new Outstanding();
  readonly #library: Library;
  /** Reads failed messages, and events of which only one has to be read. */
  readonly #report: DeliveryReport;
  /** Readers of delivered messages that are not in use. */
  readonly #readers: DeliveredReport[] = [];
  readonly #shared: boolean;
  readonly #failures: DeliveryFailures;
  readonly #requests = new ReportRequests();
  readonly #users: Outstanding[] = [];
  readonly #senders: Sender[] = [];
  readonly #free: number[] = [];
  /** Former users with outstanding messages. */
  readonly #leaving = new Set<number>();

  /** For a producer with many users at the same time (`shared`), or one; `failures` gets what failed. */
  constructor(library: Library, failures: DeliveryFailures, { shared }: { shared: boolean }) {
    this.#library = library;
    this.#failures = failures;
    this.#report = new DeliveryReport(library);
    this.#shared = shared;
  }

  /** Outstanding messages of a user. */
  of(user: number): Outstanding {
    return this.#users[user]!;
  }

  /** Adds a user whose messages are counted in `outstanding`; its number. */
  admit(outstanding: Outstanding, sender: Sender): number {
    const user = this.#free.pop() ?? this.#users.length;
    this.#users[user] = outstanding;
    this.#senders[user] = sender;
    return user;
  }

  /** Removes a user; its outstanding messages are still counted. */
  dismiss(user: number): void {
    // nothing else of a closed connection is kept
    if (this.of(user).messages > 0) {
      this.#senders[user] = { id: this.#senders[user]!.id };
      this.#leaving.add(user);
    } else {
      this.#senders[user] = NOBODY;
      this.#free.push(user);
    }
  }

  /** Counts messages that librdkafka has taken. */
  taken(user: number, bytes: number, count: number = 1): void {
    const counted = this.#shared ? bytes : 0; // not needed, and reports need not be read for it
    this.of(user).taken(counted, count);
    this.total.taken(counted, count);
  }

  /**
   * Keeps what is needed for the report of a message; the slot for its opaque.
   *
   * @param place which of the messages of its listener it is
   */
  request(headerBytes: number, listener: DeliveryListener | undefined, place: number = 0): number {
    const isNeeded = listener !== undefined || (this.#shared && headerBytes > 0);
    return isNeeded ? this.#requests.add(headerBytes, listener, place) : 0;
  }

  /** librdkafka has refused the message of this slot. */
  withdraw(slot: number): void {
    this.#requests.take(slot);
  }

  /**
   * Counts the messages of a delivery report as settled, and tells the listeners of those that have one.
   *
   * @param onDelivered gets what was delivered, before that
   */
  settle(event: Deno.PointerValue, onDelivered: (delivery: Delivery) => void): void {
    const { symbols } = this.#library;
    const failed = symbols.rd_kafka_event_error(event) !== ERR_NO_ERROR;
    if (failed) return this.#settleFailed(event);
    const onlyUser = this.#shared || this.#requests.count > 0 ? -1 : this.#onlyUser;
    if (onlyUser < 0) return this.#settleDelivered(event, onDelivered);
    const count = Number(symbols.rd_kafka_event_message_count(event));
    onDelivered(this.#report.first(event, count));
    this.#settle(onlyUser, count, 0, false);
  }

  /** The user whose messages all are, -1 without one. */
  get #onlyUser(): number {
    const { messages: all } = this.total;
    return this.#users.findIndex(({ messages }) => messages === all);
  }

  /** A listener may use the producer, and with it a reader of reports: that is another one. */
  #settleDelivered(event: Deno.PointerValue, onDelivered: (delivery: Delivery) => void): void {
    const reader = this.#readers.pop() ?? new DeliveredReport(this.#library);
    reader.forEach(event, onDelivered, (message) => {
      const place = this.#requests.placeOf(message.slot);
      this.#settleMessage(message, false)?.delivered(message.readDelivered(), place);
    });
    this.#readers.push(reader);
  }

  /** Listeners are told when all failures of the report are noted. */
  #settleFailed(event: Deno.PointerValue): void {
    const results: (() => void)[] = [];
    this.#report.forEach(event, (message) => {
      const error = this.#failures.note(message, message.code, this.#senders[message.user]!);
      const place = this.#requests.placeOf(message.slot);
      const listener = this.#settleMessage(message, true);
      const { possiblyPersisted } = message;
      if (listener) results.push(() => listener.failed(error, possiblyPersisted, place));
    });
    this.#failures.reported();
    for (const tell of results) tell();
  }

  /** Counts one message; who wants to know its result. */
  #settleMessage(message: SettledMessage, failed: boolean): DeliveryListener | undefined {
    const { slot, user } = message;
    const bytes = this.#shared
      ? message.valueBytes + message.keyBytes + this.#requests.headerBytes(slot)
      : 0;
    this.#settle(user, 1, bytes, failed);
    return this.#requests.take(slot);
  }

  /** Fails what is outstanding: no more reports will come. */
  abandon(): void {
    this.#users.forEach(({ messages }, user) => {
      if (messages > 0) this.#failures.unreported(messages, this.#senders[user]!);
    });
    for (const [listener, place] of this.#requests.takeAll()) {
      listener.failed(this.#failures.noReport, true, place);
    }
  }

  #settle(user: number, count: number, bytes: number, failed: boolean): void {
    const outstanding = this.of(user);
    outstanding.settled(count, bytes, failed);
    this.total.settled(count, bytes, failed);
    if (outstanding.messages === 0 && this.#leaving.delete(user)) this.#free.push(user);
  }
}
