/**
 * Matching of Redis' glob patterns: `*`, `?`, `[abc]`, `[^a-z]`, `\` before a literal character.
 *
 * @see https://redis.io/docs/latest/commands/keys/
 * @module
 */

/**
 * Whether all of `text` matches. Takes at most pattern length × text length steps, however many stars there are; a
 * regular expression could take exponential time.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let t = 0;
  let afterStar = -1; // where to continue after a mismatch behind the last star
  let starText = 0; // the end of what that star matches
  while (t < text.length) {
    if (pattern[p] === "*") {
      afterStar = ++p;
      starText = t;
      continue;
    }
    const next = matchOne(pattern, p, text[t]!);
    if (next > 0) {
      p = next;
      t++;
    } else if (afterStar >= 0) {
      p = afterStar;
      t = ++starText;
    } else {
      return false;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** The index behind the element at `p` if it matches `char`, else -1. */
function matchOne(pattern: string, p: number, char: string): number {
  switch (pattern[p]) {
    case undefined:
      return -1;
    case "?":
      return p + 1;
    case "[":
      return matchClass(pattern, p + 1, char);
    case "\\":
      if (p + 1 < pattern.length) return pattern[p + 1] === char ? p + 2 : -1;
  }
  return pattern[p] === char ? p + 1 : -1;
}

/** A class without its closing bracket ends with the pattern, as in Redis. */
function matchClass(pattern: string, p: number, char: string): number {
  const negated = pattern[p] === "^";
  if (negated) p++;
  let found = false;
  while (p < pattern.length && pattern[p] !== "]") {
    const escaped = pattern[p] === "\\" && p + 1 < pattern.length;
    if (escaped) p++;
    const from = pattern[p]!;
    let to = from;
    if (!escaped && pattern[p + 1] === "-" && p + 2 < pattern.length) {
      to = pattern[p + 2]!;
      p += 2;
    }
    const [low, high] = from <= to ? [from, to] : [to, from];
    if (low <= char && char <= high) found = true;
    p++;
  }
  return found !== negated ? Math.min(p + 1, pattern.length) : -1;
}
