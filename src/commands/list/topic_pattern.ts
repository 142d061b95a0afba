/**
 * Topics named by a regular expression, `^…`. The C library compiles it for librdkafka, on the thread that serves all
 * clients and again for each topic of the cluster. Some expressions of 40 characters take minutes and all memory, and
 * some of 20,000 overflow the stack: the constructs behind this are rejected.
 *
 * @module
 */

/** Of all regular expressions of a command. */
const MAX_CHARACTERS = 1_000;
/** Measured: this many of any kind are compiled within 10 ms and 10 MB. */
const MAX_CHOICES = 100;

/** Between braces; a comma separates topics, so there is no `{n,m}`. */
const COUNTS = /\{(\d{1,5})\}/g;
const CHOICES = /[(|*+?{]/g;
/** Each level multiplies the time by that of its content; `(…)?` repeats nothing. Also matches in `[…]` and escaped. */
const REPEATED_GROUP = /\)[*+{]|[*+?}][*+?{]/;
/** An extension of glibc that makes it backtrack. */
const BACK_REFERENCE = /\\[1-9]/;

/** The reason to reject the regular expressions of a command; undefined if there is none. */
export function whyRefused(patterns: readonly string[]): string | undefined {
  const text = patterns.join(",");
  if (text.length > MAX_CHARACTERS) {
    return `regular expressions have at most ${MAX_CHARACTERS} characters together, ` +
      `these have ${text.length}`;
  }
  if (text.includes("\0")) return "a regular expression cannot hold a NUL"; // it ends a string of C
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
