/**
 * The Redis clients that are tested, each in each of its versions: which programs it runs and how. Nothing here uses
 * the network: what Debian has not got, `tests/clients/install` puts into the folder that RAFKA_TEST_CLIENTS names.
 *
 * @module
 */
import assert from "node:assert/strict";
import { resolve } from "node:path";
import { sha256 } from "../../tasks/sha256.ts";
import { isOnPath } from "../support/on_path.ts";

/** A client in one version. */
export interface Client {
  readonly client: string;
  readonly version: string;
  /** What it can speak. The first is what it speaks unless it is told otherwise. */
  readonly protocols: readonly Protocol[];
  /**
   * In this folder are its programs, e.g. `session.<extension>`. Those for Node end in .txt because `deno check`
   * would look for their packages, which this project has not got.
   */
  readonly folder: string;
  readonly programs: readonly ProgramName[];
  readonly extension: string;
  /** Of the recipe's code block in docs/clients.md. */
  readonly language: string;
  readonly howToGet: string;
  /** Prepares and returns the command that runs this source; `undefined` where the client isn't installed. */
  readonly command: Command | undefined;
}

/**
 * A whole session across a restart; the documented example; its workers that go on until they are ended; and what only
 * some clients can: many messages at once, a terminal, and TLS.
 */
export type ProgramName =
  | "session"
  | "recipe"
  | "batches"
  | "retry"
  | "load"
  | "bulk"
  | "terminal"
  | "tls";
/** Those that docs/clients.md shows, in its order. */
export const shownPrograms: readonly ProgramName[] = ["recipe", "batches", "retry"];

/** Version of the Redis protocol. */
export type Protocol = "RESP2" | "RESP3";

/** Prepares and returns the command that runs this source, in a folder that is empty before and gone after. */
export type Command = (source: string, folder: string) => Promise<Run>;

/** A command, and where it is run. */
export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

/** What a program is told of the protocol: nothing if it is the client's default, else 2 or 3. */
export function protocolOption({ protocols }: Client, protocol: Protocol): string[] {
  return protocol === protocols[0] ? [] : [protocol.slice(-1)];
}

const named = Deno.env.get("RAFKA_TEST_CLIENTS");
const installedClients = named ? resolve(named) : undefined;

/** All of them; the versions of a client stand together, the newest first. */
export const clients: readonly Client[] = [
  {
    client: "redis-cli",
    version: "7.0.15",
    protocols: ["RESP2", "RESP3"],
    folder: "redis_cli",
    programs: ["session", "bulk", "terminal", "tls"],
    extension: "sh",
    language: "sh",
    howToGet: "apt-get install -y redis-tools",
    command: isOnPath("redis-cli") ? saved("bash") : undefined,
  },
  {
    client: "redis-benchmark",
    version: "7.0.15",
    protocols: ["RESP2", "RESP3"],
    folder: "redis_benchmark",
    programs: ["load"],
    extension: "sh",
    language: "sh",
    howToGet: "apt-get install -y redis-tools",
    command: isOnPath("redis-benchmark") ? saved("bash") : undefined,
  },
  redisPy("8.1.0", ["RESP3", "RESP2"]),
  redisPy("6.4.0", ["RESP2", "RESP3"]),
  redisPy("5.3.1", ["RESP2", "RESP3"]),
  {
    client: "redis-py",
    version: "4.3.4",
    protocols: ["RESP2"],
    folder: "redis_py",
    programs: ["session", "recipe", "batches", "retry", "tls"],
    extension: "py",
    language: "python",
    howToGet: "apt-get install -y python3-redis",
    command: works("/usr/bin/python3", "-c", "import redis; assert redis.__version__[:2] == '4.'")
      ? saved("/usr/bin/python3", "-u")
      : undefined,
  },
  {
    client: "redis-rb",
    version: "4.8.0",
    protocols: ["RESP2"],
    folder: "redis_rb",
    programs: ["session", "recipe"],
    extension: "rb",
    language: "ruby",
    howToGet: "apt-get install -y ruby-redis",
    command: works("ruby", "-e", "require 'redis'") ? saved("ruby") : undefined,
  },
  {
    client: "phpredis",
    version: "5.3.7",
    protocols: ["RESP2"],
    folder: "phpredis",
    programs: ["session", "recipe"],
    extension: "php",
    language: "php",
    howToGet: "apt-get install -y php-cli php-redis",
    command: works("php", "-r", "exit(extension_loaded('redis') ? 0 : 1);")
      ? saved("php")
      : undefined,
  },
  ioredis("6.0.0", ["RESP3", "RESP2"]),
  ioredis("5.11.1", ["RESP2"]),
  nodeRedis("6.3.1", ["RESP3", "RESP2"]),
  nodeRedis("5.12.1", ["RESP2", "RESP3"]),
  glide("2.6.0", ["RESP3", "RESP2"]),
  goRedis("9.23.0", ["RESP3", "RESP2"]),
  rueidis("1.0.79"),
  jedis("8.0.2", ["RESP3", "RESP2"]),
  jedis("5.2.0", ["RESP2", "RESP3"]),
  lettuce("7.7.0", ["RESP3", "RESP2"]),
  lettuce("6.8.2", ["RESP3", "RESP2"]),
  redisRs("1.8.1", ["RESP2", "RESP3"]),
  {
    client: "hiredis",
    version: "0.14.1",
    protocols: ["RESP2"],
    folder: "hiredis",
    programs: ["session", "recipe"],
    extension: "c",
    language: "c",
    howToGet: "apt-get install -y gcc libhiredis-dev",
    command: works("cc", "-fsyntax-only", "-include", "hiredis/hiredis.h", "-xc", "/dev/null")
      ? compiled("cc", "program.c", "-lhiredis")
      : undefined,
  },
];

function redisPy(version: string, protocols: Client["protocols"]): Client {
  const path = installed("redis_py", version, "python3");
  return {
    client: "redis-py",
    version,
    protocols,
    folder: "redis_py",
    programs: ["session", "recipe", "batches", "retry", "tls"],
    extension: "py",
    language: "python",
    howToGet: howToInstall("redis_py", version),
    command: path === undefined ? undefined : async (source, folder) => {
      return { ...await saved("python3", "-u")(source, folder), env: { PYTHONPATH: path } };
    },
  };
}

/** Valkey's own, in Python. */
function glide(version: string, protocols: Client["protocols"]): Client {
  const path = installed("glide", version, "python3");
  return {
    client: "Valkey GLIDE",
    version,
    protocols,
    folder: "glide",
    programs: ["session"],
    extension: "py",
    language: "python",
    howToGet: howToInstall("glide", version),
    command: path === undefined ? undefined : async (source, folder) => {
      return { ...await saved("python3")(source, folder), env: { PYTHONPATH: path } };
    },
  };
}

function ioredis(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "ioredis",
    version,
    protocols,
    folder: "ioredis",
    programs: ["session", "recipe", "tls"],
    extension: "mjs.txt",
    language: "js",
    howToGet: howToInstall("ioredis", version),
    command: nodeCommand(installed("ioredis", version, "node")),
  };
}

function nodeRedis(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "node-redis",
    version,
    protocols,
    folder: "node_redis",
    programs: ["session", "recipe", "tls"],
    extension: "mjs.txt",
    language: "js",
    howToGet: howToInstall("node_redis", version),
    command: nodeCommand(installed("node_redis", version, "node")),
  };
}

function goRedis(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "go-redis",
    version,
    protocols,
    folder: "go_redis",
    programs: ["session", "recipe", "tls"],
    ...goClient("go_redis", version),
  };
}

/** It caches unless it is told not to, which takes RESP3. */
function rueidis(version: string): Client {
  return {
    client: "rueidis",
    version,
    protocols: ["RESP3"],
    folder: "rueidis",
    programs: ["session"],
    ...goClient("rueidis", version),
  };
}

/** The installed folder is a module that requires the client. */
function goClient(
  client: string,
  version: string,
): Pick<Client, "extension" | "language" | "howToGet" | "command"> {
  const path = installed(client, version, "go");
  return {
    extension: "go",
    language: "go",
    howToGet: howToInstall(client, version),
    command: path === undefined ? undefined : kept(path, "program.go", (file, folder) => ({
      build: ["go", "build", "-o", `${folder}/program`, file],
      cwd: path,
      env: { GOPROXY: "off", GOFLAGS: "-mod=mod '-gcflags=all=-N -l'" },
      run: { command: `${folder}/program`, args: [] },
    })),
  };
}

/** The programs are for the newest one. What is RedisClient there was JedisPooled before Jedis 7. */
function jedis(version: string, protocols: Client["protocols"]): Client {
  const path = installed("jedis", version, "javac");
  return {
    client: "Jedis",
    version,
    protocols,
    folder: "jedis",
    programs: ["session", "recipe", "tls"],
    extension: "java",
    language: "java",
    howToGet: howToInstall("jedis", version),
    command: path === undefined ? undefined : (source, folder) => {
      const fitting = Number.parseInt(version) >= 7 ? source : source
        .replace("import redis.clients.jedis.RedisClient", "import redis.clients.jedis.JedisPooled")
        .replaceAll(
          /RedisClient\.builder\(\)\.hostAndPort\((.+)\)\.clientConfig\((.+)\)\.build\(\)/g,
          "new JedisPooled($1, $2)",
        );
      return java(path)(fitting, folder);
    },
  };
}

function lettuce(version: string, protocols: Client["protocols"]): Client {
  const path = installed("lettuce", version, "javac");
  return {
    client: "Lettuce",
    version,
    protocols,
    folder: "lettuce",
    programs: ["session", "recipe", "tls"],
    extension: "java",
    language: "java",
    howToGet: howToInstall("lettuce", version),
    command: path === undefined ? undefined : java(path),
  };
}

/** The installed folder is a built package that depends on redis-rs. */
function redisRs(version: string, protocols: Client["protocols"]): Client {
  const path = installed("redis_rs", version, "rustc");
  const crates = ["--extern=redis", "--extern=tokio", `-L${path}/target/debug/deps`];
  return {
    client: "redis-rs",
    version,
    protocols,
    folder: "redis_rs",
    programs: ["session", "recipe", "tls"],
    extension: "rs",
    language: "rust",
    howToGet: howToInstall("redis_rs", version),
    command: path === undefined ? undefined : kept(path, "program.rs", (file, folder) => ({
      build: ["rustc", file, "-o", `${folder}/program`, "--edition=2024", ...crates],
      run: { command: `${folder}/program`, args: [] },
    })),
  };
}

/** Where `tests/clients/install` has put this client; `undefined` if it has not, or if nothing can run it. */
function installed(client: string, version: string, interpreter: string): string | undefined {
  const path = `${installedClients}/${installedName(client, version)}`;
  return installedClients !== undefined && isFolder(path) && isOnPath(interpreter)
    ? path
    : undefined;
}

function howToInstall(client: string, version: string): string {
  const name = installedName(client, version);
  return `tests/clients/install <folder> ${name}; RAFKA_TEST_CLIENTS=<folder>`;
}

/** As `tests/clients/install` knows it. */
export function installedName(client: string, version: string): string {
  return `${client}-${version.split(".")[0]}`;
}

/** Runs a source as a file. */
function saved(
  program: string,
  ...args: string[]
): (source: string, folder: string, name?: string) => Promise<Run> {
  return async (source, folder, name = "program") => {
    await Deno.writeTextFile(`${folder}/${name}`, source);
    return { command: program, args: [...args, `${folder}/${name}`] };
  };
}

/** Compiles a source, and runs what comes out. */
function compiled(compiler: string, name: string, ...args: string[]): Command {
  return async (source, folder) => {
    const [file, program] = [`${folder}/${name}`, `${folder}/program`];
    await Deno.writeTextFile(file, source);
    await build([compiler, file, "-o", program, ...args], {});
    return { command: program, args: [] };
  };
}

/** How a source becomes a program in the folder that it is in, and how that is run. */
interface Recipe extends Pick<Run, "cwd" | "env"> {
  readonly build: readonly string[];
  readonly run: Run;
}

/**
 * The same for what takes long to compile: beside the installed client, once for all tests that run this source, which
 * may be in several processes.
 */
function kept(
  installed: string,
  name: string,
  recipe: (file: string, folder: string) => Recipe,
): Command {
  return async (source) => {
    const id = (await sha256(new TextEncoder().encode(source))).slice(0, 16);
    const target = `${installed}/programs/${id}`;
    if (!isFolder(target)) {
      await Deno.mkdir(`${installed}/programs`, { recursive: true });
      const part = await Deno.makeTempDir({ dir: `${installed}/programs`, prefix: "part-" });
      await Deno.writeTextFile(`${part}/${name}`, source);
      const { build: command, ...options } = recipe(`${part}/${name}`, part);
      await build(command, options);
      await Deno.rename(part, target).catch(async (error) => {
        if (!isFolder(target)) throw error;
        await Deno.remove(part, { recursive: true }); // another process was quicker
      });
    }
    return recipe(`${target}/${name}`, target).run;
  };
}

async function build(command: readonly string[], options: Pick<Run, "cwd" | "env">): Promise<void> {
  const [compiler, ...args] = command;
  const { success, stderr } = await new Deno.Command(compiler!, {
    ...(options.cwd !== undefined && { cwd: options.cwd }),
    ...(options.env !== undefined && { env: options.env }),
    args,
    stdin: "null",
  }).output();
  assert.ok(success, `${compiler} failed:\n${new TextDecoder().decode(stderr)}`);
}

/** A program ends before the second compiler of the virtual machine, or its collector's threads, are worth their start. */
const QUICK_START = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];

function java(path: string): Command {
  return (source, folder) => {
    const [, main] = /^(?:public )?class (\w+)/m.exec(source)!;
    const options = QUICK_START.map((option) => `-J${option}`);
    return kept(path, "program.java", (file, folder) => ({
      build: ["javac", ...options, `--class-path=${path}/*`, "-d", folder, file],
      run: { command: "java", args: [...QUICK_START, `--class-path=${folder}:${path}/*`, main!] },
    }))(source, folder);
  };
}

/** Node looks for packages beside the file that imports them. */
function nodeCommand(path: string | undefined): Command | undefined {
  if (path === undefined) return undefined;
  return async (source, folder) => {
    await Deno.symlink(`${path}/node_modules`, `${folder}/node_modules`);
    return await saved("node")(source, folder, "program.mjs");
  };
}

function works(command: string, ...args: string[]): boolean {
  try {
    return new Deno.Command(command, { args, stdin: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
