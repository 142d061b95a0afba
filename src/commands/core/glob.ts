/**
 * Redis' glob patterns, as in KEYS: `*`, `?`, `[abc]`, `[^a-z]`, `\` before a literal character.
 *
 * @see https://redis.io/docs/latest/commands/keys/
 * @module
 */

import { type Argument, toText } from "./args.ts";
import { CommandError } from "./command_error.ts";

export { matchesGlob } from "../../resp/glob_match.ts";

/** The longest key, `topics:` and 249 characters, with each character escaped. */
const MAX_BYTES = 512;

/**
 * Parses a pattern of a client. It is matched with all topics of the cluster: a long one would stall the gateway.
 *
 * @throws {CommandError} ERR when it is too long
 */
export function parseGlob(argument: Argument): string {
  if (argument.byteLength <= MAX_BYTES) return toText(argument);
  throw new CommandError(
    "ERR",
    `pattern has ${argument.byteLength} bytes, at most ${MAX_BYTES} are allowed`,
  );
}
