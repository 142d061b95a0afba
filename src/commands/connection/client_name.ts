/**
 * The name of a connection, set by CLIENT SETNAME and by HELLO, and the rule for it, which also holds for the name of a
 * client library.
 *
 * @module
 */

import { parseIdentity } from "../core/identity.ts";
import { usesGroup } from "../core/access.ts";
import { requireKey } from "../core/authorize.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";

/** Kafka allows 32,767; but each name is in CLIENT LIST, in log lines, and kept with every failed message. */
const MAX_CHARACTERS = 1_024;
/** Printable ASCII without the space. */
const PRINTABLE = /^[!-~]*$/;

/**
 * Checks a name: Redis' rule, and a maximum length.
 *
 * @param what what the error calls it, in the plural
 * @throws {CommandError} ERR
 */
export function requireLabel(what: string, text: string): void {
  if (text.length > MAX_CHARACTERS) {
    throw new CommandError(
      "ERR",
      `${what} cannot be longer than ${MAX_CHARACTERS} characters, got ${text.length}.`,
    );
  }
  if (!PRINTABLE.test(text)) {
    throw new CommandError(
      "ERR",
      `${what} cannot contain spaces, newlines or special characters.`,
    );
  }
}

/**
 * Names the connection; its present name is accepted.
 *
 * @throws {CommandError} when the name is invalid or taken, the user may not consume as its group, or the connection is in
 *   a group under another one
 */
export async function setClientName(context: Context, name: string): Promise<void> {
  const { client } = context;
  requireLabel("Client names", name);
  if (client.name === name) return;
  if (client.identity) {
    throw new CommandError("CONS", `Client ID is already set to ${client.name}`);
  }
  const identity = parseIdentity(name);
  // a name is one connection's alone: who may not consume as the group must not keep others from it
  if (identity) requireKey(context, usesGroup(identity.groupId));
  await context.setName(name, identity);
}
