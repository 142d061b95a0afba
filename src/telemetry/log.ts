/**
 * Where log records go: one line each on standard error, as text for people or as JSON for machines.
 * Records are made with LogTape's `getLogger(["rafka", …])` wherever something worth knowing happens; a payload
 * never is.
 *
 * @module
 */

import { configure, getTextFormatter, type LogRecord, type TextFormatter } from "@logtape/logtape";

/** The formats of `--log-format`. */
export const LOG_FORMATS = ["text", "json"] as const;
/** One of `LOG_FORMATS`. */
export type LogFormat = (typeof LOG_FORMATS)[number];

/** The levels of `--log-level`: this one and those behind it are shown. */
export const LOG_LEVELS = ["trace", "debug", "info", "warning", "error", "fatal"] as const;
/** One of `LOG_LEVELS`. */
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Starts logging. Called once, before anything else can log. */
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

/** One JSON object: when, how bad, what and where, then the values of the message by name. */
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

/** librdkafka's texts and clients' names must not be able to write a line of their own. */
function oneLine(text: string): string {
  // deno-lint-ignore no-control-regex
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]+/g, " ").trimEnd();
}

/** Written at once, so that the last line before an end of any kind is there. */
function writeLine(line: string): void {
  const bytes = new TextEncoder().encode(line.endsWith("\n") ? line : line + "\n");
  for (let at = 0; at < bytes.byteLength;) at += Deno.stderr.writeSync(bytes.subarray(at));
}
