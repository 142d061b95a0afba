/**
 * @module
 * What `deno task compile` puts into the program beside its code. A program that runs from its source has none of it.
 */

/** The files, by name; they lie beside the one file that all code is bundled into. */
export type EmbeddedName = "librdkafka.so.1" | "licenses.txt";

/** Large enough that more makes no difference, and not as large as what is read. */
const CHUNK_BYTES = 256 * 1024;

/** The content of an embedded file, undefined in a program that is not compiled. */
export function readEmbedded(name: EmbeddedName): Uint8Array<ArrayBuffer> | undefined {
  return Deno.build.standalone ? Deno.readFileSync(urlOf(name)) : undefined;
}

/**
 * The same in pieces, which share one buffer: each is gone with the next. Half the time of reading 8 MB at once,
 * and no garbage.
 */
export function embeddedChunks(
  name: EmbeddedName,
): (() => Iterable<Uint8Array<ArrayBuffer>>) | undefined {
  return Deno.build.standalone ? () => readChunks(urlOf(name)) : undefined;
}

function* readChunks(url: URL): Generator<Uint8Array<ArrayBuffer>> {
  using file = Deno.openSync(url);
  const buffer = new Uint8Array(CHUNK_BYTES);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    yield buffer.subarray(0, count);
  }
}

function urlOf(name: EmbeddedName): URL {
  return new URL(name, import.meta.url);
}

/** The program is not compiled, so something is not inside of it; the message says what. */
export class NotCompiledError extends Error {
  /** Shown in stack traces. */
  override name = "NotCompiledError";
}

/**
 * The licences of all that is inside of the program.
 *
 * @throws {NotCompiledError} if the program runs from its source
 */
export function readLicenses(): Uint8Array<ArrayBuffer> {
  const text = readEmbedded("licenses.txt");
  if (text) return text;
  throw new NotCompiledError(
    "This program runs from its source: the licences are collected when it is compiled (deno task compile)",
  );
}
