/**
 * The npm packages inside a bundle. Read from the bundle, where the bundler notes the path of each file: packages that
 * are never imported are not inside, whatever deno.json lists.
 *
 * @module
 */
import { TaskError } from "../say.ts";

/** The folders of the packages with code in the bundle. */
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
