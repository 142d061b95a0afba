/**
 * @module
 * A command's usage line as the structured arguments of COMMAND DOCS, which clients complete and hint with. The line is
 * what people read, and the only source: `[…]` is optional, `<a | b>` is a choice, `x [x ...]` can be repeated, a word
 * in capitals is sent as it is, any other word stands for a value.
 *
 * @see https://redis.io/docs/latest/commands/command-docs/
 */

import { array, bulk, record, type Reply, set, simple } from "../resp/reply.ts";
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

function describe(text: string, flags: readonly string[]): Reply {
  const shared = flags.length > 0 ? { flags: set(flags.map(simple)) } : {};
  const content = isEnclosed(text) ? inner(text) : text;
  const choices = splitTop(content, "|").map((choice) => choice.trim());
  if (choices.length > 1) {
    const items = array(choices.map((choice) => describe(choice, [])));
    return record({ name: bulk(content), type: bulk("oneof"), ...shared, arguments: items });
  }
  const [first, ...rest] = splitTop(content, " ");
  if (rest.length > 0) {
    const token = isToken(first!);
    return record({
      name: bulk(first!.toLowerCase()),
      type: bulk("block"),
      ...(token && { token: bulk(first!) }),
      ...shared,
      arguments: array(parseArguments(token ? rest.join(" ") : content)),
    });
  }
  return record({
    name: bulk(content),
    type: bulk(isToken(content) ? "pure-token" : "string"),
    ...(isToken(content) ? { token: bulk(content) } : { display_text: bulk(content) }),
    ...shared,
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
