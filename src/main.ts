/**
 * The program: flags, configuration, librdkafka, server; signals end it. The only file that uses the command line,
 * the environment, exit codes and signals.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { checkConfig } from "./app/check_config.ts";
import { type Flags, HELP, parseFlags, UsageError } from "./app/cli.ts";
import { type Config, ConfigError, parseConfig } from "./config/load.ts";
import { httpDefaults } from "./config/http_section.ts";
import type { SecretReader } from "./config/secret_values.ts";
import { readConfigText, readNamedFile } from "./config/source.ts";
import { configHelp } from "./app/config_help.ts";
import { embeddedLibrary, NotCompiledError, readLicenses } from "./app/embedded.ts";
import {
  type Library,
  type LibraryCandidate,
  libraryCandidates,
  LibraryError,
  openLibrary,
} from "./ffi/library.ts";
import { healthcheckTarget, readinessTarget } from "./app/listeners.ts";
import { sendNotification, watchdogIntervalMs } from "./app/systemd.ts";
import { healthcheck, HealthcheckError, readinessCheck } from "./app/healthcheck.ts";
import { TlsFileError } from "./ffi/tls_context.ts";
import { setUpLog } from "./telemetry/log.ts";
import { SystemError } from "./kafka/client/system_error.ts";
import { Gateway } from "./app/gateway.ts";
import { ListenError } from "./net/tcp.ts";
import { TIMEOUTS } from "./config/timeouts.ts";
import project from "../deno.json" with { type: "json" };

/** Exit code of a failure; 0 is a shutdown or an answered query. */
const EXIT_FAILURE = 1;
/** Exit code of an invalid command line or configuration: a restart is of no use. */
const EXIT_USAGE = 2;
/** Signals this soon after the first count as the same one. */
const SAME_SIGNAL_MS = 100;
/** How long a start may take after a signal before the program exits. */
const START_DEADLINE_MS = 5_000;

const SECRETS: SecretReader = { file: readNamedFile, env: (name) => Deno.env.get(name) };

const logger = getLogger(["rafka", "main"]);

/** Standard output cannot be written to. */
class OutputError extends Error {
  override name = "OutputError";
}

if (import.meta.main) await main(Deno.args);

/** Runs the program with these arguments; a failure exits the process. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const flags = parseFlags(args);
    if (flags.help) return print(HELP);
    if (flags.configHelp) return print(configHelp());
    if (flags.licenses) return print(readLicenses());
    const candidates = findLibrary();
    if (flags.version) return print(versions(candidates));
    const text = readConfigText({
      path: flags.config,
      json: Deno.env.get("RAFKA_CONFIG_JSON"),
      useDefault: !flags.dev,
    });
    if (flags.checkConfig) {
      const options = { dev: flags.dev, secrets: SECRETS };
      const library = openLibrary(candidates, { withTls: true });
      return print(await checkConfig(text, library, options));
    }
    const config = withFlags(parseConfig(text.text, text.source, SECRETS), flags);
    if (flags.ready) return await readinessCheck(readinessTarget(config));
    if (flags.healthcheck) {
      const library = (): Library => openLibrary(candidates, { withTls: true });
      return await healthcheck(healthcheckTarget(config, library));
    }
    await run(config, candidates, flags.dev);
  } catch (error) {
    fail(error);
  }
}

async function run(
  config: Config,
  candidates: readonly LibraryCandidate[],
  dev: boolean,
): Promise<void> {
  // registered first: without listeners a signal would kill the program or, in a container, do nothing
  const gateway = Promise.withResolvers<Gateway>();
  const signals = listenToSignals(gateway.promise);
  await setUpLog(config.server.logFormat, config.server.logLevel);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    logger.fatal("Bug: {error}", { error: event.reason?.stack ?? String(event.reason) });
    Deno.exit(EXIT_FAILURE);
  });
  const library = openLibrary(candidates, { withTls: config.server.tls !== null });
  const rafka = await Gateway.start({
    config,
    library,
    dev,
    version: project.version,
    httpByDefault: dev,
  });
  gateway.resolve(rafka);
  if (signals.stopping) return;
  notify({ READY: "1", STATUS: `Listening on port ${rafka.port}` });
  feedWatchdog();
}

/**
 * The first signal stops the gateway gracefully, as soon as it has started; a second one exits immediately and logs the
 * lost messages. A terminal and the programs between may each forward the same Ctrl-C: signals in quick succession
 * count as one.
 */
function listenToSignals(gateway: Promise<Gateway>): { readonly stopping: boolean } {
  let firstAtMs: number | undefined;
  let stopping: Gateway | undefined;
  const stop = async (name: Deno.Signal): Promise<void> => {
    if (firstAtMs !== undefined) {
      if (performance.now() - firstAtMs < SAME_SIGNAL_MS) return;
      logger.warn("{signal} again: exit at once", { signal: name });
      stopping?.abandon();
      Deno.exit(EXIT_FAILURE);
    }
    firstAtMs = performance.now();
    const late = setTimeout(exitUnstarted, START_DEADLINE_MS, name);
    const rafka = await gateway;
    clearTimeout(late);
    stopping = rafka;
    logger.info("{signal}: shutting down", { signal: name });
    notify({ STOPPING: "1", STATUS: "Closing connections" });
    // parts that have not ended, since a broker hangs, would keep the program running
    if (!await rafka.stop()) Deno.exit(0);
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    endSoon();
  };
  const hasTerminal = Deno.stderr.isTerminal(); // SIGHUP means that the terminal is closed, if there was one
  const listeners: [Deno.Signal, () => void][] = [
    ["SIGTERM", () => void stop("SIGTERM")],
    ["SIGINT", () => void stop("SIGINT")],
    ["SIGHUP", hasTerminal ? (): void => void stop("SIGHUP") : (): void => void hangUp(gateway)],
  ];
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
  return {
    get stopping(): boolean {
      return firstAtMs !== undefined;
    },
  };
}

function exitUnstarted(signal: Deno.Signal): void {
  logger.error("{signal} while starting, which takes longer than {deadlineMs} ms: exit at once", {
    signal,
    deadlineMs: START_DEADLINE_MS,
  });
  Deno.exit(EXIT_FAILURE);
}

/** Without a terminal that could be closed it asks to read files again. */
async function hangUp(starting: Promise<Gateway>): Promise<void> {
  const gateway = await starting;
  const { reloadable } = gateway;
  if (reloadable.length > 0) {
    logger.info("SIGHUP: reading {files} again", { files: reloadable.join(" and ") });
    return gateway.reload();
  }
  logger.info(
    "SIGHUP: nothing to do. There are no log files to open again, no ACL file, no TLS, and the configuration is read " +
      "at the start",
  );
}

/** Notifies systemd, if it asked for notifications. */
function notify(state: Readonly<Record<string, string>>): void {
  const socketPath = Deno.env.get("NOTIFY_SOCKET");
  if (!socketPath) return;
  try {
    sendNotification(socketPath, state);
  } catch (error) {
    logger.error("systemd is not told of {state}: {error}", {
      state: Object.keys(state)[0],
      error: (error as Error).message,
    });
  }
}

/** Tells systemd that the event loop turns, twice as often as it asks for; a loop that is stalled does not. */
function feedWatchdog(): void {
  const intervalMs = watchdogIntervalMs({
    usec: Deno.env.get("WATCHDOG_USEC"),
    pid: Deno.env.get("WATCHDOG_PID"),
  });
  if (intervalMs === undefined) return;
  const timer = setInterval(() => notify({ WATCHDOG: "1" }), intervalMs);
  Deno.unrefTimer(timer as unknown as number);
}

/** With everything closed the program exits by itself. Anything left open is logged as a bug, and the exit forced. */
function endSoon(): void {
  const timer = setTimeout(() => {
    logger.error("Bug: something keeps the program running after the shutdown");
    Deno.exit(0);
  }, TIMEOUTS.shutdown.exitMs);
  Deno.unrefTimer(timer as unknown as number);
}

function findLibrary(): LibraryCandidate[] {
  const explicitPath = Deno.env.get("RAFKA_LIBRDKAFKA");
  const chunks = embeddedLibrary();
  const embedded = chunks && { chunks, folder: Deno.env.get("RAFKA_LIBRARY_DIR") };
  return libraryCandidates(explicitPath, embedded);
}

/** The command line overrides the file. */
function withFlags(
  config: Config,
  { host, port, httpPort, protectedMode, logFormat, logLevel }: Flags,
): Config {
  const given = { host, port, protectedMode, logFormat, logLevel };
  const flags = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  const { server } = config;
  const http = httpPort === undefined
    ? {}
    : { http: { ...httpDefaults, ...server.http, port: httpPort } };
  return { ...config, server: { ...server, ...flags, ...http } };
}

function versions(candidates: readonly LibraryCandidate[]): string {
  return `rafka ${project.version}\ndeno ${Deno.version.deno}\n` +
    `librdkafka ${librdkafkaVersion(candidates)}\n`;
}

function librdkafkaVersion(candidates: readonly LibraryCandidate[]): string {
  try {
    return openLibrary(candidates).version;
  } catch (error) {
    if (error instanceof LibraryError) return "(not found)";
    throw error;
  }
}

/** Writes all bytes, also to a pipe that accepts fewer at a time; the reader may close the pipe early. */
function print(text: string | Uint8Array): void {
  let rest = typeof text === "string" ? new TextEncoder().encode(text) : text;
  try {
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return;
    throw new OutputError(`Cannot write to standard output: ${(error as Error).message}`);
  }
}

/** An error that users can fix is shown as its message; any other is a bug, shown with its stack. */
function fail(error: unknown): never {
  const isUsage = error instanceof UsageError || error instanceof ConfigError;
  const isExpected = isUsage || error instanceof LibraryError || error instanceof ListenError ||
    error instanceof SystemError || error instanceof TlsFileError ||
    error instanceof HealthcheckError || error instanceof OutputError ||
    error instanceof NotCompiledError ||
    error instanceof Deno.errors.NotCapable;
  const text = error instanceof Error
    ? (isExpected ? error.message : error.stack ?? error.message)
    : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`rafka: ${text}\n`));
  Deno.exit(isUsage ? EXIT_USAGE : EXIT_FAILURE);
}
