/**
 * A command's usage line as the structured arguments of COMMAND DOCS, which clients complete and hint with. The line is
 * what people read, and the only source: `[…]` is optional, `<a | b>` is a choice, `x [x ...]` can be repeated, a word
 * in capitals is sent as it is, any other word stands for a value.
 *
 * @see https://redis.io/docs/latest/commands/command-docs/
 * @module
 */

import { array, bulk, record, type Reply, set, simple } from "../../resp/reply.ts";
import type { Command } from "./command.ts";

/** The arguments of a command, or undefined when it has none. */
export function usageArguments({ name, usage }: Command): Reply | undefined {
  const items = parseArguments(usage.slice(name.length).trim());
  return items.length > 0 ? array(items) : undefined;
}

function parseArguments(text: string): Reply[] {
  const words = splitTop(text, " ");
  return words.flatMap((word, at) => {
    if (isRepetition(word)) return [];
    const optional = word.startsWith("[");
    const multiple = isRepetition(words[at + 1] ?? "");
    const flags = [...(optional ? ["optional"] : []), ...(multiple ? ["multiple"] : [])];
    return [describe(optional ? inner(word) : word, flags)];
  });
}

/** `[x ...]` only says that the word before it can be repeated. */
function isRepetition(word: string): boolean {
  return word.endsWith("...]");
}

/** @param token the word that is sent before it */
function describe(text: string, flags: readonly string[], token?: string): Reply {
  const content = isEnclosed(text) ? inner(text) : text;
  const shared = {
    ...(token !== undefined && { token: bulk(token) }),
    ...(flags.length > 0 && { flags: set(flags.map(simple)) }),
  };
  const choices = splitTop(content, "|").map((choice) => choice.trim());
  if (choices.length > 1) {
    const items = array(choices.map((choice) => describe(choice, [])));
    return record({ name: bulk(content), type: bulk("oneof"), ...shared, arguments: items });
  }
  const [first, ...rest] = splitTop(content, " ");
  if (rest.length > 0) return describeWords(first!, rest, flags, token);
  if (isToken(content)) {
    const name = bulk(content);
    return record({ name, type: bulk("pure-token"), token: name, ...shared });
  }
  const name = bulk(content);
  return record({ name, type: bulk("string"), display_text: name, ...shared });
}

/** Several words: a token and its value, something that can be repeated, or else a block of arguments. */
function describeWords(
  first: string,
  rest: readonly string[],
  flags: readonly string[],
  token?: string,
): Reply {
  const [second] = rest;
  const beginsWithToken = isToken(first) && token === undefined;
  if (rest.length === 1) {
    if (isRepetition(second!)) return describe(first, [...flags, "multiple"], token);
    if (beginsWithToken && !second!.startsWith("[")) return describe(second!, flags, first);
  }
  const ownToken = beginsWithToken ? first : token;
  const words = beginsWithToken ? rest : [first, ...rest];
  return record({
    name: bulk(first.toLowerCase()),
    type: bulk("block"),
    ...(ownToken !== undefined && { token: bulk(ownToken) }),
    ...(flags.length > 0 && { flags: set(flags.map(simple)) }),
    arguments: array(parseArguments(words.join(" "))),
  });
}

function isToken(word: string): boolean {
  return /^[A-Z][A-Z-]*$/.test(word);
}

function inner(text: string): string {
  return text.slice(1, -1);
}

/** Whether the bracket that it begins with is closed by its last character. */
function isEnclosed(text: string): boolean {
  if (!text.startsWith("<")) return false;
  let depth = 0;
  for (const [at, char] of [...text].entries()) {
    if (char === "<") depth++;
    if (char === ">" && --depth === 0) return at === text.length - 1;
  }
  return false;
}

/** Splits where no bracket is open. */
function splitTop(text: string, separator: string): string[] {
  const parts = [""];
  let depth = 0;
  for (const char of text) {
    if ("[<".includes(char)) depth++;
    if ("]>".includes(char)) depth--;
    if (char === separator && depth === 0) parts.push("");
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part !== "");
}
