/**
 * @module
 * SHA-256, and the file that `sha256sum --check` reads.
 */

/** The checksum of bytes, in hexadecimal digits. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

/** SHA256SUMS: a line a file, ordered by name, so that the same files give the same text. */
export async function checksums(
  files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>,
): Promise<string> {
  const names = [...files.keys()].sort();
  const lines = await Promise.all(
    names.map(async (name) => `${await sha256(files.get(name)!)}  ${name}\n`),
  );
  return lines.join("");
}
