/**
 * What `deno task compile` puts into the program beside its code. A program that runs from its source has none of it.
 *
 * @module
 */

/** Large enough that more makes no difference, and not as large as what is read. */
const CHUNK_BYTES = 256 * 1024;

/** The program is not compiled, so something is not inside of it; the message says what. */
export class NotCompiledError extends Error {
  /** Shown in stack traces. */
  override name = "NotCompiledError";
}

/**
 * librdkafka in pieces, which share one buffer: each is gone with the next. Half the time of reading 8 MB at once,
 * and no garbage. Undefined in a program that is not compiled.
 */
export function embeddedLibrary(): (() => Iterable<Uint8Array<ArrayBuffer>>) | undefined {
  return Deno.build.standalone ? () => readChunks(urlOf("librdkafka.so.1")) : undefined;
}

/**
 * The licences of all that is inside of the program.
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
