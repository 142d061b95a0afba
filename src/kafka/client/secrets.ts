/**
 * Settings that hold passwords or keys: which ones they are, and texts without what they hold.
 *
 * @module
 */

import type { KafkaSettings } from "./conf.ts";

/** More than librdkafka marks as sensitive: a setting of tomorrow is called like one of today. */
const SECRET =
  /password|passphrase|secret|token|username|jaas|[._]pem$|^(topic\.)?ssl_|oauthbearer\.config|private\.key\.pem/;
/** Told to Kafka in the clear, and too often a word like any other to be taken out of a text. */
const USERNAME = "sasl.username";
/** librdkafka quotes a setting from the place on that it cannot read, so a part of a secret counts, too. */
const PART_CHARACTERS = 8;
/** A shorter secret is a part of too many words. */
const LEAST_CHARACTERS = 6;

/** Whether a setting may hold a password or a key; not those that name a file of it. */
export function isSecret(name: string): boolean {
  return SECRET.test(name);
}

/** A text of librdkafka without what it quotes of the secrets among these settings. */
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
