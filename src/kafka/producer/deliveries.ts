/**
 * Whose messages are under way in a producer: each carries the number of its user, and its delivery report brings it
 * back. Where a producer has one user only, no message has to be looked at.
 *
 * @module
 */

import { ERR_NO_ERROR } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import type { DeliveryFailures } from "./delivery_failures.ts";
import { DeliveryReport } from "./delivery_report.ts";
import type { Sender } from "../client/observer.ts";
import { Outstanding } from "./outstanding.ts";

/** The number of the user of a producer that is not shared. */
const ONLY_USER = 0;

/** What the users of a producer have outstanding. */
export class Deliveries {
  /** Of all users together. */
  readonly total: Outstanding = new Outstanding();
  readonly #library: Library;
  readonly #report: DeliveryReport;
  readonly #shared: boolean;
  readonly #failures: DeliveryFailures;
  readonly #users: Outstanding[] = [];
  readonly #senders: Sender[] = [];
  readonly #free: number[] = [];
  /** Users that are gone, whose messages are not. */
  readonly #leaving = new Set<number>();

  /** Those of a producer that has many users at the same time, or one; `failures` hears of what failed. */
  constructor(library: Library, failures: DeliveryFailures, { shared }: { shared: boolean }) {
    this.#library = library;
    this.#failures = failures;
    this.#report = new DeliveryReport(library);
    this.#shared = shared;
  }

  /** What a user has outstanding. */
  of(user: number): Outstanding {
    return this.#users[user]!;
  }

  /** Messages of a new user, `sender`, are counted in `outstanding`; its number. */
  admit(outstanding: Outstanding, sender: Sender): number {
    const user = this.#free.pop() ?? this.#users.length;
    this.#users[user] = outstanding;
    this.#senders[user] = sender;
    return user;
  }

  /** The user takes no messages any more; those that are under way are still counted. */
  dismiss(user: number): void {
    this.#senders[user] = { id: this.#senders[user]!.id }; // nothing else of a connection that is gone
    if (this.of(user).messages > 0) this.#leaving.add(user);
    else this.#free.push(user);
  }

  /** librdkafka has taken a message of this user. */
  taken(user: number, bytes: number): void {
    const counted = this.#shared ? bytes : 0; // nobody asks, and reports need not be read for it
    this.of(user).taken(counted);
    this.total.taken(counted);
  }

  /** Counts the messages of a delivery report as not under way any more. */
  settle(event: Deno.PointerValue): void {
    const { symbols } = this.#library;
    const count = Number(symbols.rd_kafka_event_message_count(event));
    const failed = symbols.rd_kafka_event_error(event) !== ERR_NO_ERROR;
    let bytes = 0;
    if (!this.#shared && !failed) this.#settle(ONLY_USER, count, 0, false);
    else {
      this.#report.forEach(event, (message) => {
        const messageBytes = this.#shared ? message.valueBytes + message.keyBytes : 0;
        bytes += messageBytes;
        if (failed) this.#failures.note(message, message.code, this.#senders[message.opaque]!);
        this.#settle(message.opaque, 1, messageBytes, failed);
      });
    }
    this.total.settled(count, bytes, failed);
    if (failed) this.#failures.reported();
  }

  /** No more reports will come. */
  abandon(): void {
    this.#users.forEach(({ messages }, user) => {
      if (messages > 0) this.#failures.unreported(messages, this.#senders[user]!);
    });
  }

  #settle(user: number, count: number, bytes: number, failed: boolean): void {
    const outstanding = this.of(user);
    outstanding.settled(count, bytes, failed);
    if (outstanding.messages === 0 && this.#leaving.delete(user)) this.#free.push(user);
  }
}
