/**
 * What librdkafka's headers say, asked of the C compiler: values of expressions, and how functions are declared.
 * For tests that compare the tables in `src/ffi` with C.
 *
 * @module
 */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";

/** Where the headers are of the librdkafka that the project builds. */
const HEADERS = fileURLToPath(
  new URL("../../node_modules/node-rdkafka/deps/librdkafka/src/", import.meta.url),
);

/** Where the headers are of what the project adds to it. */
const OWN_HEADERS = fileURLToPath(new URL("../../tasks/native/", import.meta.url));

/** Enums without a negative value: signed for some compilers only, which makes no difference to a call. */
const ENUMS_OF_ANY_SIGN = ["rd_kafka_type_t"];

const INCLUDES = `
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "rdkafka.h"
#include "rdkafka_mock.h"
#include "packed.h"
#include "pops.h"
`;

/** A parameter or a result as the compiler sees it: `pointer`, `void`, or signedness and bits, e.g. `i32`. */
export type CType = string;

/** How a function is declared. */
export interface Declaration {
  readonly parameters: readonly CType[];
  readonly result: CType;
}

/** The values of integer expressions in C, e.g. `sizeof(rd_kafka_message_t)`. */
export async function evaluate(expressions: readonly string[]): Promise<Record<string, bigint>> {
  const lines = expressions.map((expression) => `printf("%lld\\n", (long long)(${expression}));`);
  const output = await runC(`${INCLUDES}\nint main(void) {\n${lines.join("\n")}\nreturn 0;\n}\n`);
  const values = output.trim().split("\n").map(BigInt);
  assert.equal(values.length, expressions.length);
  return Object.fromEntries(expressions.map((expression, index) => [expression, values[index]!]));
}

/** How the headers declare these functions; a name that they do not declare is missing. */
export async function declarations(names: readonly string[]): Promise<Map<string, Declaration>> {
  const header = (await compile(["-E", "-P", "-x", "c", "-"], INCLUDES)).replaceAll(/\s+/g, " ")
    .replaceAll(/\w+ \(\*(\w+)\) ?\([^()]*\)/g, "void *$1"); // a function is a pointer
  const raw = names.flatMap((name) => {
    const match = new RegExp(`[;}] ?([\\w* ]+?[* ])${name} ?\\(([^()]*)\\)`).exec(header);
    return match ? [{ name, result: match[1]!, parameters: splitParameters(match[2]!) }] : [];
  });
  const integers = await integerTypes(
    raw.flatMap(({ result, parameters }) => [result, ...parameters]).map(bareType)
      .filter((type) => type !== "void" && !type.includes("*")),
  );
  const seen = (text: string): CType => {
    const type = bareType(text);
    if (type.includes("*")) return "pointer";
    return type === "void" ? "void" : integers.get(type)!;
  };
  return new Map(raw.map(({ name, result, parameters }) => [
    name,
    { result: seen(result), parameters: parameters.map(seen) },
  ]));
}

/** Compiles a shared library from C. */
export async function compileLibrary(source: string, path: string): Promise<void> {
  await compile(["-shared", "-fPIC", "-x", "c", "-o", path, "-"], source);
}

/** Type and name of each parameter; none for `void`. */
function splitParameters(text: string): string[] {
  const parameters = text.split(",").map((parameter) => parameter.trim());
  if (parameters.length === 1 && parameters[0] === "void") return [];
  return parameters.map((parameter) => parameter.replace(/\w+$/, ""));
}

function bareType(text: string): string {
  return text.replaceAll(/\b(const|extern|struct|__restrict|restrict)\b/g, "")
    .replaceAll(/\s+/g, " ").trim();
}

/** Of what width and signedness these types are. */
async function integerTypes(types: readonly string[]): Promise<Map<string, CType>> {
  const unique = [...new Set(types)];
  const sizeOf = (type: string): string => `sizeof(${type})`;
  const negative = (type: string): string => `(${type})-1 < (${type})0`;
  const values = await evaluate(unique.flatMap((type) => [sizeOf(type), negative(type)]));
  return new Map(unique.map((type) => {
    const isSigned = values[negative(type)] === 1n || ENUMS_OF_ANY_SIGN.includes(type);
    return [type, `${isSigned ? "i" : "u"}${values[sizeOf(type)]! * 8n}`];
  }));
}

async function runC(source: string): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "rafka-probe-" });
  try {
    await compile(["-x", "c", "-o", `${folder}/probe`, "-"], source);
    const { success, stdout } = await new Deno.Command(`${folder}/probe`).output();
    assert.ok(success, "the probe failed");
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function compile(args: readonly string[], source: string): Promise<string> {
  const compiler = new Deno.Command("cc", {
    args: ["-I", HEADERS, "-I", OWN_HEADERS, ...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = compiler.stdin.getWriter();
  await writer.write(new TextEncoder().encode(source));
  await writer.close();
  const { success, stdout, stderr } = await compiler.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
