/**
 * The programs that the bench needs: those of Debian, and those in C that it compiles by itself, against the
 * librdkafka that Rafka uses. What is compiled stays, until its source changes.
 *
 * @module
 */
import { libraryName } from "../../tasks/native/library.ts";
import { isOnPath } from "../support/on_path.ts";
import { run } from "./process.ts";

const project = new URL("../../", import.meta.url);
const librdkafka = new URL("node_modules/node-rdkafka/deps/librdkafka/", project).pathname;
const native = new URL(`native/${Deno.build.target}/`, project).pathname;
/** The librdkafka that `deno task native` has made. */
export const builtLibrary: string = native + libraryName;
const compiled = `${native}bench/`;

/** A tool that a row may need. */
export type ToolName = "redis-server" | "redis-benchmark" | "cc" | "openssl";

/** Which package of Debian has it. */
const PACKAGES: Readonly<Record<ToolName, string>> = {
  "redis-server": "redis-server",
  "redis-benchmark": "redis-tools",
  "cc": "build-essential",
  "openssl": "openssl",
};

/** Why these tools can't be used, undefined if they can. */
export function missingTools(names: readonly ToolName[]): string | undefined {
  const missing = names.filter((name) => !isOnPath(name));
  if (missing.length === 0) return undefined;
  const packages = [...new Set(missing.map((name) => PACKAGES[name]))].join(" ");
  return `${missing.join(" and ")} not found: apt-get install -y ${packages}`;
}

/** What librdkafka's own headers, which its example includes, want to know of the compiler: gcc and clang are alike. */
const CONFIG_H = `#define HAVE_ATOMICS_32 1
#define HAVE_ATOMICS_64 1
#define ATOMIC_OP32(OP1, OP2, PTR, VAL) __atomic_##OP1##_##OP2(PTR, VAL, __ATOMIC_SEQ_CST)
#define ATOMIC_OP64(OP1, OP2, PTR, VAL) __atomic_##OP1##_##OP2(PTR, VAL, __ATOMIC_SEQ_CST)
`;

/** Path of librdkafka's own load generator. */
export async function rdkafkaPerformance(): Promise<string> {
  await Deno.mkdir(`${compiled}include`, { recursive: true });
  await Deno.writeTextFile(`${compiled}config.h`, CONFIG_H); // they include "../config.h"
  return await compile("rdkafka_performance", `${librdkafka}examples/rdkafka_performance.c`, [
    "-w", // its warnings are not ours
    `-I${compiled}include`,
    ...withLibrdkafka,
  ]);
}

/** Path of the program that pops as fast as it can. */
export function pop(): Promise<string> {
  return compile("pop", source("pop.c"), []);
}

/** Path of the program that reads a stream as fast as it can. */
export function streamReaders(): Promise<string> {
  return compile("stream", source("stream.c"), []);
}

/** Path of the program that measures the way of single messages. */
export function latency(): Promise<string> {
  return compile("latency", source("latency.c"), withLibrdkafka);
}

const withLibrdkafka = [
  `-I${librdkafka}src`,
  `-L${native}`,
  `-l:${libraryName}`,
  `-Wl,-rpath,${native}`,
  "-lpthread",
  "-lm",
];

function source(name: string): string {
  return new URL(`load/${name}`, import.meta.url).pathname;
}

async function compile(name: string, from: string, flags: readonly string[]): Promise<string> {
  const program = compiled + name;
  if (await isNewer(program, from)) return program;
  await Deno.mkdir(compiled, { recursive: true });
  const unfinished = `${program}.${Deno.pid}`; // another bench may be about to do the same
  await run("cc", ["-O2", "-Wall", "-o", unfinished, from, ...flags]);
  await Deno.rename(unfinished, program);
  return program;
}

async function isNewer(program: string, than: string): Promise<boolean> {
  const timeOf = (path: string): Promise<number> =>
    Deno.stat(path).then(({ mtime }) => mtime!.getTime(), () => 0);
  return await timeOf(program) > await timeOf(than);
}
