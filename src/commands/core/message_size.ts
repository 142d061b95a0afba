/**
 * Messages that are larger than producers take. Those of which the first bytes say so are not kept: the parser skips them
 * and hands over what stands for them.
 *
 * @module
 */

import { SkippedArgument } from "../../resp/skipped_argument.ts";
import type { Request } from "../../resp/request_parser.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

/** The beginning is librdkafka's text, which clients know. */
export function tooLarge(bytes: number, { gateway }: Context): CommandError {
  return new CommandError(
    "PROD",
    `Broker: Message size too large: ${bytes} bytes, message.max.bytes is ${gateway.maxMessageBytes} and counts key ` +
      "and overhead, too",
  );
}

/**
 * Refuses a request of which something was skipped.
 *
 * @throws {CommandError} PROD
 */
export function requireKept(context: Context, words: Request): void {
  for (const word of words) {
    if (word instanceof SkippedArgument) throw tooLarge(word.skippedBytes, context);
  }
}
