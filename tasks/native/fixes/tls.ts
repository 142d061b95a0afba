/**
 * OpenSSL, for TLS towards clients.
 *
 * @module
 */
import type { Fix } from "./fix.ts";

/** For librdkafka 2.12.0. */
export const tlsFixes: readonly Fix[] = [{
  what: "the OpenSSL inside cannot be called, though TLS towards clients needs one",
  source: "openssl.c",
  edits: [{
    file: "lds-gen.py",
    from: "funcs.append('rd_ut_coverage_check')",
    to: "funcs.append('rd_ut_coverage_check')\n    funcs.append('rd_kafka_rafka_*')",
  }],
}];
