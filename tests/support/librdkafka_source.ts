/**
 * All settings in the source of librdkafka, including hidden ones and aliases.
 *
 * @module
 */
import assert from "node:assert/strict";

const SOURCE = "node_modules/node-rdkafka/deps/librdkafka/src/rdkafka_conf.c";

/** A setting as in its table in C. */
export interface SourceSetting {
  readonly name: string;
  /** Whether it may hold a password or a key. */
  readonly sensitive: boolean;
  /** `STR`, `INT`, `BOOL`, `S2I`, … */
  readonly type: string;
}

/** All settings. */
export async function librdkafkaSettings(): Promise<readonly SourceSetting[]> {
  const text = await Deno.readTextFile(new URL(`../../${SOURCE}`, import.meta.url));
  const entries = text.matchAll(/\{\s*((?:_RK_[A-Z]+\s*\|?\s*)+),\s*"([^"]+)",\s*_RK_C_(\w+)/g);
  const settings = Array.from(entries, ([, scope, name, type]) => ({
    name: name!,
    sensitive: scope!.includes("_RK_SENSITIVE"),
    type: type!,
  }));
  assert.ok(settings.length > 180, `only ${settings.length} settings were found`);
  return settings;
}
