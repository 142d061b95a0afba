/**
 * Finds and opens librdkafka. Opened by an explicit call, so that `--help` needs no library.
 * Order: the path in RAFKA_LIBRDKAFKA, the one in a compiled program or built into `native/`, the system's.
 *
 * @module
 */

import { HandleCount } from "./handles.ts";
import { fromCString } from "./memory.ts";
import { openOpenSsl, type OpenSsl } from "./openssl.ts";
import { SYMBOLS, type Symbols } from "./symbols.ts";
import { unpacked } from "./unpacked.ts";

/** The oldest librdkafka that Rafka works with, as `rd_kafka_version()` writes it. */
const MINIMUM_VERSION = 0x02000000;

/** Name of the library file in builds and systems. */
const FILE_NAME = Deno.build.os === "darwin" ? "librdkafka.1.dylib" : "librdkafka.so.1";

const RAFKA_LIBRDKAFKA = "RAFKA_LIBRDKAFKA=<path> names one that is elsewhere.";
const INSTALL = "`apt-get install -y librdkafka1` (Debian, Ubuntu), " +
  "`dnf install -y librdkafka` (Fedora), `apk add librdkafka` (Alpine), `brew install librdkafka` (macOS)";
const WAYS_TO_A_LIBRARY =
  `Build it with \`deno task native\`, or install it: ${INSTALL}. ${RAFKA_LIBRDKAFKA}`;
const WAYS_TO_UNPACK =
  "If a library may not be loaded from memory here, RAFKA_LIBRARY_DIR=<folder> names a folder to load it from: one " +
  "that Rafka may write to and that is not mounted with noexec. Else install one: " +
  `${INSTALL}. ${RAFKA_LIBRDKAFKA}`;

/** An opened librdkafka. */
export interface Library {
  /** The path or name that was opened, or "built-in". */
  readonly path: string;
  /** Version for people, e.g. "2.12.0". */
  readonly version: string;
  /** `rd_kafka_version()`: 0xMMmmrrpp. */
  readonly versionNumber: number;
  /**
   * It is Rafka's own build (`tasks/native/expiry.c`), whose idempotent producers store nothing twice when
   * `message.timeout.ms` passes.
   */
  readonly expiresInOrder: boolean;
  /** Functions of the library. */
  readonly symbols: Symbols;
  /** OpenSSL, for TLS towards clients; undefined when it was not asked for, or is missing. */
  readonly openSsl: OpenSsl | undefined;
  /** Candidates of higher precedence that can't be opened, each with the reason. */
  readonly passedOver: readonly string[];
  /** Counts the native handles made with this library. */
  readonly handles: HandleCount;
}

/** No librdkafka could be opened; the message lists what was tried and how to get one. */
export class LibraryError extends Error {
  /** Name of the class, for stack traces. */
  override name = "LibraryError";
}

/** The librdkafka inside a compiled program. */
export interface EmbeddedLibrary {
  /** Parts of the file, in order; each is used before the next is read. */
  readonly chunks: () => Iterable<Uint8Array<ArrayBuffer>>;
  /** Folder in which it is unpacked while it is opened, instead of in memory. */
  readonly folder: string | undefined;
}

/** A librdkafka at a path, by a name that the dynamic linker knows, or inside this program. */
export type LibraryCandidate = string | EmbeddedLibrary;

/** Candidates in order; one that the user has named, by RAFKA_LIBRDKAFKA or RAFKA_LIBRARY_DIR, is the only one. */
export function libraryCandidates(
  explicitPath: string | undefined,
  embedded?: EmbeddedLibrary,
): LibraryCandidate[] {
  if (explicitPath) return [explicitPath];
  if (embedded?.folder) return [embedded]; // a folder is named for this one only
  return [embedded ?? builtLibraryPath(), FILE_NAME];
}

/** Path of the library that `deno task native` builds. */
export function builtLibraryPath(): string {
  const url = new URL(`../../native/${Deno.build.target}/${FILE_NAME}`, import.meta.url);
  return decodeURIComponent(url.pathname);
}

/**
 * Opens the first librdkafka of `candidates` that exists and is new enough.
 *
 * @param withTls opens OpenSSL, too, which takes 20 ms
 * @throws {LibraryError} when there is none
 */
export function openLibrary(
  candidates: readonly LibraryCandidate[],
  { withTls }: { withTls: boolean } = { withTls: false },
): Library {
  const failures: string[] = [];
  for (const candidate of candidates) {
    try {
      return { ...open(candidate, withTls), passedOver: failures };
    } catch (cause) {
      if (cause instanceof Deno.errors.NotCapable) throw cause;
      failures.push(`${nameOf(candidate)}: ${cause instanceof Error ? cause.message : cause}`);
    }
  }
  const ways = candidates.every((candidate) => typeof candidate === "string")
    ? WAYS_TO_A_LIBRARY
    : WAYS_TO_UNPACK;
  throw new LibraryError(
    `Cannot open librdkafka. Tried:\n${failures.map((line) => `  ${line}\n`).join("")}${ways}`,
  );
}

function nameOf(candidate: LibraryCandidate): string {
  if (typeof candidate === "string") return candidate;
  return `the built-in one, unpacked in ${candidate.folder ?? "memory"}`;
}

type Opened = Omit<Library, "passedOver">;

function open(candidate: LibraryCandidate, withTls: boolean): Opened {
  if (typeof candidate === "string") return openAt(candidate, candidate, withTls);
  const { chunks, folder } = candidate;
  return unpacked(chunks(), folder, (path) => openAt(path, "built-in", withTls));
}

const { rd_kafka_version, rd_kafka_version_str } = SYMBOLS;

/** What a library reports about itself. */
const ABOUT = {
  rd_kafka_version,
  rd_kafka_version_str,
  rd_kafka_rafka_expires_in_order: { parameters: [], result: "i32", optional: true },
} as const satisfies Deno.ForeignLibraryInterface;

/** Checks the version first: an old library lacks functions of the table, and that error would say less. */
function openAt(path: string, name: string, withTls: boolean): Opened {
  const library = Deno.dlopen(path, ABOUT);
  try {
    const version = fromCString(library.symbols.rd_kafka_version_str());
    const versionNumber = library.symbols.rd_kafka_version();
    if (versionNumber < MINIMUM_VERSION) {
      throw new LibraryError(`librdkafka ${version} is too old, 2.0 or newer is needed`);
    }
    const expiresInOrder = library.symbols.rd_kafka_rafka_expires_in_order !== null;
    const { symbols } = Deno.dlopen(path, SYMBOLS);
    const openSsl = withTls ? openOpenSsl(path) : undefined; // later, the path may be gone
    const handles = new HandleCount();
    return { path: name, version, versionNumber, expiresInOrder, symbols, openSsl, handles };
  } finally {
    library.close(); // after the second dlopen: mapping it again takes 10 ms
  }
}
