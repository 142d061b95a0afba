/**
 * @module
 * What the log says of a connection that failed.
 */

import { getLogger } from "@logtape/logtape";
import { isConnectionError } from "./connection.ts";

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
