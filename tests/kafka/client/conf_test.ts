/**
 * Settings as librdkafka takes and refuses them: in its own words, with the name of the setting.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import {
  effectiveValue,
  type KafkaSettings,
  newConf,
  SettingError,
} from "../../../src/kafka/client/conf.ts";

const library = openLibrary(libraryCandidates(undefined));

const accepted: { name: string; value: string | number | boolean; effective: string }[] = [
  { name: "bootstrap.servers", value: "a:1,b:2", effective: "a:1,b:2" },
  { name: "linger.ms", value: 7, effective: "7" },
  { name: "linger.ms", value: "7", effective: "7" },
  { name: "enable.idempotence", value: true, effective: "true" },
  { name: "enable.idempotence", value: "true", effective: "true" },
  { name: "enable.auto.commit", value: false, effective: "false" },
  { name: "queued.min.messages", value: 1e5, effective: "100000" },
  { name: "acks", value: -1, effective: "-1" },
  { name: "acks", value: "all", effective: "-1" },
  { name: "auto.offset.reset", value: "earliest", effective: "smallest" },
  { name: "client.id", value: "é\n", effective: "é\n" },
];

for (const { name, value, effective } of accepted) {
  Deno.test(`${name} as ${JSON.stringify(value)} is ${JSON.stringify(effective)}`, () => {
    assert.equal(effectiveValue(library, { [name]: value }, name), effective);
  });
}

Deno.test("a setting that is not given has librdkafka's default", () => {
  assert.equal(effectiveValue(library, {}, "max.poll.interval.ms"), "300000");
});

Deno.test("a setting that does not exist has no value", () => {
  assert.equal(effectiveValue(library, {}, "no.such.setting"), "");
});

const refused: { what: string; settings: KafkaSettings; key: string; words: RegExp }[] = [
  {
    what: "a name that does not exist",
    settings: { "linger.mss": 5 },
    key: "linger.mss",
    words: /No such configuration property: "linger\.mss"/,
  },
  {
    what: "text for a number, with the name that the user gave and librdkafka's own",
    settings: { "linger.ms": "soon" },
    key: "linger.ms",
    words: /^linger\.ms: Invalid value for configuration property "queue\.buffering\.max\.ms"$/,
  },
  {
    what: "a number out of range",
    settings: { "queued.min.messages": -1 },
    key: "queued.min.messages",
    words: /"queued\.min\.messages" value -1 is outside allowed range/,
  },
  {
    what: "a value that is none of the allowed ones",
    settings: { "auto.offset.reset": "earlier" },
    key: "auto.offset.reset",
    words: /Invalid value "earlier" for configuration property "auto\.offset\.reset"/,
  },
  {
    what: "text for a boolean",
    settings: { "enable.auto.commit": "maybe" },
    key: "enable.auto.commit",
    words: /Expected bool value for "enable\.auto\.commit"/,
  },
  {
    what: "a callback, which only a program can set",
    settings: { "dr_cb": "x" },
    key: "dr_cb",
    words: /Property "dr_cb" must be set through dedicated/,
  },
  {
    what: "the second of two settings",
    settings: { "linger.ms": 5, "bogus": 1 },
    key: "bogus",
    words: /"bogus"/,
  },
  {
    what: "a name with a NUL in it",
    settings: { "linger.ms\0": 5 },
    key: "linger.ms\0",
    words: /it holds a NUL character/,
  },
  {
    what: "a value with a NUL in it",
    settings: { "client.id": "a\0b" },
    key: "client.id",
    words: /^client\.id: it holds a NUL character$/,
  },
];

for (const { what, settings, key, words } of refused) {
  Deno.test(`refused: ${what}`, () => {
    assert.throws(() => newConf(library, settings), (error: unknown) => {
      assert.ok(error instanceof SettingError, String(error));
      assert.equal(error.setting, key);
      assert.match(error.message, words);
      return true;
    });
  });
}
