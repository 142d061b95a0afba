/**
 * Captures the log of the test's process as lines.
 *
 * @module
 */
import { configure, type LogRecord, reset } from "@logtape/logtape";
import { until } from "./gateway.ts";

/** The log since the capture began. */
export class CapturedLog implements AsyncDisposable {
  readonly records: LogRecord[] = [];

  static async start(): Promise<CapturedLog> {
    const log = new CapturedLog();
    await configure({
      sinks: { memory: (record: LogRecord): void => void log.records.push(record) },
      loggers: [
        { category: ["rafka"], sinks: ["memory"], lowestLevel: "trace" },
        { category: ["logtape", "meta"], sinks: ["memory"], lowestLevel: "warning" },
      ],
    });
    return log;
  }

  /** The messages, one line each: `level: text`. */
  get lines(): string[] {
    return this.records.map(({ level, message }) => `${level}: ${message.join("")}`);
  }

  /** The number of lines that hold these words. */
  count(words: string): number {
    return this.lines.filter((line) => line.includes(words)).length;
  }

  /** Waits until a line holds these words. */
  async has(words: string, times = 1): Promise<void> {
    await until(() => this.count(words) >= times, `"${words}" in the log`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await reset();
  }
}
