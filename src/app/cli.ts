/**
 * The command line: flags as plain values, the text of `--help`. Without input or output.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { hostProblem } from "../config/schema.ts";
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from "../telemetry/log.ts";

/** The parsed command line; absent flags are undefined. */
export interface Flags {
  /** --host */
  readonly host?: string;
  /** --port */
  readonly port?: number;
  /** --http-port */
  readonly httpPort?: number;
  /** --config: a path, or `-` */
  readonly config?: string;
  /** --dev */
  readonly dev: boolean;
  /** --protected-mode */
  readonly protectedMode?: boolean;
  /** --log-format */
  readonly logFormat?: LogFormat;
  /** --log-level */
  readonly logLevel?: LogLevel;
  /** --check-config */
  readonly checkConfig: boolean;
  /** --config-help */
  readonly configHelp: boolean;
  /** --healthcheck */
  readonly healthcheck: boolean;
  /** --ready */
  readonly ready: boolean;
  /** --version */
  readonly version: boolean;
  /** --licenses */
  readonly licenses: boolean;
  /** --help */
  readonly help: boolean;
}

/** An invalid command line; the message names the flag, its value and what is allowed. */
export class UsageError extends Error {
  /** Shown in stack traces. */
  override name = "UsageError";
}

/** `--help` */
export const HELP = `Rafka: Kafka for every Redis client

Usage: rafka [--config <file>] [options]

  -c, --config <file>    configuration (JSON), - for standard input; else
                         RAFKA_CONFIG_JSON, else /etc/rafka/config.json, if any
  -p, --port <port>      port to listen on, 0 for any free one (6380)
      --host <address>   address to listen on (0.0.0.0)
      --http-port <port> port for metrics and health (server.http.port)
      --protected-mode <p>  yes or no: without users refuse other hosts (yes)
      --dev              embedded Kafka: nothing to install, data gone at exit
      --log-format <f>   ${LOG_FORMATS.join(" or ")} (text)
      --log-level <l>    ${LOG_LEVELS.join(", ")} (info)
      --check-config     say what is wrong with the configuration, and exit
      --config-help      explain the configuration, and exit
      --healthcheck      ask the Rafka that runs here for a PONG, and exit
      --ready            with --healthcheck: ask its HTTP port, can it be used?
  -v, --version          print the versions of Rafka, Deno and librdkafka
      --licenses         print the licences of all that is inside
  -h, --help             print this

Try: rafka --dev, then in another terminal
  redis-cli -p 6380 rpushx topics:greetings hello
`;

/**
 * Parses the command line.
 *
 * @param args without the program's own name
 * @throws {UsageError} for an unknown flag or an invalid value
 */
export function parseFlags(args: readonly string[]): Flags {
  const values = parse(args);
  return {
    dev: values.dev ?? false,
    checkConfig: values["check-config"] ?? false,
    configHelp: values["config-help"] ?? false,
    healthcheck: values.healthcheck ?? false,
    ready: parseReady(values),
    version: values.version ?? false,
    licenses: values.licenses ?? false,
    help: values.help ?? false,
    ...(values.host !== undefined && { host: parseHost(values.host) }),
    ...(values.port !== undefined && { port: parsePort("--port", values.port) }),
    ...(values["http-port"] !== undefined && {
      httpPort: parsePort("--http-port", values["http-port"]),
    }),
    ...(values.config !== undefined && { config: nonEmpty("--config", values.config) }),
    ...(values["protected-mode"] !== undefined && {
      protectedMode: oneOf("--protected-mode", ["yes", "no"], values["protected-mode"]) === "yes",
    }),
    ...(values["log-format"] !== undefined &&
      { logFormat: oneOf("--log-format", LOG_FORMATS, values["log-format"]) }),
    ...(values["log-level"] !== undefined &&
      { logLevel: oneOf("--log-level", LOG_LEVELS, values["log-level"]) }),
  };
}

interface RawFlags {
  host?: string;
  port?: string;
  "http-port"?: string;
  config?: string;
  dev?: boolean;
  "protected-mode"?: string;
  "log-format"?: string;
  "log-level"?: string;
  "check-config"?: boolean;
  "config-help"?: boolean;
  healthcheck?: boolean;
  ready?: boolean;
  version?: boolean;
  licenses?: boolean;
  help?: boolean;
}

function parse(args: readonly string[]): RawFlags {
  try {
    return parseArgs({
      args: [...args],
      options: {
        host: { type: "string" },
        port: { type: "string", short: "p" },
        "http-port": { type: "string" },
        config: { type: "string", short: "c" },
        dev: { type: "boolean" },
        "protected-mode": { type: "string" },
        "log-format": { type: "string" },
        "log-level": { type: "string" },
        "check-config": { type: "boolean" },
        "config-help": { type: "boolean" },
        healthcheck: { type: "boolean" },
        ready: { type: "boolean" },
        version: { type: "boolean", short: "v" },
        licenses: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message.split(/\.\s/)[0]}. Try --help`, { cause });
  }
}

function parseReady({ healthcheck = false, ready = false }: RawFlags): boolean {
  if (ready && !healthcheck) throw new UsageError("Cannot use --ready without --healthcheck");
  return ready;
}

function parseHost(text: string): string {
  const problem = hostProblem(text);
  if (problem) throw new UsageError(`Cannot use --host '${text}': it ${problem}`);
  return text;
}

function parsePort(flag: string, text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new UsageError(`Cannot use ${flag} '${text}': it must be a number from 0 to 65535`);
  }
  return port;
}

function oneOf<T extends string>(flag: string, allowed: readonly T[], text: string): T {
  const found = allowed.find((value) => value === text);
  if (found) return found;
  throw new UsageError(`Cannot use ${flag} '${text}': it must be one of ${allowed.join(", ")}`);
}

function nonEmpty(flag: string, text: string): string {
  if (text === "") throw new UsageError(`Cannot use ${flag} '': it is empty`);
  return text;
}
