/**
 * Names of groups and of their consumers. They are Kafka's and travel in its protocol, so they are text.
 *
 * @module
 */

import { type Argument, shownStart } from "./args.ts";
import { CommandError } from "./command_error.ts";

/** Of a text in Kafka's protocol. */
const MAX_NAME_BYTES = 32_767;
const NUL = 0;
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * A `group.id` of Kafka.
 *
 * @throws {CommandError} ERR
 */
export function parseGroupName(argument: Argument): string {
  if (argument.byteLength === 0) throw invalidName("group", argument);
  return parseName("group", argument);
}

/**
 * The name of a consumer, which may be empty.
 *
 * @throws {CommandError} ERR
 */
export function parseConsumerName(argument: Argument): string {
  return parseName("consumer", argument);
}

function parseName(what: string, argument: Argument): string {
  if (argument.byteLength > MAX_NAME_BYTES || argument.includes(NUL)) {
    throw invalidName(what, argument);
  }
  try {
    return decoder.decode(argument);
  } catch {
    throw invalidName(what, argument);
  }
}

function invalidName(what: string, argument: Argument): CommandError {
  const least = what === "group" ? 1 : 0;
  return new CommandError(
    "ERR",
    `Invalid ${what} '${
      shownStart(argument)
    }': allowed are ${least} to ${MAX_NAME_BYTES} bytes of UTF-8 without NUL`,
  );
}
