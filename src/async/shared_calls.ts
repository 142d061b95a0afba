/**
 * Calls whose answer must be newer than the call, shared by those who ask at the same time.
 *
 * @module
 */

interface Calls<T> {
  readonly current: Promise<T>;
  next?: Promise<T>;
}

/** At most one call of each name is under way, and one waits for its end: that one is shared. */
export class SharedCalls<T> {
  readonly #calls = new Map<string, Calls<T>>();

  /** Calls `ask`, or shares a call of this name that has not begun yet. */
  call(name: string, ask: () => Promise<T>): Promise<T> {
    const calls = this.#calls.get(name);
    if (!calls) return this.#begin(name, ask);
    calls.next ??= calls.current.catch(() => {}).then(() => this.#begin(name, ask));
    return calls.next;
  }

  #begin(name: string, ask: () => Promise<T>): Promise<T> {
    const calls: Calls<T> = { current: ask() };
    this.#calls.set(name, calls);
    const end = (): void => {
      if (this.#calls.get(name) === calls && !calls.next) this.#calls.delete(name);
    };
    calls.current.then(end, end);
    return calls.current;
  }
}
