/**
 * Inspects a librdkafka file: its version and built-in features. Opens it with the five functions this takes, so that
 * the tasks do not depend on `src/ffi`.
 *
 * @see https://github.com/confluentinc/librdkafka/blob/master/src/rdkafka.h
 * @module
 */

/** Facts about a library. */
export interface Inspection {
  readonly path: string;
  readonly version: string;
  readonly features: readonly string[];
}

/** The name by which `Deno.dlopen` and the linker find the library on this system. */
export const libraryName: string = Deno.build.os === "darwin"
  ? "librdkafka.1.dylib"
  : "librdkafka.so.1";

/** Where a system keeps its own library; macOS does not search Homebrew's folders by itself. */
const systemPaths: readonly string[] = Deno.build.os === "darwin"
  ? [libraryName, `/opt/homebrew/lib/${libraryName}`, `/usr/local/lib/${libraryName}`]
  : [libraryName];

const oldestVersion = 0x02_00_00_00;

const symbols = {
  rd_kafka_version: { parameters: [], result: "i32" },
  rd_kafka_version_str: { parameters: [], result: "pointer" },
  rd_kafka_conf_new: { parameters: [], result: "pointer" },
  rd_kafka_conf_get: {
    parameters: [
      "pointer", // const rd_kafka_conf_t *conf
      "buffer", // const char *name
      "buffer", // char *dest
      "buffer", // size_t *dest_size
    ],
    result: "i32",
  },
  rd_kafka_conf_destroy: { parameters: ["pointer"], result: "void" },
} as const satisfies Deno.ForeignLibraryInterface;

type Library = Deno.DynamicLibrary<typeof symbols>;

/** Opens a library and reads its version and features; throws when it cannot be used here. */
export function inspect(path: string): Inspection {
  const library = Deno.dlopen(path, symbols);
  try {
    const version = readVersion(library);
    if (library.symbols.rd_kafka_version() < oldestVersion) {
      throw new Error(`librdkafka ${version} is older than 2.0`);
    }
    return { path, version, features: readFeatures(library) };
  } finally {
    library.close();
  }
}

/** Like `inspect`; undefined for a missing or unusable library. */
export function tryInspect(path: string): Inspection | undefined {
  try {
    return inspect(path);
  } catch {
    return undefined;
  }
}

/** The library of the system's package manager, if it exists and is new enough. */
export function findSystemLibrary(): Inspection | undefined {
  for (const path of systemPaths) {
    const found = tryInspect(path);
    if (found) return found;
  }
  return undefined;
}

function readVersion(library: Library): string {
  const text = library.symbols.rd_kafka_version_str();
  return text === null ? "unknown" : Deno.UnsafePointerView.getCString(text);
}

function readFeatures(library: Library): string[] {
  const conf = library.symbols.rd_kafka_conf_new();
  const value = new Uint8Array(512);
  const size = new BigUint64Array([BigInt(value.length)]);
  const name = new TextEncoder().encode("builtin.features\0");
  library.symbols.rd_kafka_conf_get(conf, name, value, size);
  library.symbols.rd_kafka_conf_destroy(conf);
  return new TextDecoder().decode(value.subarray(0, value.indexOf(0))).split(",");
}
