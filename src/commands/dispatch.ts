/**
 * Runs requests. The only place where errors become replies.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { KafkaError } from "../kafka/client/error.ts";
import { error as errorReply, type Reply } from "../resp/reply.ts";
import type { Request } from "../resp/request_parser.ts";
import { toText } from "./core/args.ts";
import type { CallCounter } from "../telemetry/call_counter.ts";
import {
  canonicalName,
  type Command,
  type FollowingRequests,
  type RunnableCommand,
} from "./core/command.ts";
import { CommandError } from "./core/command_error.ts";
import type { Context } from "./core/context.ts";
import { authorize } from "./core/authorize.ts";
import { type Answer, LaterReply } from "./core/later_reply.ts";
import { requireKept } from "./core/message_size.ts";
import { type CommandTable, type FoundCommand, requireArity } from "./registry.ts";

/**
 * How lines of an HTTP request begin. A web page can make a browser send one here whose body holds commands; so it ends
 * the connection, as in Redis (securityWarningCommand).
 */
const HTTP_WORDS = new Set(["POST", "HOST:"]);
/** One more than the longest has: of a longer word nothing else need be read. */
const HTTP_WORD_BYTES = 6;

/** What a connection that subscribes may send in RESP2. */
const WHILE_SUBSCRIBED = new Set([
  "SUBSCRIBE",
  "PSUBSCRIBE",
  "SSUBSCRIBE",
  "UNSUBSCRIBE",
  "PUNSUBSCRIBE",
  "SUNSUBSCRIBE",
  "PING",
  "QUIT",
  "RESET",
]);

const logger = getLogger(["rafka", "commands"]);

/** What a connection is told of the commands that it runs. */
export interface RunObserver {
  /**
   * A command is about to run.
   *
   * @throws {CommandError} when this connection may not run it
   */
  onRun(command: Command, request: Request): void;
  /** An error is the reply; `code` is its first word. */
  onError(code: string): void;
  /** The counters of a command. */
  counterOf(command: Command): CallCounter;
}

/**
 * Runs one request, or keeps it for EXEC. Never throws and never rejects; a promise comes only from a command that waits
 * or answers later.
 */
export function dispatch(
  commands: CommandTable,
  context: Context,
  request: Request,
  observer: RunObserver,
): Answer | Promise<Answer> {
  let command: RunnableCommand | undefined;
  try {
    const found = commands.find(request);
    command = found.command;
    requireArity(found, request);
    authorize(context, command, found.args);
    if (context.client.isSubscribed && !context.executing) {
      requireAllowedSubscribed(context, command);
    }
    const { transaction } = context.client;
    if (!transaction || command.endsTransaction) return run(context, found, request, observer);
    requireQueueable(command);
    requireKept(context, request);
    return transaction.queue(request);
  } catch (error) {
    if (command) observer.counterOf(command).rejected++;
    if (isHttp(request, command)) refuseHttp(context);
    context.client.transaction?.fail();
    return toReply(error, command, observer);
  }
}

/** Never throws. */
function run(
  context: Context,
  { command, args }: FoundCommand,
  request: Request,
  observer: RunObserver,
): Answer | Promise<Answer> {
  observer.onRun(command, request);
  const counter = observer.counterOf(command);
  const startMs = counter.begin();
  try {
    const answer = command.run(context, args);
    if (answer instanceof Promise) return answered(answer, command, observer, startMs);
    if (startMs !== undefined) counter.took(startMs);
    return answer instanceof LaterReply ? observed(answer, command, observer) : answer;
  } catch (error) {
    if (startMs !== undefined) counter.took(startMs);
    counter.failed++;
    return toReply(error, command, observer);
  } finally {
    counter.ran();
  }
}

/** Requests that were run together. */
export interface RepeatedAnswers {
  /** How many. */
  readonly count: number;
  /** Replies of those that have failed, by the number of their request. */
  readonly errors: readonly { readonly at: number; readonly reply: Reply }[];
  /** See `Repeated`. */
  readonly replies?: Reply | undefined;
  /** All replies, where they come later. */
  readonly later?: LaterReply | undefined;
}

/**
 * Runs together what follows a request that has just been answered without an error, as far as its command can. Whether
 * its user may run them need not be asked again: they are the same command on the same topic, and nothing else has run
 * in between.
 */
export function dispatchRepeats(
  commands: CommandTable,
  context: Context,
  request: Request,
  following: FollowingRequests,
  observer: RunObserver,
): RepeatedAnswers {
  const command = commands.named(request[0]!);
  if (!command?.repeat) return NO_ANSWERS;
  const startMs = performance.now();
  const { count, failed, replies, later } = command.repeat(context, request, following);
  if (count === 0) return NO_ANSWERS;
  const counter = observer.counterOf(command);
  counter.ranTogether(count, startMs);
  counter.failed += failed.length;
  const errors = failed.map(({ at, error }) => ({ at, reply: toReply(error, command, observer) }));
  return { count, errors, replies, later: later && observed(later, command, observer) };
}

const NO_ANSWERS: RepeatedAnswers = { count: 0, errors: [] };

/** A subscriber that speaks RESP2 could not tell the reply of another command from a message. */
function requireAllowedSubscribed({ client }: Context, command: Command): void {
  if (client.protocol === 3 || WHILE_SUBSCRIBED.has(command.name)) return;
  throw new CommandError(
    "ERR",
    `Can't execute '${
      canonicalName(command)
    }': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are ` +
      "allowed in this context",
  );
}

function requireQueueable({ flags }: Command): void {
  if (flags.includes("no_multi")) {
    throw new CommandError("ERR", "Command not allowed inside a transaction");
  }
}

/** POST and Host: are no commands; GET is one, and takes one word. */
function isHttp(request: Request, command: Command | undefined): boolean {
  if (!command && HTTP_WORDS.has(toText(request[0]!.subarray(0, HTTP_WORD_BYTES)).toUpperCase())) {
    return true;
  }
  return request.length === 3 && /^(\/|\*$|https?:)/.test(toText(request[1]!.subarray(0, 6))) &&
    /^HTTP\/\d/.test(toText(request[2]!.subarray(0, 6)));
}

function refuseHttp(context: Context): void {
  const { clientLog, connections } = context.gateway.telemetry;
  connections.cutOff("protocol");
  clientLog.disconnected({
    client: context.client.id,
    cause: "HTTP",
    why: "possible attack, an HTTP request was sent here",
  });
  context.quit();
}

/** What Kafka takes for a reply that comes later is not the command's own work: that is not counted. */
function observed(later: LaterReply, command: Command, observer: RunObserver): LaterReply {
  later.onFailure((error) => {
    observer.counterOf(command).failed++;
    return toReply(error, command, observer);
  });
  return later;
}

/** What a command that blocks is waiting for is not its own work: of that the time until it waits is counted. */
async function answered(
  promise: Promise<Answer>,
  command: Command,
  observer: RunObserver,
  startMs: number | undefined,
): Promise<Answer> {
  const counter = observer.counterOf(command);
  const blocks = command.flags.includes("blocking");
  if (startMs !== undefined && blocks) counter.took(startMs);
  try {
    const answer = await promise;
    return answer instanceof LaterReply ? observed(answer, command, observer) : answer;
  } catch (error) {
    counter.failed++;
    return toReply(error, command, observer);
  } finally {
    if (startMs !== undefined && !blocks) counter.took(startMs);
  }
}

function toReply(error: unknown, command: Command | undefined, observer: RunObserver): Reply {
  const code = error instanceof CommandError ? error.code : "ERR";
  observer.onError(code);
  return errorReply(`${code} ${messageOf(error, command)}`);
}

function messageOf(error: unknown, command: Command | undefined): string {
  if (error instanceof CommandError || error instanceof KafkaError) return error.message;
  logger.error("Bug: {command} failed with {error}", {
    command: command?.name ?? "finding a command",
    error: error instanceof Error ? error.stack ?? error.message : String(error),
  });
  return "internal error";
}
