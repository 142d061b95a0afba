/**
 * The errors that the documentation lists are in the source: their codes, and their texts around values.
 *
 * @module
 */
import assert from "node:assert/strict";
import { page, read, rows } from "./documents.ts";

/** Texts of librdkafka, or of what else is passed on. */
const PASSED_ON = ["PROD <error>", "CONS Poll <error>"];

const source = await sourceText();
const listed = rows(page("docs/errors.md")).flatMap(([cell]) =>
  [...cell!.matchAll(/`([^`]+)`/g)].map(([, text]) => text!)
);

Deno.test("the page on errors lists some, each once", () => {
  assert.ok(listed.length > 40);
  assert.deepEqual(listed, [...new Set(listed)]);
});

for (const text of listed) {
  Deno.test(`the source has the error '${text}'`, () => {
    assert.ok(isProduced(text), text);
  });
}

Deno.test("an error that the source does not have would be found", () => {
  assert.ok(!isProduced("ERR no such error <n>"));
  assert.ok(!isProduced("NOCODE syntax error"));
  assert.ok(!isProduced("CONS id <id> is taken already"));
});

function isProduced(text: string): boolean {
  const [code, ...words] = text.split(" ");
  if (!source.includes(`"${code}"`)) return false;
  if (PASSED_ON.includes(text)) return true;
  const pattern = words.join(" ").split(/<[^>]+>|…/).map((part) => RegExp.escape(part.trim()))
    .join("[^\\n]*?");
  return new RegExp(pattern).test(source);
}

/** All of src, each literal in one line, with `…` for what is inserted into it. */
async function sourceText(): Promise<string> {
  const folder = new URL("../../src/", import.meta.url);
  const paths = await pathsIn(folder, "src/");
  const texts = await Promise.all(paths.map(read));
  return texts.join("\n").replaceAll(/\$\{[^{}]*\}/g, "…")
    .replaceAll(/["`] \+\n\s*["`]/g, "").replaceAll("\\`", "`");
}

async function pathsIn(folder: URL, path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const paths = await Promise.all(
    entries.map(({ name, isDirectory }) =>
      isDirectory ? pathsIn(new URL(`${name}/`, folder), `${path}${name}/`) : [`${path}${name}`]
    ),
  );
  return paths.flat();
}
