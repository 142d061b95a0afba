/**
 * Settings that name files. For a missing file, librdkafka and OpenSSL report a wrong certificate.
 *
 * @module
 */

import { whyUnreadable } from "../../ffi/libc.ts";
import type { KafkaSettings } from "./conf.ts";
import { settingsIn } from "./librdkafka_texts.ts";

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
/** Settings that may name a folder. */
const FOLDERS: readonly string[] = ["https.ca.location", "ssl.ca.location"];
/** Value for which librdkafka looks for the system's certificates itself. */
const PROBE = "probe";

/**
 * The files that librdkafka could not read, as `'<name>' is "<path>": <why>`.
 *
 * @param reason librdkafka's text, which names the setting
 */
export function unreadableFiles(settings: KafkaSettings, reason: string): string[] {
  return settingsIn(reason, FILES).filter((name) => settings[name] !== undefined)
    .flatMap((name) => {
      const path = String(settings[name]).trimStart(); // as librdkafka does
      if (path === "" || path === PROBE) return [];
      if (!isPath(path)) return [`'${name}' must be the path of a file, and is none`];
      const why = whyUnreadable(path, { isFolderAllowed: FOLDERS.includes(name) });
      return why === undefined ? [] : [`'${name}' is ${JSON.stringify(path)}: ${why}`];
    });
}

/** Whether it may be shown: a key instead of the path of its file may not. */
function isPath(text: string): boolean {
  return !/[\0\n]|-----/.test(text);
}
