/**
 * `OK` in the two dialects.
 *
 * @module
 */

import { bulk, OK, type Reply } from "../../resp/reply.ts";
import type { Context } from "./context.ts";

const BULK_OK: Reply = bulk("OK");

/** `+OK` as in Redis; a bulk string in the dialect `readme`, as in the transcript of the first Rafka's README. */
export function ok({ dialect }: Pick<Context, "dialect">): Reply {
  return dialect === "readme" ? BULK_OK : OK;
}
