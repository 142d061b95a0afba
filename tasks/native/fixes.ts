/**
 * @module
 * Mistakes in librdkafka's source that end the process, and with it all connections, put right before it is compiled.
 * They are fixed in later releases: a fix that no longer applies is to be deleted.
 */
import { TaskError } from "../say.ts";

/** A piece of one file, each time it occurs, and what it should be. */
export interface Fix {
  /** For people. */
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

/** Those of librdkafka 2.12.0. */
export const fixes: readonly Fix[] = [{
  what: "a consumer that leaves its group while nobody knows the coordinator reads address 0 " +
    "(confluentinc/librdkafka#5327)",
  file: "src/rdkafka_cgrp.c",
  from: 'rkb->rkb_rk, CGRP, "LEAVEGROUP",',
  to: 'rk, CGRP, "LEAVEGROUP",',
}];

/**
 * Changes the source in `folder`.
 *
 * @throws {TaskError} when there is nothing to change
 */
export async function applyFixes(folder: string, all: readonly Fix[] = fixes): Promise<void> {
  for (const { what, file, from, to } of all) {
    const path = `${folder}/${file}`;
    const text = await Deno.readTextFile(path);
    if (!text.includes(from)) {
      throw new TaskError(`${file} has no ${from}: is it fixed there that ${what}?`);
    }
    await Deno.writeTextFile(path, text.replaceAll(from, to));
  }
}
