/**
 * Logins with a name and a password, for AUTH and HELLO.
 *
 * @module
 */

import { Notifier } from "../../async/notifier.ts";
import { MAX_NAME_BYTES } from "../../auth/passwords.ts";
import type { User } from "../../auth/user.ts";
import { type Argument, toText } from "./args.ts";
import { noteDenial } from "./authorize.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

/** However often a connection has failed. */
const MAX_FAILURE_MS = 5_000;
/** Nothing of the user is told: it may be none. */
const TOO_MANY = "too many failed logins of this user from your address: try again later";

/**
 * Makes the connection a user's.
 *
 * @param via the command, for ACL LOG
 * @throws {CommandError} WRONGPASS, after a while that is longer each time; ERR, unchecked, behind too many from the same
 * address. Nothing changes then
 */
export async function logIn(
  context: Context,
  via: "AUTH" | "HELLO",
  name: Argument,
  password: Argument,
): Promise<void> {
  const { client, gateway: { logins, users } } = context;
  const isTooLong = name.byteLength > MAX_NAME_BYTES;
  const text = toText(name.subarray(0, MAX_NAME_BYTES));
  const attempt = logins.begin(client.address, text, password);
  if (attempt.waitMs === undefined) {
    await refuse(context, via, text, "too many failed logins from its address");
    throw new CommandError("ERR", TOO_MANY);
  }
  if (attempt.waitMs > 0) await pause(context, attempt.waitMs);
  const user = users.logIn(isTooLong ? "" : text, password);
  if (user && !isTooLong) {
    logins.succeeded(attempt);
    return await context.logIn(user);
  }
  logins.failed(attempt);
  await refuse(context, via, text, whyRefused(users.get(text)));
  throw new CommandError("WRONGPASS", "invalid username-password pair or user is disabled.");
}

/** The client is not told: it could find out who there is. */
function whyRefused(user: User | undefined): string {
  if (!user) return "there is no such user";
  return user.enabled ? "wrong password" : "the user is off";
}

async function refuse(
  context: Context,
  via: "AUTH" | "HELLO",
  name: string,
  why: string,
): Promise<void> {
  const { client, gateway: { loginFailureMs } } = context;
  noteDenial(context, "auth", via, name, why);
  await pause(context, Math.min(loginFailureMs * 2 ** client.failedLogins++, MAX_FAILURE_MS));
}

/** Requests behind it wait, too. A connection that has ended meanwhile is no user's. */
async function pause({ client: { ended } }: Context, ms: number): Promise<void> {
  if (!ended.aborted) await new Notifier().wait(ms, ended);
  ended.throwIfAborted();
}
