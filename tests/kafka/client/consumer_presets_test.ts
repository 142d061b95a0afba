/**
 * Rafka's own defaults for librdkafka: each is one that the library at hand knows, and the smaller queues come only
 * with the shorter wait that makes up for them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { configHelp } from "../../../src/app/config_help.ts";
import { libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import { refusedSettings } from "../../../src/kafka/client/conf.ts";
import { consumerDefaults } from "../../../src/kafka/client/settings_policy.ts";
import { systemLibrdkafka } from "../../support/machine.ts";

const ALWAYS = [
  "auto.offset.reset",
  "partition.assignment.strategy",
  "topic.metadata.refresh.interval.ms",
];
const PREFETCH = ["fetch.queue.backoff.ms", "queued.max.messages.kbytes", "queued.min.messages"];

Deno.test("the librdkafka that is built takes all defaults", () => {
  const library = openLibrary(libraryCandidates(undefined));
  const defaults = consumerDefaults(library);
  assert.deepEqual(Object.keys(defaults).sort(), [...ALWAYS, ...PREFETCH].sort());
  assert.deepEqual(refusedSettings(library, defaults), []);
});

Deno.test("--config-help names all defaults", () => {
  const defaults = consumerDefaults(openLibrary(libraryCandidates(undefined)));
  const help = configHelp().replace(/\s+/g, " ");
  for (const [key, value] of Object.entries(defaults)) {
    assert.ok(help.includes(`${key} ${value}`), key);
  }
});

Deno.test({
  name: "the system's librdkafka gets no small queue without the shorter wait",
  ignore: systemLibrdkafka === undefined,
  fn(): void {
    const library = openLibrary([systemLibrdkafka!]);
    const defaults = consumerDefaults(library);
    const prefetch = library.versionNumber >= 0x02020000 ? PREFETCH : [];
    assert.deepEqual(Object.keys(defaults).sort(), [...ALWAYS, ...prefetch].sort());
    assert.deepEqual(refusedSettings(library, defaults), []);
  },
});
