/**
 * Output paths of the tasks for a target, a triple as Deno and Rust name it.
 *
 * @module
 */

/** The folder of a program's parts and of their descriptions. */
export function partsOf(triple: string): string {
  return `dist/${triple}`;
}

/** The path of the program. */
export function executableOf(triple: string): string {
  return triple === Deno.build.target ? "dist/rafka" : `${partsOf(triple)}/rafka`;
}
