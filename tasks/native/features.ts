/**
 * The features of a built librdkafka, as its `configure` decided them. Does not call the library, which may be for
 * another machine.
 *
 * @module
 */
import { debianInstall, type Target } from "./target.ts";

/** Facts about a build. */
export interface Built {
  readonly version: string;
  readonly features: readonly string[];
}

/** Features of every build. */
const always = ["lz4", "sasl", "sasl_plain"];

/**
 * Optional features that users expect, with their macros in config.h and the Debian packages that provide them, if any.
 */
const optional: Readonly<Record<string, { macro: string; package?: string }>> = {
  gzip: { macro: "WITH_ZLIB", package: "zlib1g-dev" },
  snappy: { macro: "WITH_SNAPPY" },
  zstd: { macro: "WITH_ZSTD", package: "libzstd-dev" },
  ssl: { macro: "WITH_SSL", package: "libssl-dev" },
  sasl_scram: { macro: "WITH_SASL_SCRAM", package: "libssl-dev" },
  sasl_oauthbearer: { macro: "WITH_SASL_OAUTHBEARER", package: "libssl-dev" },
};

/** Reads version and features from the config.h that `configure` wrote. */
export function readConfig(config: string): Built {
  const values = new Map(
    [...config.matchAll(/^#define (\w+) (.+)$/gm)].map(([, name, value]) => [name!, value!]),
  );
  const version = values.get("RDKAFKA_VERSION_STR")?.replaceAll('"', "") ?? "unknown";
  const has = (name: string): boolean => values.get(optional[name]!.macro) === "1";
  return { version, features: [...always, ...Object.keys(optional).filter(has)] };
}

/** Describes the missing features and how to get them; undefined if all are present. */
export function describeMissing(features: readonly string[], target: Target): string | undefined {
  const missing = Object.keys(optional).filter((name) => !features.includes(name));
  if (missing.length === 0) return undefined;
  const packages = missing.flatMap((name) => optional[name]!.package ?? []);
  const again = `deno task native ${target.cross ? `--target ${target.triple} ` : ""}--rebuild`;
  return `It lacks ${missing.join(", ")}. To get them: ` +
    `${debianInstall(target, [...new Set(packages)])}, then ${again}`;
}
