/**
 * Calls that block a thread, some at a time. Deno has 32 threads for all calls of a process that block
 * (`nonblocking: true` in symbols.ts); a kind of calls that could take all of them would hold up every other kind.
 *
 * @module
 */

/** Runs at most `width` calls at once; the others wait in the order in which they came. */
export class Lane {
  /** How many calls run at once. */
  readonly width: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** A lane for so many calls at a time. */
  constructor(width: number) {
    this.width = width;
  }

  /** How many calls wait for their turn. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls `block` when it is its turn; what that resolves to. */
  async run<T>(block: () => Promise<T>): Promise<T> {
    if (this.#running < this.width) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return await this.#call(block);
  }

  /** The same where it is the turn of `block` within `timeoutMs`; else it is not called, and this is undefined. */
  async runWithin<T>(timeoutMs: number, block: () => Promise<T>): Promise<T | undefined> {
    if (this.#running < this.width) this.#running++;
    else if (!await this.#turnWithin(timeoutMs)) return undefined;
    return await this.#call(block);
  }

  #turnWithin(timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const turn = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(turn), 1);
        resolve(false);
      }, timeoutMs);
      this.#waiting.push(turn);
    });
  }

  /** Has a place in the lane, which the next one inherits. */
  async #call<T>(block: () => Promise<T>): Promise<T> {
    try {
      return await block();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
