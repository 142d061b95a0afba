/**
 * What commands and the connection see of the commands between MULTI and EXEC.
 *
 * @module
 */

import type { Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";

/** What a connection has sent since MULTI. */
export interface TransactionView {
  /** What they take in memory. */
  readonly byteLength: number;
  /** In the order in which they were sent. */
  readonly requests: readonly Request[];
  /** One of them was refused: EXEC will run none. */
  readonly failed: boolean;
  /** See `failed`. */
  fail(): void;
  /**
   * Keeps a copy of the request, and answers that.
   *
   * @throws {CommandError} when they are too large together
   */
  queue(request: Request): Reply;
}
