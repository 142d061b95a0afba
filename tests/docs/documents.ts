/**
 * The Markdown files that the tests of this folder read: README.md, docs/ and CHANGELOG.md.
 *
 * @module
 */
import assert from "node:assert/strict";

const project = new URL("../../", import.meta.url);

/** A Markdown file. */
export interface Document {
  /** Relative to the project. */
  readonly path: string;
  readonly text: string;
}

/** README.md and all of docs/. */
export const documents: readonly Document[] = await Promise.all(
  ["README.md", ...await pagesOfDocs()].map(async (path) => ({ path, text: await read(path) })),
);

/** One of them. */
export function page(path: string): string {
  const found = documents.find((document) => document.path === path);
  assert.ok(found, `There is no ${path}`);
  return found.text;
}

/** A file of the project. */
export function read(path: string): Promise<string> {
  return Deno.readTextFile(new URL(path, project));
}

/** Whether the project has this file or folder. */
export async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(path, project));
    return true;
  } catch {
    return false;
  }
}

/** Text below a heading, up to the next one of its level or a higher one. */
export function section(text: string, heading: string): string {
  const [, level] = new RegExp(`^(#+) ${RegExp.escape(heading)}$`, "m").exec(text) ?? [];
  assert.ok(level, `There is no section '${heading}'`);
  const [, below] = text.split(new RegExp(`^${level} ${RegExp.escape(heading)}$`, "m"));
  return below!.split(new RegExp(`^#{1,${level.length}} `, "m"))[0]!;
}

/** Content of the code blocks of a language. */
export function codeBlocks(text: string, language: string): string[] {
  return allCodeBlocks(text).filter((block) => block.language === language).map(({ code }) => code);
}

/** All code blocks. */
export function allCodeBlocks(text: string): { language: string; code: string }[] {
  return [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .map(([, language, code]) => ({ language: language!, code: code! }));
}

/** The cells of all tables, without their heads. */
export function rows(text: string): string[][] {
  const bodies = text.matchAll(/^\|.*\n\|[ |-]*\n((?:\|.*\n)*)/gm);
  const lines = [...bodies].flatMap(([, body]) => body!.trimEnd().split("\n"));
  return lines.map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim().replaceAll("\\|", "|"))
  );
}

async function pagesOfDocs(): Promise<string[]> {
  const paths = await Array.fromAsync(
    Deno.readDir(new URL("docs/", project)),
    ({ name }) => `docs/${name}`,
  );
  return paths.filter((path) => path.endsWith(".md")).sort();
}
