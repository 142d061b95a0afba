/**
 * Every setting that the source of librdkafka knows, hidden ones and aliases as well.
 *
 * @module
 */
import assert from "node:assert/strict";

const SOURCE = "node_modules/node-rdkafka/deps/librdkafka/src/rdkafka_conf.c";

/** A setting, as its table in C has it. */
export interface SourceSetting {
  readonly name: string;
  /** It may hold a password or a key. */
  readonly sensitive: boolean;
  /** `STR`, `INT`, `BOOL`, `S2I`, … */
  readonly type: string;
}

/** All of them. */
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
