/**
 * A part of a list, the same way for all of `/api/…`: `count` rows behind the first `cursor` of those with `match` in a
 * name.
 *
 * @module
 */

/** Rows in one answer, unless a request says otherwise, and at most. */
const COUNT = 100;
const MAX_COUNT = 1_000;

/** Rows of a list. */
export interface Part<T> {
  /** Number of rows that match. */
  readonly total: number;
  /** Those of the part. */
  readonly some: readonly T[];
}

/**
 * Numbers that are none count as left out.
 *
 * @param query `count`, `cursor`, `match`
 * @param namesOf what `match` may be a part of; undefined when names are hidden, and all rows match
 */
export function partOf<T>(
  all: readonly T[],
  query: URLSearchParams,
  namesOf: ((row: T) => readonly string[]) | undefined,
): Part<T> {
  const match = query.get("match") ?? "";
  const found = namesOf && match !== ""
    ? all.filter((row) => namesOf(row).some((name) => name.includes(match)))
    : all;
  const from = wholeNumber(query.get("cursor"), 0);
  const count = Math.min(wholeNumber(query.get("count"), COUNT), MAX_COUNT);
  return { total: found.length, some: found.slice(from, from + count) };
}

function wholeNumber(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;
}
