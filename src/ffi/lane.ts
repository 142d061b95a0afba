/**
 * Limits how many calls of one kind block a thread at a time. Deno has 32 threads for all blocking calls of a process
 * (`nonblocking: true` in symbols.ts); a kind of calls that takes all of them would hold up every other kind.
 *
 * @module
 */

/** Runs at most `width` calls at a time; the others wait in order. */
export class Lane {
  /** Maximum number of calls at a time. */
  readonly width: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  /** A lane for `width` calls at a time. */
  constructor(width: number) {
    this.width = width;
  }

  /** Number of waiting calls. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Calls `block` at its turn, and resolves to its result. */
  async run<T>(block: () => Promise<T>): Promise<T> {
    if (this.#running < this.width) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    return await this.#call(block);
  }

  /** As `run`; when its turn is not within `timeoutMs`, `block` is not called, and the result is undefined. */
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

  /** Runs `block`, then passes its slot on to the next call. */
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
