/**
 * Settings that hold passwords or keys, and texts without their values.
 *
 * @module
 */

import type { KafkaSettings } from "./conf.ts";

/** Matches more than librdkafka marks as sensitive: new settings have names like those of today. */
const SECRET =
  /password|passphrase|secret|token|username|jaas|[._]pem$|^(topic\.)?ssl_|oauthbearer\.config|private\.key\.pem/;
/** Sent to Kafka in the clear, and too often an ordinary word to be removed from texts. */
const USERNAME = "sasl.username";
/** librdkafka quotes a value from where it cannot parse it, so a part of a secret counts, too. */
const PART_CHARACTERS = 8;
/** A shorter secret is part of too many words. */
const LEAST_CHARACTERS = 6;

/** Whether a setting may hold a password or a key; not those that name a file of it. */
export function isSecret(name: string): boolean {
  return SECRET.test(name);
}

/** A text of librdkafka, with "…" for every part that it quotes of the secrets among these settings. */
export function withoutSecrets(text: string, settings: KafkaSettings): string {
  return Object.entries(settings)
    .filter(([name]) => isSecret(name) && name !== USERNAME)
    .map(([, value]) => String(value).trim())
    .filter((secret) => secret.length >= LEAST_CHARACTERS)
    .reduce(withoutSecret, text);
}

function withoutSecret(text: string, secret: string): string {
  const size = Math.min(secret.length, PART_CHARACTERS);
  const isPart = (at: number): boolean =>
    at + size <= text.length && secret.includes(text.slice(at, at + size));
  let rest = "";
  for (let at = 0; at < text.length; at++) {
    if (!isPart(at)) {
      rest += text[at];
      continue;
    }
    while (isPart(at + 1)) at++;
    at += size - 1;
    rest += "…";
  }
  return rest;
}
