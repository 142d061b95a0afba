/**
 * The Redis clients that are tested, each in each of its versions: which programs it runs and how. Nothing here uses
 * the network: what Debian has not got, `tests/clients/install` puts into the folder that RAFKA_TEST_CLIENTS names.
 *
 * @module
 */
import { isOnPath } from "../support/on_path.ts";
import { type Command, compiled, go, java, node, python, rust, saved, works } from "./commands.ts";

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
 * A whole session across a restart; the documented example; Redis Streams, pub/sub and lists with the client's own API for them; workers
 * that go on until they are ended; and what only some clients can: many messages at once, a terminal, and TLS.
 */
export type ProgramName =
  | "session"
  | "recipe"
  | "streams"
  | "pubsub"
  | "lists"
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

/** What a program is told of the protocol: nothing if it is the client's default, else 2 or 3. */
export function protocolOption({ protocols }: Client, protocol: Protocol): string[] {
  return protocol === protocols[0] ? [] : [protocol.slice(-1)];
}

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
    programs: ["session", "recipe", "streams", "pubsub", "lists", "batches", "retry", "tls"],
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
    programs: ["session", "recipe", "streams", "lists"],
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
    programs: ["session", "recipe", "streams", "lists"],
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
  {
    client: "Redisson",
    version: "3.50.0",
    protocols: ["RESP2", "RESP3"],
    folder: "redisson",
    programs: ["streams", "lists"],
    extension: "java",
    language: "java",
    howToGet: howToInstall("redisson", "3.50.0"),
    command: java(installedName("redisson", "3.50.0")),
  },
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
  return {
    client: "redis-py",
    version,
    protocols,
    folder: "redis_py",
    programs: ["session", "recipe", "streams", "pubsub", "lists", "batches", "retry", "tls"],
    extension: "py",
    language: "python",
    howToGet: howToInstall("redis_py", version),
    command: python(installedName("redis_py", version)),
  };
}

/** Valkey's own, in Python. */
function glide(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "Valkey GLIDE",
    version,
    protocols,
    folder: "glide",
    programs: ["session", "lists"],
    extension: "py",
    language: "python",
    howToGet: howToInstall("glide", version),
    command: python(installedName("glide", version)),
  };
}

function ioredis(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "ioredis",
    version,
    protocols,
    folder: "ioredis",
    programs: ["session", "recipe", "streams", "pubsub", "lists", "tls"],
    extension: "mjs.txt",
    language: "js",
    howToGet: howToInstall("ioredis", version),
    command: node(installedName("ioredis", version)),
  };
}

function nodeRedis(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "node-redis",
    version,
    protocols,
    folder: "node_redis",
    programs: ["session", "recipe", "streams", "pubsub", "lists", "tls"],
    extension: "mjs.txt",
    language: "js",
    howToGet: howToInstall("node_redis", version),
    command: node(installedName("node_redis", version)),
  };
}

function goRedis(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "go-redis",
    version,
    protocols,
    folder: "go_redis",
    programs: ["session", "recipe", "streams", "lists", "tls"],
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
    programs: ["session", "lists"],
    ...goClient("rueidis", version),
  };
}

function goClient(
  client: string,
  version: string,
): Pick<Client, "extension" | "language" | "howToGet" | "command"> {
  return {
    extension: "go",
    language: "go",
    howToGet: howToInstall(client, version),
    command: go(installedName(client, version)),
  };
}

/** The programs are for the newest one. What is RedisClient there was JedisPooled before Jedis 7. */
function jedis(version: string, protocols: Client["protocols"]): Client {
  const command = java(installedName("jedis", version));
  return {
    client: "Jedis",
    version,
    protocols,
    folder: "jedis",
    programs: ["session", "recipe", "streams", "lists", "tls"],
    extension: "java",
    language: "java",
    howToGet: howToInstall("jedis", version),
    command: command && ((source, folder) => {
      const fitting = Number.parseInt(version) >= 7 ? source : source
        .replace("import redis.clients.jedis.RedisClient", "import redis.clients.jedis.JedisPooled")
        .replaceAll(
          /RedisClient\.builder\(\)\.hostAndPort\((.+)\)\.clientConfig\((.+)\)\.build\(\)/g,
          "new JedisPooled($1, $2)",
        );
      return command(fitting, folder);
    }),
  };
}

function lettuce(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "Lettuce",
    version,
    protocols,
    folder: "lettuce",
    programs: ["session", "recipe", "streams", "lists", "tls"],
    extension: "java",
    language: "java",
    howToGet: howToInstall("lettuce", version),
    command: java(installedName("lettuce", version)),
  };
}

function redisRs(version: string, protocols: Client["protocols"]): Client {
  return {
    client: "redis-rs",
    version,
    protocols,
    folder: "redis_rs",
    programs: ["session", "recipe", "streams", "lists", "tls"],
    extension: "rs",
    language: "rust",
    howToGet: howToInstall("redis_rs", version),
    command: rust(installedName("redis_rs", version), ["redis", "tokio"]),
  };
}

function howToInstall(client: string, version: string): string {
  const name = installedName(client, version);
  return `tests/clients/install <folder> ${name}; RAFKA_TEST_CLIENTS=<folder>`;
}

/** As `tests/clients/install` knows it. */
export function installedName(client: string, version: string): string {
  return `${client}-${version.split(".")[0]}`;
}
