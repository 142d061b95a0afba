/**
 * The log: one line per record on standard error, as text for people or as JSON for machines. Records are created with
 * LogTape's `getLogger(["rafka", …])`; payloads are never logged.
 *
 * @module
 */

import { configure, getTextFormatter, type LogRecord, type TextFormatter } from "@logtape/logtape";

/** The formats of `--log-format`. */
export const LOG_FORMATS = ["text", "json"] as const;
/** One of `LOG_FORMATS`. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The levels of `--log-level`: the chosen one and those behind it are shown. */
export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Configures logging. Called once, before the first record. */
export async function setUpLog(format: LogFormat, level: LogLevel): Promise<void> {
  const formatter = format === "json" ? jsonLine : textFormatter();
  await configure({
    sinks: { stderr: (record: LogRecord): void => writeLine(formatter(record)) },
    loggers: [
      { category: ["rafka"], sinks: ["stderr"], lowestLevel: level },
      { category: ["logtape", "meta"], sinks: ["stderr"], lowestLevel: "warning" },
    ],
  });
}

/** One JSON object: time, level, message and logger, then the values of the message by name. */
function jsonLine(record: LogRecord): string {
  const { timestamp, level, category, message, properties } = record;
  return JSON.stringify({
    "@timestamp": new Date(timestamp).toISOString(),
    level: level.toUpperCase(),
    message: message.map((part) => typeof part === "string" ? part : Deno.inspect(part)).join(""),
    logger: category.join("."),
    ...properties,
  });
}

function textFormatter(): TextFormatter {
  return getTextFormatter({
    timestamp: "rfc3339",
    level: "full",
    category: ".",
    value: (value) => typeof value === "string" ? value : Deno.inspect(value),
    format: ({ timestamp, level, category, message }) =>
      `${timestamp} ${level.toLowerCase().padEnd(7)} ${category}: ${oneLine(message)}`,
  });
}

/** Texts of librdkafka and names of clients must not forge a log line. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trimEnd();
}

/** Written synchronously, so that no exit loses the last line. */
function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(line.endsWith("\n") ? line : line + "\n");
  for (let at = 0; at < bytes.byteLength;) at += Deno.stderr.writeSync(bytes.subarray(at));
}
