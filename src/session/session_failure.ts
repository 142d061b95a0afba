/**
 * @module
 * The end of a connection: what its commands are told, what the log says when it failed.
 */

import { getLogger } from "@logtape/logtape";
import { CommandError } from "../commands/core/command_error.ts";
import { isConnectionError } from "../net/connection.ts";

/** Why a command of a connection that has ended ends, too. Nobody gets to see it. */
export const CONNECTION_GONE: CommandError = new CommandError("CONS", "Client hung up");

const logger = getLogger(["rafka", "server"]);

/** Says why the connection of `client` ends. */
export function logFailure(client: string, error: unknown): void {
  if (isConnectionError(error)) {
    logger.debug("Client {client}: {error}", { client, error: String(error) });
  } else {
    logger.error("Bug: connection of {client} failed with {error}", {
      client,
      error: error instanceof Error ? error.stack ?? error.message : String(error),
    });
  }
}
