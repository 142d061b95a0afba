/**
 * Settings that name files. librdkafka and OpenSSL say of one that is not there that a certificate is wrong.
 *
 * @module
 */

import { whyUnreadable } from "../../ffi/libc.ts";
import type { KafkaSettings } from "./conf.ts";

const FILES: readonly string[] = [
  "https.ca.location",
  "sasl.kerberos.keytab",
  "sasl.oauthbearer.assertion.file",
  "sasl.oauthbearer.assertion.jwt.template.file",
  "sasl.oauthbearer.assertion.private.key.file",
  "ssl.ca.location",
  "ssl.certificate.location",
  "ssl.crl.location",
  "ssl.engine.location",
  "ssl.key.location",
  "ssl.keystore.location",
];
/** These may name a folder. */
const FOLDERS: readonly string[] = ["https.ca.location", "ssl.ca.location"];
/** librdkafka looks for the system's certificates itself. */
const PROBE = "probe";

/**
 * The files that librdkafka could not read, as `'<name>' is "<path>": <why>`.
 *
 * @param reason librdkafka's words, which name the setting
 */
export function unreadableFiles(settings: KafkaSettings, reason: string): string[] {
  return FILES.filter((name) => settings[name] !== undefined && reason.includes(name))
    .flatMap((name) => {
      const path = String(settings[name]).trimStart(); // as librdkafka does
      if (path === "" || path === PROBE) return [];
      if (!isPath(path)) return [`'${name}' must be the path of a file, and is none`];
      const why = whyUnreadable(path, { isFolderAllowed: FOLDERS.includes(name) });
      return why === undefined ? [] : [`'${name}' is ${JSON.stringify(path)}: ${why}`];
    });
}

/** A key instead of the place of its file is not shown. */
function isPath(text: string): boolean {
  return !/[\0\n]|-----/.test(text);
}
