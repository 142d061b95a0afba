/**
 * Fixes of librdkafka's source, applied before it is compiled: for what ends the process or breaks a guarantee, also of
 * its mock cluster, and for what takes more processor time than it must. A fix that no longer applies needs a review:
 * that release may contain it.
 *
 * @module
 */
import { sha256 } from "../sha256.ts";
import { TaskError } from "../say.ts";
import { adminFixes } from "./fixes/admin.ts";
import { consumerFixes } from "./fixes/consumers.ts";
import { costFixes } from "./fixes/cost.ts";
import { groupFixes } from "./fixes/groups.ts";
import { mockClusterFixes } from "./fixes/mock_cluster.ts";
import { producerFixes } from "./fixes/producers.ts";
import { tlsFixes } from "./fixes/tls.ts";
import type { Fix } from "./fixes/fix.ts";

/** In the order in which they are applied. */
export const fixes: readonly Fix[] = [
  ...groupFixes,
  ...adminFixes,
  ...tlsFixes,
  ...producerFixes,
  ...consumerFixes,
  ...mockClusterFixes,
  ...costFixes,
];

/** The fixes, and a checksum of their sources. */
export async function fixesDigest(): Promise<string> {
  const sources = await Promise.all(
    [...sourcesOf(fixes), ...headersOf(fixes)].map((name) => Deno.readTextFile(pathOf(name))),
  );
  return await sha256(new TextEncoder().encode(JSON.stringify([fixes, sources])));
}

/**
 * Changes the source in `folder`.
 *
 * @throws {TaskError} when there is nothing to change
 */
export async function applyFixes(folder: string, all: readonly Fix[] = fixes): Promise<void> {
  for (const { what, edits } of all) {
    for (const { file, from, to } of edits) {
      const path = `${folder}/${file}`;
      const text = await Deno.readTextFile(path);
      if (!text.includes(from)) {
        throw new TaskError(`${file} has no ${from}: is it fixed there that ${what}?`);
      }
      await Deno.writeTextFile(path, text.replaceAll(from, to));
    }
  }
}

/** Makes librdkafka's Makefile, written by `configure`, compile the sources that the fixes call. */
export async function addFixSources(folder: string): Promise<void> {
  for (const name of sourcesOf(fixes)) {
    const copy = `rafka_${name}`;
    await Deno.copyFile(pathOf(name), `${folder}/src/${copy}`);
    await Deno.writeTextFile(`${folder}/Makefile.config`, `SRCS_y += ${copy}\n`, { append: true });
  }
  for (const name of headersOf(fixes)) {
    await Deno.copyFile(pathOf(name), `${folder}/src/rafka_${name}`);
  }
}

function sourcesOf(all: readonly Fix[]): string[] {
  return all.flatMap(({ source }) => source ?? []);
}

function headersOf(all: readonly Fix[]): string[] {
  return all.flatMap(({ header }) => header ?? []);
}

function pathOf(source: string): string {
  return `tasks/native/${source}`;
}
