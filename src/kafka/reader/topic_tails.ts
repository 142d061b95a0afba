/**
 * The tails of all topics that somebody waits for: one for a topic, however many wait; none for long after the last.
 *
 * @module
 */

import { ERR__CRIT_SYS_RESOURCE } from "../../ffi/constants.ts";
import { KafkaError } from "../client/error.ts";
import type { Positions } from "./tail_window.ts";
import { type TailOptions, TopicTail } from "./topic_tail.ts";

/** How tails are kept. */
export interface TailsOptions {
  /** How each is made. */
  readonly tail: TailOptions;
  /** Maximum number of tails. */
  readonly maxTails: number;
  /** A tail that nobody waits for is closed after so long. */
  readonly idleMs: number;
}

interface OpenTail {
  readonly tail: TopicTail;
  waiting: number;
  usedAtMs: number;
}

/** Owns tails. */
export class TopicTails {
  readonly #options: TailsOptions;
  readonly #open = new Map<string, OpenTail>();
  readonly #ending = new Set<Promise<void>>();
  readonly #timer: ReturnType<typeof setInterval>;

  /** Opens none. */
  constructor(options: TailsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.#closeIdle(), options.idleMs / 2);
    Deno.unrefTimer(this.#timer as unknown as number);
  }

  /** Number of open tails. */
  get count(): number {
    return this.#open.size;
  }

  /** The tail of a topic, if there is one. */
  find(topic: string): TopicTail | undefined {
    const open = this.#open.get(topic);
    if (!open) return undefined;
    if (open.tail.failure) {
      this.#close(open);
      return undefined;
    }
    open.usedAtMs = performance.now();
    return open.tail;
  }

  /**
   * The tail of a topic; a new one begins at `positions`, which name all partitions.
   *
   * @param topicId as for `TopicTail`
   * @throws {KafkaError} when there are too many, or when it can't be made
   */
  open(topic: string, positions: Positions, topicId?: string): TopicTail {
    const found = this.find(topic);
    if (found) return found;
    if (this.#open.size >= this.#options.maxTails) this.#makeRoom();
    const tail = new TopicTail(topic, positions, topicId, this.#options.tail);
    this.#open.set(topic, { tail, waiting: 0, usedAtMs: performance.now() });
    return tail;
  }

  /**
   * Waits for messages of a tail, see there; it stays open as long. One that has failed is closed.
   */
  async wait(tail: TopicTail, timeoutMs: number, signal: AbortSignal): Promise<void> {
    const open = this.#open.get(tail.topic);
    if (open?.tail !== tail) return; // closed since
    open.waiting++;
    try {
      await tail.wait(timeoutMs, signal);
    } finally {
      open.waiting--;
      open.usedAtMs = performance.now();
      if (tail.failure) this.#close(open);
    }
  }

  /** Closes a tail that has read what is not there: the topic was made anew. */
  discard(tail: TopicTail): void {
    const open = this.#open.get(tail.topic);
    if (open?.tail === tail) this.#close(open);
  }

  /** Closes all. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    for (const open of this.#open.values()) this.#close(open);
    await Promise.all(this.#ending);
  }

  #makeRoom(): void {
    const [oldest] = [...this.#open.values()].filter(({ waiting }) => waiting === 0)
      .sort((a, b) => a.usedAtMs - b.usedAtMs);
    if (oldest) return this.#close(oldest);
    const { maxTails } = this.#options;
    throw new KafkaError(
      `there are readers of ${maxTails} topics that XREAD waits for, as many as server.streams.maxReaders allows`,
      ERR__CRIT_SYS_RESOURCE,
      "_CRIT_SYS_RESOURCE",
    );
  }

  #closeIdle(): void {
    const sinceMs = performance.now() - this.#options.idleMs;
    for (const open of this.#open.values()) {
      if (open.waiting === 0 && open.usedAtMs < sinceMs) this.#close(open);
    }
  }

  #close(open: OpenTail): void {
    const { tail } = open;
    if (this.#open.get(tail.topic) === open) this.#open.delete(tail.topic);
    const ended = tail.close();
    this.#ending.add(ended);
    void ended.finally(() => this.#ending.delete(ended));
  }
}
