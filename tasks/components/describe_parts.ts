/**
 * Writes two descriptions beside the parts of a program: licenses.txt for people, which is embedded in the program, and
 * rafka.cdx.json for scanners, which is shipped with it.
 *
 * @module
 */
import { collectComponents } from "./collect.ts";
import { writeNotices } from "./notices.ts";
import { writeSbom } from "./sbom.ts";
import { sourceTime } from "../source_time.ts";

/** Describes the parts in a folder, for a target. */
export async function describeParts(
  folder: string,
  target: string,
  libraryVersion: string,
): Promise<void> {
  const components = await collectComponents({
    bundle: `${folder}/rafka.js`,
    library: `${folder}/librdkafka.so.1`,
    libraryVersion,
  });
  const bill = await writeSbom(components, { target, time: await sourceTime() });
  await Deno.writeTextFile(`${folder}/licenses.txt`, writeNotices(components));
  await Deno.writeTextFile(`${folder}/rafka.cdx.json`, bill);
}
