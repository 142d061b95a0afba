/**
 * @module
 * What a connection is called: CLIENT SETNAME, and HELLO's SETNAME.
 */

import { parseIdentity } from "./args.ts";
import { CommandError } from "./command_error.ts";
import type { Context } from "./context.ts";

/** Printable ASCII without the space, as Redis wants names and library names. */
export const PRINTABLE = /^[!-~]*$/;

/**
 * Gives the connection a name; one that it has already is fine.
 *
 * @throws {CommandError} when the name is impossible, taken, or the connection has another one that consumes
 */
export async function setClientName(context: Context, name: string): Promise<void> {
  const { client } = context;
  if (!PRINTABLE.test(name)) {
    throw new CommandError(
      "ERR",
      "Client names cannot contain spaces, newlines or special characters.",
    );
  }
  if (client.name === name) return;
  if (client.identity) {
    throw new CommandError("CONS", `Client ID is already set to ${client.name}`);
  }
  await context.setName(name, parseIdentity(name));
}
