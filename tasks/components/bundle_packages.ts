/**
 * Which npm packages are inside of a bundle. From the bundle itself, where the bundler notes the path of each file
 * that it takes: what nobody imports is not inside, whatever deno.json says.
 *
 * @module
 */
import { TaskError } from "../say.ts";

/** The folders of the packages that have left something in a bundle. */
export function bundledPackages(bundle: string): string[] {
  const files = bundle.matchAll(
    /^\/\/ (?:\.\.\/)*(node_modules\/\.deno\/[^/\n]+\/node_modules\/(?:@[^/\n]+\/)?[^/\n]+)\//gm,
  );
  const folders = [...new Set([...files].map((match) => match[1]!))].sort();
  if (folders.length === 0) {
    throw new TaskError("The bundle does not say which npm packages are inside of it");
  }
  return folders;
}
