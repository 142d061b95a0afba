/**
 * What is done for MAXLEN and MINID: by default nothing, Kafka's retention decides how long streams are.
 *
 * @module
 */

import type { StreamBound } from "../../streams/stream_trims.ts";
import type { ServerSettings } from "../../config/schema.ts";
import type { Trim } from "./trim_options.ts";

/**
 * What is to be deleted: with `server.streams.trim`, and without `~`, with which as many entries may be kept as there are.
 *
 * @returns undefined for nothing
 */
export function boundOf(
  trim: Trim | undefined,
  { streams }: Pick<ServerSettings, "streams">,
): StreamBound | undefined {
  if (!trim || trim.approximate || !streams.trim) return undefined;
  return trim.strategy === "MAXLEN" ? { length: BigInt(trim.maxLength) } : { minId: trim.minId };
}
