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
