/**
 * The file that `sha256sum --check` reads.
 *
 * @module
 */
import { sha256 } from "../sha256.ts";

/** SHA256SUMS: one line per file, ordered by name, so that the same files give the same text. */
export async function checksums(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const names = [...files.keys()].sort();
  const lines = await Promise.all(
    names.map(async (name) => `${await sha256(files.get(name)!)}  ${name}\n`),
  );
  return lines.join("");
}
