/**
 * @module
 * How many messages were not delivered, by topic and error.
 */

import type { ErrorCount } from "./failed_entry.ts";

/** Kinds that are told apart; what comes on top of them is one kind. */
const MAX_KINDS = 1_000;
const MORE = "(more)";

/** Counters that are made when they are needed. */
export class ErrorCounts {
  readonly #kinds = new Map<string, ErrorCount>();

  /** `count` more. */
  add(topic: string, error: string, count: number): void {
    const isNew = !this.#kinds.has(nameOf(topic, error));
    if (isNew && this.#kinds.size >= MAX_KINDS) [topic, error] = [MORE, MORE];
    const before = this.#kinds.get(nameOf(topic, error))?.count ?? 0;
    this.#kinds.set(nameOf(topic, error), { topic, error, count: before + count });
  }

  /** In the order in which they were first seen. */
  entries(): ErrorCount[] {
    return [...this.#kinds.values()];
  }

  /** Forgets all. */
  reset(): void {
    this.#kinds.clear();
  }
}

function nameOf(topic: string, error: string): string {
  return `${topic}:${error}`; // no topic has a colon in its name
}
