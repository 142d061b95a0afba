/**
 * Reads what `deno test` prints: its closing counts and the names of the tests that failed or were left out. From the
 * text, because the JUnit file that Deno can write leaves out test files that do not load.
 *
 * @module
 */

/** Deno's closing counts. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly ignored: number;
}

/** Watches the output go by. */
export class TestOutput {
  readonly ignoredNames: string[] = [];
  readonly failedNames: string[] = [];
  counts: Counts | undefined;
  #file = "";
  #rest = "";
  readonly #decoder = new TextDecoder();

  /** Whether the output so far does not end in a newline. */
  get isMidLine(): boolean {
    return this.#rest !== "";
  }

  /** Takes the next piece of output, cut anywhere. */
  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.decode(chunk, { stream: true })).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#read(withoutColours(line));
  }

  #read(line: string): void {
    this.#file = /^running \d+ tests? from (\S+)/.exec(line)?.[1] ?? this.#file;
    const ignored = /^\s*(.+) \.\.\. ignored\b/.exec(line)?.[1];
    if (ignored !== undefined) this.ignoredNames.push(`${this.#file}: ${ignored}`);
    const failed = /^(\S.*) \.\.\. FAILED\b/.exec(line)?.[1]; // its steps are indented
    if (failed !== undefined) this.failedNames.push(`${this.#file}: ${failed}`);
    this.counts = readCounts(line) ?? this.counts;
  }
}

/** `ok | 12 passed (3 steps) | 0 failed | 3 ignored (2s)`, where the last part is there if not 0. */
function readCounts(line: string): Counts | undefined {
  if (!/^(ok|FAILED) \| \d+ passed/.test(line)) return undefined;
  const count = (what: string): number =>
    Number(new RegExp(`\\| (\\d+) ${what}`).exec(line)?.[1] ?? 0);
  return { passed: count("passed"), failed: count("failed"), ignored: count("ignored") };
}

function withoutColours(line: string): string {
  return line.replaceAll(new RegExp("\x1b\\[[0-9;]*m", "g"), "");
}
