/**
 * A configuration file for a `Program`, which may read files of the checkout only; removed at the end of the test.
 *
 * @module
 */
import type { TestConfig } from "./kafka.ts";

/** A configuration file inside the checkout, in a folder that git ignores. */
export class ConfigFile implements Disposable {
  readonly path: string;

  /** @param config its content, or the text of a possibly invalid file */
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
