/**
 * The files that `deno task compile` embeds in the program. A program that runs from its source has none.
 *
 * @module
 */

/** Larger chunks are no faster. */
const CHUNK_BYTES = 256 * 1024;

/** The program is not compiled and lacks an embedded file; the message says which. */
export class NotCompiledError extends Error {
  /** Shown in stack traces. */
  override name = "NotCompiledError";
}

/**
 * librdkafka in chunks, which share one buffer: each is valid until the next. Takes half the time of reading 8 MB at
 * once, and makes no garbage.
 *
 * @returns undefined in a program that is not compiled
 */
export function embeddedLibrary(): (() => Iterable<Uint8Array<ArrayBuffer>>) | undefined {
  return Deno.build.standalone ? () => readChunks(urlOf("librdkafka.so.1")) : undefined;
}

/**
 * Reads the licences of all embedded software.
 *
 * @throws {NotCompiledError} if the program runs from its source
 */
export function readLicenses(): Uint8Array {
  if (Deno.build.standalone) return Deno.readFileSync(urlOf("licenses.txt"));
  throw new NotCompiledError(
    "This program runs from its source: the licences are collected when it is compiled (deno task compile)",
  );
}

function* readChunks(url: URL): Generator<Uint8Array<ArrayBuffer>> {
  using file = Deno.openSync(url);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    yield buffer.subarray(0, count);
  }
}

/** Embedded files lie beside the one file that all code is bundled into. */
function urlOf(name: string): URL {
  return new URL(name, import.meta.url);
}
