/**
 * What differs between the dialects: the letter of `OK`.
 *
 * @module
 */

import { bulk, OK, type Reply } from "../../resp/reply.ts";
import type { Context } from "./context.ts";

const BULK_OK: Reply = bulk("OK");

/** `+OK` as every Redis says it; in the dialect of the first Rafka's README a bulk string, as its transcript shows. */
export function ok({ dialect }: Pick<Context, "dialect">): Reply {
  return dialect === "readme" ? BULK_OK : OK;
}
