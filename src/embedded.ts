/**
 * @module
 * What `deno task compile` puts into the program beside its code. A program that runs from its source has none of it.
 */

/** The files, by name; they lie beside the one file that all code is bundled into. */
export type EmbeddedName = "librdkafka.so.1" | "licenses.txt";

/** The content of an embedded file, undefined in a program that is not compiled. */
export function readEmbedded(name: EmbeddedName): Uint8Array<ArrayBuffer> | undefined {
  if (!Deno.build.standalone) return undefined;
  return Deno.readFileSync(new URL(name, import.meta.url));
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
