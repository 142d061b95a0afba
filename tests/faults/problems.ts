/**
 * What a check has found.
 *
 * @module
 */

/** So many problems of a kind are named. */
const MAX_NAMED = 5;

/** Problems by kind, each with some examples. */
export class Problems {
  readonly #examples = new Map<string, string[]>();

  /** One more of this kind. */
  add(kind: string, example: string): void {
    const examples = this.#examples.get(kind);
    if (examples) examples.push(example);
    else this.#examples.set(kind, [example]);
  }

  /** A line for each kind. */
  get lines(): string[] {
    return [...this.#examples].map(([kind, examples]) => {
      const named = examples.slice(0, MAX_NAMED).join(", ");
      return `${examples.length} ${kind}: ${named}${examples.length > MAX_NAMED ? " …" : ""}`;
    });
  }
}
