/**
 * @module
 * Runs requests. The only place where errors become replies.
 */

import { getLogger } from "@logtape/logtape";
import { KafkaError } from "../kafka/error.ts";
import { error as errorReply, type Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import { toText } from "./args.ts";
import type { Command, RunnableCommand } from "./command.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";
import { requireKept } from "./message_size.ts";
import { findCommand } from "./table.ts";

/**
 * How an HTTP request begins. A web page can make a browser send one here whose body holds commands; so it ends
 * the connection, as in Redis (securityWarningCommand).
 */
const HTTP_WORDS = new Set(["POST", "HOST:"]);
/** One more than the longest has: of a longer word nothing else need be read. */
const HTTP_WORD_BYTES = 6;

const logger = getLogger(["rafka", "commands"]);

/** Who wants to know what is run. */
export interface RunObserver {
  /** A command is about to run. */
  onRun(command: Command, request: Request): void;
}

/**
 * Runs one request, or keeps it for EXEC. Never throws and never rejects; a promise comes only from a command that waits.
 *
 * @param observer is told just before the command runs
 */
export function dispatch(
  context: Context,
  request: Request,
  observer: RunObserver,
): Reply | Promise<Reply> {
  let command: RunnableCommand | undefined;
  try {
    const found = findCommand(request);
    command = found.command;
    const { transaction } = context.client;
    if (transaction && !command.endsTransaction) {
      requireQueueable(command);
      requireKept(context, request);
      return transaction.queue(request);
    }
    observer.onRun(command, request);
    const reply = command.run(context, found.args);
    return reply instanceof Promise ? answered(reply, command) : reply;
  } catch (error) {
    if (!command && isHttp(request)) refuseHttp(context);
    if (!command?.endsTransaction) context.client.transaction?.fail();
    return toReply(error, command);
  }
}

function requireQueueable({ flags }: Command): void {
  if (flags.includes("no_multi")) {
    throw new CommandError("ERR", "Command not allowed inside a transaction");
  }
}

function isHttp(request: Request): boolean {
  return HTTP_WORDS.has(toText(request[0]!.subarray(0, HTTP_WORD_BYTES)).toUpperCase());
}

function refuseHttp(context: Context): void {
  context.gateway.clientLog.disconnected({
    client: context.client.id,
    cause: "HTTP",
    why: "possible attack, an HTTP request was sent here",
  });
  context.quit();
}

async function answered(reply: Promise<Reply>, command: Command): Promise<Reply> {
  try {
    return await reply;
  } catch (error) {
    return toReply(error, command);
  }
}

function toReply(error: unknown, command: Command | undefined): Reply {
  if (error instanceof CommandError) return errorReply(`${error.code} ${error.message}`);
  if (error instanceof KafkaError) return errorReply(`ERR ${error.message}`);
  logger.error("Bug: {command} failed with {error}", {
    command: command?.name ?? "finding a command",
    error: error instanceof Error ? error.stack ?? error.message : String(error),
  });
  return errorReply("ERR internal error");
}
