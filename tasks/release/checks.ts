/**
 * What must be true of a program before it is released, however it was made.
 *
 * @module
 */
import { TaskError } from "../say.ts";

/** As much of an SBOM as is looked at here. */
export interface Bill {
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly { readonly name: string }[];
}

/** Without them Rafka runs, but not with every Kafka: they are missing where a build lacks a package. */
const needed = ["librdkafka", "openssl", "zlib", "zstd"];

/** The program is of this version, and complete. */
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
