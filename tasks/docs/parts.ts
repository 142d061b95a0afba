/**
 * The parts that can be generated, by name.
 *
 * @module
 */
import { HELP } from "../../src/app/cli.ts";
import { clients } from "../../tests/clients/clients.ts";
import { TaskError } from "../say.ts";
import { clientNotes } from "./client_notes.ts";
import { commandTables } from "./commands.ts";
import { code, codeBlock, table } from "./markdown.ts";
import {
  decidedSettings,
  ignoredSettings,
  presetSettings,
  refusedSettings,
  serverSettings,
  tlsSettings,
  workerSettings,
} from "./settings.ts";

const FILE = "file ";
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
  "ignored settings": ignoredSettings,
  "preset settings": presetSettings,
  "refused settings": refusedSettings,
  "server settings": serverSettings,
  "tasks": taskTable,
  "tls settings": tlsSettings,
  "worker settings": workerSettings,
};

/** Names of all parts, apart from `file <path>`. */
export const partNames: readonly string[] = Object.keys(PARTS);

/**
 * The content of a part. `file <path>` is that file as a block of code.
 *
 * @throws {TaskError} for an unknown name
 */
export function makePart(name: string): string | Promise<string> {
  if (name.startsWith(FILE)) return fileBlock(name.slice(FILE.length));
  const make = PARTS[name];
  if (make) return make();
  throw new TaskError(`Cannot generate '${name}', only '${FILE}<path>', ${partNames.join(", ")}`);
}

async function fileBlock(path: string): Promise<string> {
  const [, extension = ""] = /\.((?:\w+\.)?\w+)$/.exec(path.replace(/.*\//, "")) ?? [];
  const language = LANGUAGES[extension] ?? LANGUAGES[extension.split(".").at(-1)!];
  if (language === undefined) throw new TaskError(`Cannot show ${path}: its language is unknown`);
  return codeBlock(language, await Deno.readTextFile(path));
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

async function taskTable(): Promise<string> {
  const { tasks } = JSON.parse(await Deno.readTextFile("deno.json")) as {
    tasks: Record<string, { description: string }>;
  };
  return table(
    ["task", "what it does"],
    Object.entries(tasks).map(([name, { description }]) => [code(name), description]),
  );
}
