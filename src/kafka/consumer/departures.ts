/**
 * Consumers of closed connections that are leaving their groups. Most leave in a moment; one whose group or broker is slow
 * continues in the background, since a group waits longer for a member that disappears. Each holds threads and
 * connections: their number and their time are bounded.
 *
 * @module
 */

import { settlesWithin } from "../../async/settles_within.ts";

/** How long `add` waits for a consumer. */
const GRACE_MS = 1_000;
/** The same for a static member: the next one with its `group.instance.id` fences it, and its last commit is refused. */
const STATIC_GRACE_MS = 5_000;
/** Maximum number of consumers that take longer than that at the same time. */
const MAX_SLOW = 32;

/** What a departure needs of a consumer. */
export interface Departing {
  /** The consumer has a `group.instance.id`. */
  readonly isStatic: boolean;
  /** Commits, leaves and ends; ends immediately with the abort of `signal`. */
  close(signal: AbortSignal): Promise<void>;
}

/** Leaving consumers of a gateway. */
export class Departures {
  readonly #all = new Map<Promise<void>, AbortController>();
  /** Oldest first. */
  readonly #slow = new Set<AbortController>();
  #ended: string | undefined;

  /** Number of leaving consumers. */
  get count(): number {
    return this.#all.size;
  }

  /**
   * Makes a consumer commit and leave. Resolves when it is closed, or takes so long that it continues in the background.
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

  /** Waits for all; those that have not left after `timeoutMs`, or begin to leave later, end without leaving. */
  async end(timeoutMs: number): Promise<void> {
    await settlesWithin(Promise.allSettled(this.#all.keys()), timeoutMs);
    this.#ended = "the gateway ends";
    for (const controller of this.#all.values()) controller.abort(this.#ended);
    await Promise.allSettled(this.#all.keys());
  }
}
