/**
 * Every setting is documented, and every configuration that the documentation shows can be used.
 *
 * @module
 */
import assert from "node:assert/strict";
import { librdkafkaDefaults } from "../../tasks/docs/settings.ts";
import { HELP } from "../../src/app/cli.ts";
import { Gateway } from "../../src/app/gateway.ts";
import { consumerSettings } from "../../src/commands/list/consumer_settings.ts";
import { parseConfig } from "../../src/config/load.ts";
import { serverKeys } from "../../src/config/schema.ts";
import { keyRuleKeys } from "../../src/config/keys_section.ts";
import { tlsKeys } from "../../src/config/tls_section.ts";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { effectiveValue } from "../../src/kafka/client/conf.ts";

import { consumerDefaults, producerDefaults } from "../../src/kafka/client/settings_policy.ts";
import { specialNames } from "../../src/kafka/client/settings_policy.ts";
import { codeBlocks, documents, page, read, rows, section } from "./documents.ts";

const configuration = page("docs/configuration.md");
const SAMPLES = ["", ".tls", ".mtls", ".sasl-plain", ".sasl-scram"]
  .map((kind) => `config.sample${kind}.json`);

Deno.test("each key of `server` is documented, with its default and its meaning", () => {
  assert.deepEqual(
    rows(section(configuration, "`server`")),
    serverKeys.map(({ name, value, description }) => [
      `\`${name}\``,
      `\`${JSON.stringify(value)}\``,
      description,
    ]),
  );
});

Deno.test("each key of `server.tls` is documented, with its default and its meaning", () => {
  assert.deepEqual(
    rows(section(configuration, "`server.tls`")),
    tlsKeys.map(({ key, defaultValue, description }) => [
      `\`${key}\``,
      defaultValue === undefined ? "–" : `\`${JSON.stringify(defaultValue)}\``,
      description,
    ]),
  );
});

Deno.test("each key of a rule of `server.keys` is documented, with its default and its meaning", () => {
  assert.deepEqual(
    rows(section(configuration, "`server.keys`")),
    keyRuleKeys.map(({ key, defaultValue, description }) => [
      `\`${key}\``,
      defaultValue === undefined ? "–" : `\`${JSON.stringify(defaultValue)}\``,
      description,
    ]),
  );
});

Deno.test("each setting that BLPOP's JSON may hold is documented, with its bounds", () => {
  assert.deepEqual(
    rows(section(configuration, "Settings of one worker")),
    consumerSettings.map(({ name, rule, meaning }) => [`\`${name}\``, rule.words(), meaning]),
  );
});

Deno.test("each setting of librdkafka that is refused or ignored is documented", () => {
  const text = section(configuration, "Refused") + section(configuration, "Ignored");
  for (const name of specialNames) assert.ok(text.includes(`\`${name}\``), name);
});

Deno.test("presets are documented beside librdkafka's own values, with a reason each", () => {
  const library = openLibrary(libraryCandidates(undefined));
  const presets = {
    consumers: consumerDefaults(library),
    producers: producerDefaults({}, { shared: false }),
  };
  const listed = rows(section(configuration, "Presets"));
  const expected = Object.entries(presets).flatMap(([kind, settings]) =>
    Object.entries(settings).map(([name, value]) => {
      const own = librdkafkaDefaults[kind]![name]!;
      const actual = effectiveValue(library, {}, name); // nothing for settings of topics
      assert.ok([own, ""].includes(actual), `${name} is ${actual}`);
      return [`\`${name}\``, kind, `\`${value}\``, `\`${own}\``];
    })
  );
  assert.deepEqual(listed, expected);
  const reasons = section(configuration, "Presets").match(/^- [^:]*/gm)!.join("\n");
  for (const [name] of expected) assert.ok(reasons.includes(name!), name);
});

Deno.test("--help is shown as it is", () => {
  assert.ok(codeBlocks(section(configuration, "Command line"), "text").includes(HELP));
});

Deno.test("each configuration that the documentation shows is accepted as it is", () => {
  const blocks = documents.flatMap(({ path, text }) => {
    const others = [...text.matchAll(/^ *```(json\w+)$/gm)].map(([, language]) => language);
    assert.deepEqual(others, [], `${path}: the configuration is JSON, without comments`);
    return codeBlocks(text, "json").map((block) => ({ path, block }));
  });
  assert.ok(blocks.length >= 3);
  for (const { path, block } of blocks) {
    const secrets = { file: () => "change-me", env: () => "change-me" };
    assert.deepEqual(parseConfig(block, path, secrets).ignored, [], block);
  }
});

Deno.test("the documentation names each sample", async () => {
  const text = documents.map((document) => document.text).join("\n");
  for (const name of SAMPLES) {
    assert.ok(text.includes(`](../${name})`), name);
    assert.deepEqual(parseConfig(await read(name), name).ignored, []);
  }
});

Deno.test("librdkafka takes config.sample.json", async () => {
  const config = parseConfig(await read("config.sample.json"), "config.sample.json");
  const library = openLibrary(libraryCandidates(undefined));
  const server = { ...config.server, port: 0 };
  const rafka = await Gateway.start({
    config: { ...config, server },
    library,
    dev: false,
    version: "test",
  });
  await rafka.stop();
});
