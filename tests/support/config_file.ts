/**
 * A configuration file for a `Program`, which may read files of the checkout only; gone when the test ends.
 *
 * @module
 */
import type { TestConfig } from "./kafka.ts";

/** A configuration file inside of the checkout, in a folder that git ignores. */
export class ConfigFile implements Disposable {
  readonly path: string;

  /** @param config its content, or the text of a file that may be wrong */
  constructor(config: TestConfig | string) {
    const folder = new URL("../../native/", import.meta.url).pathname;
    Deno.mkdirSync(folder, { recursive: true });
    this.path = Deno.makeTempFileSync({ dir: folder, prefix: "test-config-", suffix: ".json" });
    Deno.writeTextFileSync(this.path, typeof config === "string" ? config : JSON.stringify(config));
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path);
  }
}
