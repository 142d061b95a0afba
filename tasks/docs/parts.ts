/**
 * The parts that can be generated, by name.
 *
 * @module
 */
import { HELP } from "../../src/app/cli.ts";
import { clients } from "../../tests/clients/clients.ts";
import { type Shape, tools, worksNow } from "../../tests/tools/tools.ts";
import { TaskError } from "../say.ts";
import { clientNotes } from "./client_notes.ts";
import { commandTables } from "./commands.ts";
import { code, codeBlock, table } from "./markdown.ts";
import { metricTable } from "./metrics.ts";
import {
  decidedSettings,
  httpSettings,
  ignoredSettings,
  keyRuleSettings,
  presetSettings,
  refusedSettings,
  serverSettings,
  tlsSettings,
  workerSettings,
} from "./settings.ts";

const FILE = "file ";
const EXCERPT = "excerpt ";
/** The lines of a file between two others that have these comments. */
const BOUNDS = /docs: from here\n(.*?)^[^\n]*docs: to here$/ms;
/** Languages of code blocks, by the end of the file's name. */
const LANGUAGES: Readonly<Record<string, string>> = {
  "mjs.txt": "js",
  "c": "c",
  "go": "go",
  "java": "java",
  "json": "json",
  "php": "php",
  "py": "python",
  "rb": "ruby",
  "rs": "rust",
};

const PARTS: Readonly<Record<string, () => string | Promise<string>>> = {
  "clients": clientTable,
  "commands": commandTables,
  "decided settings": decidedSettings,
  "help": () => codeBlock("text", HELP),
  "http settings": httpSettings,
  "ignored settings": ignoredSettings,
  "metrics": metricTable,
  "key rules": keyRuleSettings,
  "preset settings": presetSettings,
  "refused settings": refusedSettings,
  "server settings": serverSettings,
  "tasks": taskTable,
  "tls settings": tlsSettings,
  "list tools": () => toolTable("lists"),
  "pub/sub tools": () => toolTable("pub/sub"),
  "tools": () => toolTable("streams"),
  "worker settings": workerSettings,
};

/** Names of all parts, apart from `file <path>` and `excerpt <path>`. */
export const partNames: readonly string[] = Object.keys(PARTS);

/**
 * The content of a part. `file <path>` is that file as a block of code, `excerpt <path>` what it marks for that.
 *
 * @throws {TaskError} for an unknown name
 */
export function makePart(name: string): string | Promise<string> {
  if (name.startsWith(FILE)) return fileBlock(name.slice(FILE.length));
  if (name.startsWith(EXCERPT)) return excerptBlock(name.slice(EXCERPT.length));
  const make = PARTS[name];
  if (make) return make();
  throw new TaskError(
    `Cannot generate '${name}', only '${FILE}<path>', '${EXCERPT}<path>', ${partNames.join(", ")}`,
  );
}

async function fileBlock(path: string): Promise<string> {
  return codeBlock(languageOf(path), await Deno.readTextFile(path));
}

async function excerptBlock(path: string): Promise<string> {
  return codeBlock(languageOf(path), excerptOf(await Deno.readTextFile(path), path));
}

/**
 * The marked lines of a source, as if they were not indented.
 *
 * @throws {TaskError} when there are none
 */
export function excerptOf(source: string, path: string): string {
  const [, lines] = BOUNDS.exec(source) ?? [];
  if (lines === undefined) throw new TaskError(`Nothing in ${path} is marked for the docs`);
  const indents = lines.split("\n").filter((line) => line.trim()).map((line) =>
    /^[ \t]*/.exec(line)![0].length
  );
  const indent = Math.min(...indents);
  return lines.split("\n").map((line) => line.slice(indent)).join("\n");
}

function languageOf(path: string): string {
  const [, extension = ""] = /\.((?:\w+\.)?\w+)$/.exec(path.replace(/.*\//, "")) ?? [];
  const language = LANGUAGES[extension] ?? LANGUAGES[extension.split(".").at(-1)!];
  if (language === undefined) throw new TaskError(`Cannot show ${path}: its language is unknown`);
  return language;
}

function clientTable(): string {
  return table(
    ["client", "version", "protocols", "notes"],
    clients.map(({ client, version, protocols }) => [
      client,
      version,
      protocols.join(", "),
      clientNotes[`${client} ${version}`] ?? clientNotes[client] ?? "",
    ]),
  );
}

function toolTable(shape: Shape): string {
  return table(
    ["tool", "version", "works"],
    tools.filter(({ uses }) => uses === shape).map((
      one,
    ) => [one.tool, one.version, worksNow(one) ? "yes" : `not yet: ${code(one.needs!)}`]),
  );
}

async function taskTable(): Promise<string> {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json")) as {
    tasks: Record<string, { description: string }>;
  };
  return table(
    ["task", "what it does"],
    Object.entries(tasks).map(([name, { description }]) => [code(name), description]),
  );
}
