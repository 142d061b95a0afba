/**
 * Settings as plain objects, and as librdkafka's `rd_kafka_conf_t`. Their meaning and their values are librdkafka's
 * (CONFIGURATION.md of librdkafka); its refusals are passed on as they are.
 *
 * @module
 */

import { RD_KAFKA_CONF_OK, RD_KAFKA_CONF_UNKNOWN } from "../../ffi/constants.ts";
import type { Library } from "../../ffi/library.ts";
import { fromBuffer, toCString } from "../../ffi/memory.ts";

/** librdkafka settings by name, e.g. `{ "bootstrap.servers": "kafka:9092", "linger.ms": 5 }`. */
export type KafkaSettings = Readonly<Record<string, string | number | boolean>>;

/** librdkafka refused a setting; the message has its text and the name of the setting. */
export class SettingError extends Error {
  /** Name of the class, for stack traces. */
  override name = "SettingError";
  /** Name of the setting. */
  readonly setting: string;
  /** librdkafka's text, which may use another name for the setting. */
  readonly reason: string;
  /** There may be no such setting: its name may be mistyped, and its value a secret. */
  readonly unknown: boolean;

  /** A refusal of `setting`; `reason` is librdkafka's text. */
  constructor(setting: string, reason: string, { unknown = false } = {}) {
    // librdkafka has a name of its own for some settings, e.g. queue.buffering.max.ms for linger.ms
    super(reason.includes(setting) ? reason : `${setting}: ${reason}`);
    this.setting = setting;
    this.reason = reason;
    this.unknown = unknown;
  }
}

const ERRSTR_BYTES = 512;
/** Not a number, not a flag, not in a list. */
const NO_VALUE = "(no value)";
const NUMBER = /^-?\d+(\.\d+)?$/;
const NUMBER_START = /^\s*[-+]?\.?\d/;
const TOPIC_PREFIX = /^topic\./;

/**
 * A new `rd_kafka_conf_t` with these settings. The caller owns it, until `rd_kafka_new` takes it.
 *
 * @throws {SettingError} for the first setting that librdkafka refuses
 */
export function newConf(library: Library, settings: KafkaSettings): Deno.PointerValue {
  const { symbols } = library;
  const conf = symbols.rd_kafka_conf_new();
  try {
    for (const [name, value] of Object.entries(settings)) {
      setOne(library, conf, name, String(value));
    }
  } catch (error) {
    symbols.rd_kafka_conf_destroy(conf);
    throw error;
  }
  return conf;
}

/** Every setting that librdkafka refuses when it is set alone. */
export function refusedSettings(library: Library, settings: KafkaSettings): SettingError[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    try {
      library.symbols.rd_kafka_conf_destroy(newConf(library, { [name]: value }));
      return [];
    } catch (error) {
      if (error instanceof SettingError) return [error];
      throw error;
    }
  });
}

/**
 * Why librdkafka accepts a value and works with another: it reads `5s` as 5, 1e21 as 1, 2^32 + 5 as 5, and skips a
 * blank. Undefined if it does not.
 */
export function whyMisread(library: Library, name: string, value: unknown): string | undefined {
  const text = String(value);
  const takesText = refusedSettings(library, { [name]: NO_VALUE }).length === 0;
  if (takesText || text === "") return undefined;
  if (text.trim() === "") return "librdkafka would pass over it";
  const read = valueRead(library, name, text);
  if (!NUMBER.test(read) || !NUMBER_START.test(text)) return undefined;
  if (Number(text) === Number(read)) return undefined;
  return `librdkafka would read it as ${read}: give a whole number`;
}

/** Value that librdkafka works with when `settings` are given; "" for none. */
export function effectiveValue(library: Library, settings: KafkaSettings, name: string): string {
  const { symbols } = library;
  const conf = newConf(library, settings);
  try {
    const value = new Uint8Array(4096);
    const size = new BigUint64Array([BigInt(value.byteLength)]);
    const result = symbols.rd_kafka_conf_get(conf, toCString(name), value, size);
    return result === RD_KAFKA_CONF_OK ? fromBuffer(value) : "";
  } finally {
    symbols.rd_kafka_conf_destroy(conf);
  }
}

/** Value that librdkafka reads; "" when it does not say. */
function valueRead(library: Library, name: string, text: string): string {
  const read = effectiveValue(library, { [name]: text }, name);
  const plain = name.replace(TOPIC_PREFIX, "");
  // with the prefix there is none to be read, and what it shows without is that of the client, if it has one, too
  if (read !== "" || effectiveValue(library, {}, plain) !== "") return read;
  return effectiveValue(library, { [name]: text }, plain);
}

function setOne(library: Library, conf: Deno.PointerValue, name: string, value: string): void {
  const errstr = new Uint8Array(ERRSTR_BYTES);
  const result = library.symbols.rd_kafka_conf_set(
    conf,
    cStringOf(name, name),
    cStringOf(name, value),
    errstr,
    BigInt(ERRSTR_BYTES),
  );
  if (result === RD_KAFKA_CONF_OK) return;
  const unknown = result === RD_KAFKA_CONF_UNKNOWN;
  throw new SettingError(name, fromBuffer(errstr), { unknown });
}

function cStringOf(name: string, text: string): Uint8Array<ArrayBuffer> {
  try {
    return toCString(text);
  } catch (cause) {
    // librdkafka is not asked whether there is such a setting
    throw new SettingError(name, (cause as Error).message, { unknown: true });
  }
}
