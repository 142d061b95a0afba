/**
 * A test file with very many tests may be run in parts, beside each other: RAFKA_TEST_PART is `1/3` for the first of
 * three. `deno task test` runs all parts (`PARTS` in tasks/test_plan.ts); without it a file is in one piece.
 *
 * @module
 */
const [part, parts] = (Deno.env.get("RAFKA_TEST_PART") ?? "1/1").split("/").map(Number);

/** Those of a list that belong to this part: each of them to one. */
export function ownPart<T>(all: readonly T[]): readonly T[] {
  return all.filter((_, i) => i % parts! === part! - 1);
}
