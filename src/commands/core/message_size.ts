/**
 * Messages above `message.max.bytes`. The parser skips those whose announced length says so, and passes on a placeholder.
 *
 * @module
 */

import { SkippedArgument } from "../../resp/skipped_argument.ts";
import type { Request } from "../../resp/request_parser.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

/** The error for such a message; it begins with librdkafka's text, which clients know. */
export function tooLarge(bytes: number, { gateway }: Context): CommandError {
  return new CommandError(
    "PROD",
    `Broker: Message size too large: ${bytes} bytes, message.max.bytes is ${gateway.maxMessageBytes} and counts key ` +
      "and overhead, too",
  );
}

/**
 * Rejects a request with a skipped argument.
 *
 * @throws {CommandError} PROD
 */
export function requireKept(context: Context, request: Request): void {
  for (const argument of request) {
    const isSkipped = argument.byteLength === 0 && argument instanceof SkippedArgument;
    if (isSkipped) throw tooLarge(argument.skippedBytes, context);
  }
}
