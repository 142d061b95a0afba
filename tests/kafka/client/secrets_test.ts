/**
 * What librdkafka says of settings that hold secrets, without the secrets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isSecret, withoutSecrets } from "../../../src/kafka/client/secrets.ts";

const ROWS: readonly { settings: Record<string, string | number>; text: string; want: string }[] = [
  { settings: {}, text: "Broker: a", want: "Broker: a" },
  {
    settings: { "sasl.password": "open-sesame" },
    text: "login with open-sesame failed: open-sesame",
    want: "login with … failed: …",
  },
  {
    settings: { "sasl.oauthbearer.config": "principal=a clientSecret=open-sesame" },
    text: "beginning at: clientSecret=open-sesame; check it",
    want: "beginning at:…; check it",
  },
  { settings: { "sasl.password": 12345678 }, text: "is 12345678", want: "is …" },
  { settings: { "sasl.password": "test" }, text: "the latest", want: "the latest" },
  {
    settings: { "sasl.username": "kafka-user" },
    text: "kafka-user-1:9092",
    want: "kafka-user-1:9092",
  },
  { settings: { "client.id": "gateway-1" }, text: "gateway-1", want: "gateway-1" },
];

for (const { settings, text, want } of ROWS) {
  Deno.test(`withoutSecrets() of ${JSON.stringify(settings)}: ${text}`, () => {
    assert.equal(withoutSecrets(text, settings), want);
  });
}

Deno.test("isSecret() knows passwords and keys by the words in a name, and leaves out files", () => {
  for (const name of ["ssl.key.password", "a.passphrase", "b.secret", "c.jaas.config", "d.pem"]) {
    assert.ok(isSecret(name), name);
  }
  for (const name of ["ssl.ca.location", "ssl.key.location", "linger.ms", "client.id"]) {
    assert.ok(!isSecret(name), name);
  }
});
