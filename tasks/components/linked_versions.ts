/**
 * The libraries linked into librdkafka, with their versions. Read from its bytes: the headers and packages of the
 * packing machine may be others by then, and a library for another processor cannot be called.
 *
 * @module
 */

/** The libraries that may be linked into librdkafka. */
export type LinkedName = "openssl" | "zlib" | "zstd";

/** The versions of the linked libraries. */
export function linkedVersions(library: Uint8Array): Partial<Record<LinkedName, string>> {
  const text = new TextDecoder("latin1").decode(library);
  const openssl = /\0OpenSSL (\d+\.\d+\.\d+\w*) \d+ \w{3} \d{4}\0/.exec(text)?.[1];
  const zlib = /\0 inflate (\d+\.\d+[.\d]*) Copyright/.exec(text)?.[1];
  const zstd = zstdVersion(text);
  return { ...openssl && { openssl }, ...zlib && { zlib }, ...zstd && { zstd } };
}

/** A version without a name: 1.5 to 1.8 are zstd's, for the 1.9 beside it is lz4, the 1.2 and 1.3 are zlib. */
function zstdVersion(text: string): string | undefined {
  if (!/\0STATIC_LINKING[ \w]* ZSTD\b/.test(text)) return undefined;
  return /\0(1\.[5-8]\.\d+)\0/.exec(text)?.[1];
}
