/**
 * Makes a library run with an older C library than that of the build system. See glibc.c.
 *
 * @module
 */
import { sha256 } from "../sha256.ts";
import type { Target } from "./target.ts";

/** The newest glibc that a library may need: that of RHEL 8, the oldest release still maintained. */
export const newestGlibc = "2.28";

const source = "tasks/native/glibc.c";
/** Its name among librdkafka's sources. */
const copy = "rafka_glibc.c";

/** Whether the target has glibc. */
export function usesGlibc(target: Target): boolean {
  return target.triple.endsWith("-linux-gnu");
}

/** A checksum of the wrappers. */
export async function wrappersDigest(): Promise<string> {
  return await sha256(await Deno.readFile(source));
}

/** Makes librdkafka's Makefile compile the wrappers and link them. */
export async function addWrappers(folder: string): Promise<void> {
  const text = await Deno.readTextFile(source);
  const flags = wrapped(text).map((name) => `-Wl,--wrap=${name}`);
  await Deno.writeTextFile(`${folder}/src/${copy}`, text);
  await Deno.writeTextFile(
    `${folder}/Makefile.config`,
    `SRCS_y += ${copy}\nLDFLAGS += ${flags.join(" ")}\n`,
    { append: true },
  );
}

/** The functions that have a wrapper. */
function wrapped(text: string): string[] {
  return [...text.matchAll(/^WRAP\w*\((?:SETNAME, )?(\w+)/gm)].map(([, name]) => name!);
}

/**
 * The glibc symbols that a file needs: functions with their versions (`pow@GLIBC_2.29`), and versions by themselves.
 */
export function neededOfGlibc(readelf: string): string[] {
  const functions = [...readelf.matchAll(/UND (\w+@GLIBC_\d[\d.]*)/g)].map(([, symbol]) => symbol!);
  const versions = [...readelf.matchAll(/Name: (GLIBC_\d[\d.]*) /g)].map(([, name]) => `@${name}`);
  return [...new Set([...functions, ...versions])];
}

/** The oldest glibc that has all of these symbols. */
export function glibcWith(symbols: readonly string[]): string | undefined {
  return symbols.map(versionOf).sort(compareVersions).at(-1);
}

/** The symbols that the oldest supported glibc lacks. */
export function tooNew(symbols: readonly string[]): string[] {
  return symbols.filter((symbol) => compareVersions(versionOf(symbol), newestGlibc) > 0);
}

/** Describes these functions; undefined if there are none. */
export function describeTooNew(symbols: readonly string[]): string | undefined {
  if (symbols.length === 0) return undefined;
  return `It needs glibc ${glibcWith(symbols)}, not ${newestGlibc} as it should, for ` +
    `${symbols.join(", ")}: ${source} could wrap them`;
}

function versionOf(symbol: string): string {
  return symbol.replace(/.*@GLIBC_/, "");
}

function compareVersions(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
