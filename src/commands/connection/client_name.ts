/**
 * What a connection is called: CLIENT SETNAME, and HELLO's SETNAME. What its client library is called follows the same
 * rule.
 *
 * @module
 */

import { parseIdentity } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";
import type { Context } from "../core/context.ts";

/** Kafka takes names of 32,767; each is in CLIENT LIST, in log lines, and with every message that fails. */
const MAX_CHARACTERS = 1_024;
/** Printable ASCII without the space. */
const PRINTABLE = /^[!-~]*$/;

/**
 * Redis' rule for what a client says of itself, and how long it may be.
 *
 * @param what it is, in the plural, for the error
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
 * Gives the connection a name; one that it has already is fine.
 *
 * @throws {CommandError} when the name is impossible, taken, or the connection has another one that consumes
 */
export async function setClientName(context: Context, name: string): Promise<void> {
  const { client } = context;
  requireLabel("Client names", name);
  if (client.name === name) return;
  if (client.identity) {
    throw new CommandError("CONS", `Client ID is already set to ${client.name}`);
  }
  await context.setName(name, parseIdentity(name));
}
