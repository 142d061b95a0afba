/**
 * Logins with a name and a password, for AUTH and HELLO.
 *
 * @module
 */

import { Notifier } from "../../async/notifier.ts";
import { MAX_NAME_BYTES } from "../../auth/passwords.ts";
import { type Argument, toText } from "./args.ts";
import { noteDenial } from "./authorize.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

/** However often a connection has failed. */
const MAX_FAILURE_MS = 5_000;

/**
 * Makes the connection a user's.
 *
 * @param via the command, for ACL LOG
 * @throws {CommandError} WRONGPASS, after a while that is longer each time; nothing changes then
 */
export async function logIn(
  context: Context,
  via: "AUTH" | "HELLO",
  name: Argument,
  password: Argument,
): Promise<void> {
  const { gateway } = context;
  const isTooLong = name.byteLength > MAX_NAME_BYTES;
  const text = toText(name.subarray(0, MAX_NAME_BYTES));
  const user = gateway.users.logIn(isTooLong ? "" : text, password);
  if (user && !isTooLong) return await context.logIn(user);
  noteDenial(context, "auth", via, text);
  await slowDown(context);
  throw new CommandError("WRONGPASS", "invalid username-password pair or user is disabled.");
}

/** Requests behind it wait, too: who guesses takes a connection for each guess. */
async function slowDown({ client, gateway }: Context): Promise<void> {
  const ms = Math.min(gateway.loginFailureMs * 2 ** client.failedLogins++, MAX_FAILURE_MS);
  if (!client.ended.aborted) await new Notifier().wait(ms, client.ended);
}
