/**
 * Whether a connection may run a request: the one place that decides it, for every command, queued ones and those of
 * EXEC included.
 *
 * @module
 */

import type { Denial } from "../../auth/acl_log.ts";
import type { KeyUse, Refusal, RequestUses } from "../../auth/selector.ts";
import { COLON } from "../../resp/bytes.ts";
import type { Request } from "../../resp/request_parser.ts";
import { NO_KEYS } from "./access.ts";
import { type Argument, isTopicsKey } from "./args.ts";
import { clientInfo } from "./client_info.ts";
import type { Command } from "./command.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";
import { namesTopic } from "./memo.ts";

/**
 * Checks a request before it runs or is queued.
 *
 * @throws {CommandError} NOAUTH before a login, NOPERM for what the user may not do; the refusal is counted and logged
 */
export function authorize(context: Context, command: Command, args: Request): void {
  const { client } = context;
  if (command.beforeLogin) return;
  if (!client.authenticated) throw new CommandError("NOAUTH", "Authentication required.");
  if (client.user.isUnrestricted) {
    client.waitsWith = undefined;
    return;
  }
  if (isGranted(context, command, args)) return;
  const uses = requireRights(context, command, args);
  if (command.flags.includes("blocking")) client.waitsWith = uses;
  remember(context, command, args);
}

/**
 * Checks a key that the arguments of a command alone do not tell.
 *
 * @throws {CommandError} NOPERM
 */
export function requireKey(context: Context, use: KeyUse): void {
  if (!context.client.user.mayUse(use)) throw refused(context, { reason: "key", object: use.key });
}

/**
 * Checks a right beside that of the command.
 *
 * @throws {CommandError} NOPERM
 */
export function requireRight(context: Context, right: string): void {
  if (!context.client.user.mayRun(right)) {
    throw refused(context, { reason: "command", object: right });
  }
}

/** The error for a client. */
export function noPermission({ reason, object }: Refusal): CommandError {
  switch (reason) {
    case "command":
      return new CommandError(
        "NOPERM",
        `this user has no permissions to run the '${object}' command`,
      );
    case "key":
      return new CommandError(
        "NOPERM",
        "this user has no permissions to access one of the keys used as arguments",
      );
    case "channel":
      return new CommandError(
        "NOPERM",
        "this user has no permissions to access one of the channels used as arguments",
      );
  }
}

function requireRights(context: Context, command: Command, args: Request): RequestUses {
  const { user } = context.client;
  const { right, access } = command;
  if (!user.mayRun(right) || !access) throw refused(context, { reason: "command", object: right });
  const uses = access.uses(args, context);
  const refusal = user.refusal(right, uses, access.rights?.(args));
  if (refusal) throw refused(context, refusal);
  return { right, uses };
}

/** Whether the last command was the same, on the same topic. */
function isGranted({ client: { memo } }: Context, command: Command, args: Request): boolean {
  if (memo.granted !== command) return false;
  const { dependsOn: at, ofArguments = args.length } = command.access!;
  if (args.length !== ofArguments) return false;
  return at === undefined ? true : namesTopic(args[at]!, memo.grantedKey);
}

/** Another answer is forgotten, so that what is remembered is what the last command was allowed for. */
function remember({ client: { memo } }: Context, command: Command, args: Request): void {
  const { dependsOn, ofArguments = args.length } = command.access!;
  const key = dependsOn === undefined ? undefined : args[dependsOn]!;
  const isKnown = command.access === NO_KEYS || key !== undefined && isTopicsKey(key);
  memo.granted = isKnown && args.length === ofArguments ? command : undefined;
  if (key) memo.grantedKey = upToTopic(key).slice();
}

/** `topics:<topic>` of `topics:<topic>:…`; all of an argument without a second colon. */
function upToTopic(argument: Argument): Argument {
  const colon = argument.indexOf(COLON);
  const second = colon < 0 ? -1 : argument.indexOf(COLON, colon + 1);
  return second < 0 ? argument : argument.subarray(0, second);
}

/**
 * Counts a refusal, logs it, and keeps it for ACL LOG.
 *
 * @param why of a login, for the log alone
 */
export function noteDenial(
  { client, gateway, executing }: Context,
  reason: Denial["reason"],
  object: string,
  username: string,
  why?: string,
): void {
  const context = executing || client.transaction ? "multi" : "toplevel";
  gateway.aclLog.add({ reason, object, username, context, clientInfo: clientInfo(client) });
  gateway.telemetry.denials.note({ client: client.id, reason, object, username, why });
}

/** As Redis has it. */
const WHY_NOT_EXECUTED: Readonly<Record<Refusal["reason"], string>> = {
  command: "no permission to execute the command or subcommand",
  key: "no permission to touch the specified keys",
  channel: "no permission to access one of the channels used as arguments to the command",
};

/** Notes the refusal, and makes the error for it. */
function refused(context: Context, refusal: Refusal): CommandError {
  const { reason, object } = refusal;
  noteDenial(context, reason, object, context.client.user.name);
  if (!context.executing) return noPermission(refusal);
  const why = WHY_NOT_EXECUTED[reason];
  return new CommandError(
    "NOPERM",
    "ACLs rules changed between the moment the transaction was accumulated and the EXEC call. " +
      `This command is no longer allowed for the following reason: ${why}`,
  );
}
