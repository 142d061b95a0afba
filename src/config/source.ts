/**
 * The source of the configuration: the file that `--config` names (standard input for `-`), the text in
 * RAFKA_CONFIG_JSON, else the default file if it exists.
 *
 * @module
 */

import { ConfigError } from "./load.ts";

/** Read when no other source is given; may be absent. */
export const DEFAULT_CONFIG_PATH = "/etc/rafka/config.json";

/** The path that stands for standard input. */
const STANDARD_INPUT = "-";
const CHUNK_BYTES = 64 * 1024;

/** The text of a configuration, not checked. */
export interface ConfigText {
  /** JSON. */
  readonly text: string;
  /** Names the text in errors. */
  readonly source: string;
}

/** The sources that the user has given. */
export interface ConfigPlace {
  /** --config, `-` for standard input. */
  readonly path: string | undefined;
  /** RAFKA_CONFIG_JSON */
  readonly json: string | undefined;
  /** Whether the default file is read. */
  readonly useDefault: boolean;
}

/**
 * Reads the text of the configuration without checking it.
 *
 * @throws {ConfigError} when it cannot be read, or two sources are given
 */
export function readConfigText({ path, json, useDefault }: ConfigPlace): ConfigText {
  if (path !== undefined && json) {
    throw new ConfigError(
      `There are two configurations, --config ${path} and RAFKA_CONFIG_JSON: give one of them`,
    );
  }
  if (path === STANDARD_INPUT) return { text: readStandardInput(), source: "standard input" };
  if (path !== undefined) return { text: read(path), source: path };
  if (json) return { text: json, source: "RAFKA_CONFIG_JSON" };
  const text = useDefault ? readIfThere(DEFAULT_CONFIG_PATH) : undefined;
  if (text === undefined) return { text: "{}", source: "the defaults" };
  return { text, source: DEFAULT_CONFIG_PATH };
}

/**
 * Reads a file that the configuration names.
 *
 * @throws {ConfigError} when it cannot be read
 */
export function readNamedFile(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotCapable
      ? "Rafka may read the working directory, /etc/rafka, /run/secrets and its systemd credentials only"
      : (cause as Error).message.replace(/: readfile '.*'$/, "");
    throw new ConfigError(`the file ${path} cannot be read: ${why}`, { cause });
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return read(path);
  } catch (error) {
    if ((error as Error).cause instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Reads to the end; standard input needs no permission. */
function readStandardInput(): string {
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(CHUNK_BYTES);
  let text = "";
  for (let count = Deno.stdin.readSync(buffer); count !== null;) {
    text += decoder.decode(buffer.subarray(0, count), { stream: true });
    count = Deno.stdin.readSync(buffer);
  }
  return text + decoder.decode();
}

/** Quotes a path for a shell. */
function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotCapable
      ? "Rafka may read the working directory and /etc/rafka only. The shell can read it: " +
        `rafka --config - < ${quoted(path)}`
      : (cause as Error).message.replace(/: readfile '.*'$/, "");
    throw new ConfigError(`Cannot read the configuration file ${path}: ${why}`, { cause });
  }
}
