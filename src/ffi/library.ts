/**
 * @module
 * Finds and opens librdkafka. Opened by an explicit call, so that `--help` needs no library.
 * Order: the path in RAFKA_LIBRDKAFKA, the one built into `native/`, the system's.
 */

import { HandleCount } from "./handles.ts";
import { fromCString } from "./memory.ts";
import { SYMBOLS, type Symbols } from "./symbols.ts";

/** The oldest librdkafka that Rafka works with, as `rd_kafka_version()` writes it. */
const MINIMUM_VERSION = 0x02000000;

/** An opened librdkafka. */
export interface Library {
  /** The path or name that was opened. */
  readonly path: string;
  /** For people, e.g. "2.12.0". */
  readonly version: string;
  /** `rd_kafka_version()`: 0xMMmmrrpp. */
  readonly versionNumber: number;
  /** Its functions. */
  readonly symbols: Symbols;
  /** Counts the native handles made with this library. */
  readonly handles: HandleCount;
}

/** No librdkafka could be opened; the message lists what was tried and how to get one. */
export class LibraryError extends Error {
  /** Shown in stack traces. */
  override name = "LibraryError";
}

/** The paths that are tried, in order. `RAFKA_LIBRDKAFKA` is the only one if it is set. */
export function libraryCandidates(explicitPath: string | undefined): string[] {
  if (explicitPath) return [explicitPath];
  const fileName = Deno.build.os === "darwin" ? "librdkafka.1.dylib" : "librdkafka.so.1";
  const built = new URL(`../../native/${Deno.build.target}/${fileName}`, import.meta.url);
  return [...(built.protocol === "file:" ? [decodeURIComponent(built.pathname)] : []), fileName];
}

/**
 * Opens the first librdkafka of `candidates` that is there and new enough.
 *
 * @throws {LibraryError} when there is none
 */
export function openLibrary(candidates: readonly string[]): Library {
  const failures: string[] = [];
  for (const path of candidates) {
    try {
      return openAt(path);
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      failures.push(`  ${path}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }
  throw new LibraryError(
    `Cannot open librdkafka. Tried:\n${failures.join("\n")}\n` +
      "Build it with `deno task native`, or install it: `apt-get install -y librdkafka1` (Debian, Ubuntu), " +
      "`dnf install -y librdkafka` (Fedora), `apk add librdkafka` (Alpine), `brew install librdkafka` (macOS). " +
      "RAFKA_LIBRDKAFKA=<path> names one that is elsewhere.",
  );
}

function openAt(path: string): Library {
  const { version, versionNumber } = readVersion(path);
  if (versionNumber < MINIMUM_VERSION) {
    throw new LibraryError(`librdkafka ${version} is too old, 2.0 or newer is needed`);
  }
  const { symbols } = Deno.dlopen(path, SYMBOLS);
  return { path, version, versionNumber, symbols, handles: new HandleCount() };
}

/** By itself: an old one lacks functions of the table, which says less than its version. */
function readVersion(path: string): { version: string; versionNumber: number } {
  const { rd_kafka_version, rd_kafka_version_str } = SYMBOLS;
  const library = Deno.dlopen(path, { rd_kafka_version, rd_kafka_version_str });
  try {
    const { symbols } = library;
    return {
      version: fromCString(symbols.rd_kafka_version_str()),
      versionNumber: symbols.rd_kafka_version(),
    };
  } finally {
    library.close();
  }
}
