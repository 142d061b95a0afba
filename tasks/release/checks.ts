/**
 * Checks of a program before its release, however it was built.
 *
 * @module
 */
import { TaskError } from "../say.ts";

/** The checked fields of an SBOM. */
export interface Bill {
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly { readonly name: string }[];
}

/** Features without which Rafka runs, but not with every Kafka: a build that lacks a package lacks them. */
const needed = ["librdkafka", "openssl", "zlib", "zstd"];

/** Checks that the program has this version and is complete. */
export function checkBill({ metadata, components }: Bill, version: string): void {
  const compiled = metadata.component.version;
  if (compiled !== version) {
    throw new TaskError(`The program is version ${compiled}, deno.json says ${version}`);
  }
  const names = components.map(({ name }) => name);
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length > 0) {
    throw new TaskError(
      `The librdkafka of this release has no ${
        missing.join(", ")
      } inside of it: deno task native says ` +
        "how to get a complete one",
    );
  }
}
