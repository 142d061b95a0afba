/**
 * What a connection is made of, for those of its parts that use the others.
 *
 * @module
 */

import type { Connection } from "../net/connection.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Outbox } from "./outbox.ts";
import type { ServerState } from "./server_state.ts";

/** The parts of a connection that its client uses. */
export interface ClientParts {
  /** Bytes in and out. */
  readonly connection: Connection;
  /** Ends the connection. */
  readonly lifecycle: Lifecycle;
  /** Outgoing replies and pushes. */
  readonly outbox: Outbox;
  /** State shared by all connections. */
  readonly server: ServerState;
}
