/**
 * Opens OpenSSL: the one inside Rafka's own build of librdkafka, else the system's `libssl.so.3`.
 *
 * @module
 */

import { fromCString } from "./memory.ts";
import { OPENSSL_SYMBOLS, type OpenSslSymbols } from "./openssl_symbols.ts";

/** Prefix of the names in Rafka's build of librdkafka (tasks/native/openssl.c). */
const BUILT_IN_PREFIX = "rd_kafka_rafka_";
/** The system's library; it brings libcrypto along. */
const SYSTEM_LIBRARY = Deno.build.os === "darwin" ? "libssl.3.dylib" : "libssl.so.3";
/** 3.0.0, as `OpenSSL_version_num()` writes it. */
const MINIMUM_VERSION = 0x30000000n;

/** An opened OpenSSL. */
export interface OpenSsl {
  /** E.g. "OpenSSL 3.0.22 25 Aug 2026". */
  readonly version: string;
  /** Functions of the library. */
  readonly symbols: OpenSslSymbols;
}

/**
 * Opens the OpenSSL inside a librdkafka, else the system's.
 *
 * @param librdkafka path or name of the opened librdkafka
 * @returns undefined when neither has one
 */
export function openOpenSsl(librdkafka: string): OpenSsl | undefined {
  return openAt(librdkafka, BUILT_IN_PREFIX) ?? openAt(SYSTEM_LIBRARY, "");
}

function openAt(path: string, prefix: string): OpenSsl | undefined {
  let symbols: OpenSslSymbols;
  try {
    symbols = Deno.dlopen(path, withPrefix(prefix)).symbols;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
  if (symbols.OpenSSL_version_num() < MINIMUM_VERSION) return undefined;
  return { version: fromCString(symbols.OpenSSL_version(0)), symbols };
}

function withPrefix(prefix: string): typeof OPENSSL_SYMBOLS {
  return Object.fromEntries(
    Object.entries(OPENSSL_SYMBOLS).map(([name, entry]) => [
      name,
      { ...entry, name: prefix + name },
    ]),
  ) as unknown as typeof OPENSSL_SYMBOLS;
}
