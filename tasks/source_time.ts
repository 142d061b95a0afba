/**
 * The time of the source, used for everything built from it: the same source gives the same bytes on any day.
 *
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 * @module
 */

import { git } from "./git.ts";

/** SOURCE_DATE_EPOCH, else the time of the last commit; undefined where there is neither. */
export async function sourceTime(): Promise<Date | undefined> {
  const given = Deno.env.get("SOURCE_DATE_EPOCH");
  const seconds = given || await git("log", "-1", "--format=%ct") || "";
  return /^\d+$/.test(seconds) ? new Date(Number(seconds) * 1000) : undefined;
}
