/**
 * Where the tasks put what they make for a target, a triple as Deno and Rust call it.
 *
 * @module
 */

/** What a program is made of, and what describes it. */
export function partsOf(triple: string): string {
  return `dist/${triple}`;
}

/** The program. */
export function executableOf(triple: string): string {
  return triple === Deno.build.target ? "dist/rafka" : `${partsOf(triple)}/rafka`;
}
