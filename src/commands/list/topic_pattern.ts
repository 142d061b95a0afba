/**
 * Topics that are named by a regular expression, `^…`. The C library compiles it for librdkafka, on the thread that
 * serves all clients and once more for each topic of the cluster. There are expressions of 40 characters that take it
 * minutes and all memory, and some of 20,000 that overflow its stack: what makes them so dear is refused.
 *
 * @module
 */

/** Of all regular expressions of a command. */
const MAX_CHARACTERS = 1_000;
/** Measured: whatever they are, so many are compiled within 10 ms and 10 MB. */
const MAX_CHOICES = 100;

/** Between braces; a comma separates topics, so there is no `{n,m}`. */
const COUNTS = /\{(\d{1,5})\}/g;
const CHOICES = /[(|*+?{]/g;
/** Each level multiplies the time by what is inside; `(…)?` repeats nothing. In `[…]` or escaped it is refused as well. */
const REPEATED_GROUP = /\)[*+{]|[*+?}][*+?{]/;
/** An extension of glibc, which tries every way to match. */
const BACK_REFERENCE = /\\[1-9]/;

/** Why these regular expressions of one command are refused; undefined if they aren't. */
export function whyRefused(patterns: readonly string[]): string | undefined {
  const text = patterns.join(",");
  if (text.length > MAX_CHARACTERS) {
    return `regular expressions have at most ${MAX_CHARACTERS} characters together, ` +
      `these have ${text.length}`;
  }
  if (text.includes("\0")) return "a regular expression cannot hold a NUL"; // C sees what is before it
  if (BACK_REFERENCE.test(text)) return "a regular expression cannot refer back to a group";
  if (text.replaceAll(COUNTS, "").includes("{")) {
    return "a count in a regular expression must be as in {4}";
  }
  if (REPEATED_GROUP.test(text)) {
    return "a regular expression can repeat a character or a set, not a group or a repetition";
  }
  const choices = countChoices(text);
  if (choices <= MAX_CHOICES) return undefined;
  return `regular expressions have at most ${MAX_CHOICES} of ( | * + ? { together, ` +
    `{n} as n more, these have ${choices}`;
}

function countChoices(text: string): number {
  const repeated = Array.from(text.matchAll(COUNTS), ([, count]) => Number(count));
  return repeated.reduce((sum, count) => sum + count, text.match(CHOICES)?.length ?? 0);
}
