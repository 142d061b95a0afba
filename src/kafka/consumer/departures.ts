/**
 * Consumers whose connection is gone and that are still leaving their groups. Most leave in a moment; one whose group or
 * broker takes long goes on in the background, since its group would wait longer for a member that just disappears. Each
 * holds threads and connections: there are bounds for how many and how long.
 *
 * @module
 */

import { settlesWithin } from "../../async/settles_within.ts";

/** After this time nobody waits for it any more. */
const GRACE_MS = 1_000;
/** The next with the same `group.instance.id` takes the place of this one, whose last commit would be refused then. */
const STATIC_GRACE_MS = 5_000;
/** How many may take longer than that at the same time. */
const MAX_SLOW = 32;

/** A consumer, as far as it leaves. */
export interface Departing {
  /** It has a `group.instance.id`. */
  readonly isStatic: boolean;
  /** Commits, leaves and ends; ends at once with the abort of `signal`. */
  close(signal: AbortSignal): Promise<void>;
}

/** Those of a gateway. */
export class Departures {
  readonly #all = new Map<Promise<void>, AbortController>();
  /** The oldest first. */
  readonly #slow = new Set<AbortController>();
  #ended: string | undefined;

  /** How many consumers are leaving. */
  get count(): number {
    return this.#all.size;
  }

  /**
   * Lets a consumer commit and leave.
   *
   * @returns when it is closed, or takes so long that it goes on in the background
   */
  async add(consumer: Departing): Promise<void> {
    const controller = new AbortController();
    if (this.#ended !== undefined) controller.abort(this.#ended);
    const closed = consumer.close(controller.signal);
    this.#all.set(closed, controller);
    const gone = closed.finally(() => {
      this.#all.delete(closed);
      this.#slow.delete(controller);
    });
    const graceMs = consumer.isStatic ? STATIC_GRACE_MS : GRACE_MS;
    if (await settlesWithin(gone, graceMs)) return;
    this.#slow.add(controller);
    gone.catch(() => {}); // `close` has logged it
    if (this.#slow.size <= MAX_SLOW) return;
    const [oldest] = this.#slow;
    this.#slow.delete(oldest!);
    oldest!.abort(`more than ${MAX_SLOW} consumers were still leaving`);
  }

  /** Waits for all; those that have not left after `timeoutMs`, or begin to leave later, just end. */
  async end(timeoutMs: number): Promise<void> {
    await settlesWithin(Promise.allSettled(this.#all.keys()), timeoutMs);
    this.#ended = "the gateway ends";
    for (const controller of this.#all.values()) controller.abort(this.#ended);
    await Promise.allSettled(this.#all.keys());
  }
}
