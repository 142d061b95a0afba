/**
 * A collection that members come to and leave at a high rate, in the order of their arrival.
 *
 * A `Set` is none: it gets a new table every few dozen changes, and the former one refers to its members and to the new
 * table. V8 collects young objects without looking whether an old one that refers to them is alive. So a table that has
 * become old keeps its members, with all that they refer to, and the next table; these become old, too, and so on
 * until the next full collection. Links that are cut when a member leaves have no such effect.
 *
 * @module
 */

/** The place of a member. */
export interface Link<T> {
  /** The member. */
  readonly value: T;
  /** The one that came before it and is still there. */
  before: Link<T> | undefined;
  /** The one that came next. */
  after: Link<T> | undefined;
}

/** Members in the order in which they were added. */
export class Chain<T> implements Iterable<T> {
  #first: Link<T> | undefined;
  #last: Link<T> | undefined;
  #size = 0;

  /** Number of members. */
  get size(): number {
    return this.#size;
  }

  /** Adds a member at the end; the result is what `remove` takes, once. */
  add(value: T): Link<T> {
    const link: Link<T> = { value, before: this.#last, after: undefined };
    if (this.#last) this.#last.after = link;
    else this.#first = link;
    this.#last = link;
    this.#size++;
    return link;
  }

  /** Removes a member. */
  remove(link: Link<T>): void {
    const { before, after } = link;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    link.before = link.after = undefined;
    this.#size--;
  }

  /** The members; none may be removed meanwhile. */
  *[Symbol.iterator](): Iterator<T> {
    for (let link = this.#first; link; link = link.after) yield link.value;
  }
}
