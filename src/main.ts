/**
 * @module
 * The program: flags, configuration, librdkafka, server; signals end it. The only file that uses the command line,
 * exit codes and signals.
 */

import { getLogger } from "@logtape/logtape";
import { type Flags, HELP, parseFlags, UsageError } from "./cli.ts";
import { type Config, ConfigError, parseConfig } from "./config.ts";
import { readEmbedded } from "./embedded.ts";
import {
  type Library,
  type LibraryCandidate,
  libraryCandidates,
  LibraryError,
  openLibrary,
} from "./ffi/library.ts";
import { setUpLog } from "./log.ts";
import { Rafka } from "./rafka.ts";
import { ListenError } from "./server/server.ts";
import project from "../deno.json" with { type: "json" };

const EXIT_FAILURE = 1;
const EXIT_USAGE = 2;
/** Signals that come so soon after the first are the same one. */
const SAME_SIGNAL_MS = 100;
/** How long the end may take when everything is closed. */
const END_DEADLINE_MS = 1_000;

const logger = getLogger(["rafka", "main"]);

if (import.meta.main) await main(Deno.args);

/** Runs the program with these arguments; it exits by itself. */
export async function main(args: readonly string[]): Promise<void> {
  try {
    const flags = parseFlags(args);
    if (flags.help) return print(HELP);
    const candidates = findLibrary();
    if (flags.version) return print(versions(candidates));
    await run(flags, openLibrary(candidates));
  } catch (error) {
    fail(error);
  }
}

async function run(flags: Flags, library: Library): Promise<void> {
  const config = withFlags(readConfig(flags.config), flags);
  await setUpLog(config.server.logFormat, config.server.logLevel);
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    logger.fatal("Bug: {error}", { error: event.reason?.stack ?? String(event.reason) });
    Deno.exit(EXIT_FAILURE);
  });
  const rafka = await Rafka.start({ config, library, dev: flags.dev, version: project.version });
  stopOnSignals(rafka, library);
}

/**
 * The first signal stops the gateway gracefully, a second one ends it at once. A terminal and the programs between
 * it and this one may each pass the same Ctrl-C on: what comes within a moment is one signal.
 */
function stopOnSignals(rafka: Rafka, library: Library): void {
  let firstAtMs: number | undefined;
  const onSignal = async (name: Deno.Signal): Promise<void> => {
    if (firstAtMs !== undefined) {
      if (performance.now() - firstAtMs < SAME_SIGNAL_MS) return;
      logger.warn("{signal} again: exit at once", { signal: name });
      Deno.exit(EXIT_FAILURE);
    }
    firstAtMs = performance.now();
    logger.info("{signal}: shutting down", { signal: name });
    await rafka.stop();
    // a consumer that could not leave its group: librdkafka waits for a broker, which keeps the program running
    if (library.handles.ending > 0) Deno.exit(0);
    for (const [signal, listener] of listeners) Deno.removeSignalListener(signal, listener);
    endSoon();
  };
  const listeners = (["SIGTERM", "SIGINT"] as const).map((name) =>
    [name, (): void => void onSignal(name)] as const
  );
  for (const [signal, listener] of listeners) Deno.addSignalListener(signal, listener);
}

/** With everything closed the program ends by itself. If something was forgotten, it says so and ends all the same. */
function endSoon(): void {
  const timer = setTimeout(() => {
    logger.error("Bug: something keeps the program running after the shutdown");
    Deno.exit(0);
  }, END_DEADLINE_MS);
  Deno.unrefTimer(timer as unknown as number);
}

function findLibrary(): LibraryCandidate[] {
  const explicitPath = Deno.env.get("RAFKA_LIBRDKAFKA");
  const bytes = explicitPath ? undefined : readEmbedded("librdkafka.so.1");
  const embedded = bytes && { bytes, folder: Deno.env.get("RAFKA_LIBRARY_DIR") };
  return libraryCandidates(explicitPath, embedded);
}

function readConfig(path: string | undefined): Config {
  if (path === undefined) return parseConfig("{}", "the default configuration");
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw new ConfigError(
        `Cannot read the configuration file ${path}: Rafka may read the working directory and /etc/rafka only, so copy it there`,
        { cause },
      );
    }
    throw new ConfigError(
      `Cannot read the configuration file ${path}: ${(cause as Error).message}`,
      { cause },
    );
  }
  return parseConfig(text, path);
}

/** The command line wins over the file. */
function withFlags(config: Config, { host, port, logFormat, logLevel }: Flags): Config {
  const given = { host, port, logFormat, logLevel };
  const flags = Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
  return { ...config, server: { ...config.server, ...flags } };
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

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

/** What a user can put right is one clear text; anything else is a bug and shows where. */
function fail(error: unknown): never {
  const expected = error instanceof UsageError || error instanceof ConfigError ||
    error instanceof LibraryError || error instanceof ListenError ||
    error instanceof Deno.errors.NotCapable;
  const text = error instanceof Error
    ? (expected ? error.message : error.stack ?? error.message)
    : String(error);
  Deno.stderr.writeSync(new TextEncoder().encode(`rafka: ${text}\n`));
  Deno.exit(error instanceof UsageError ? EXIT_USAGE : EXIT_FAILURE);
}
