/**
 * @module
 * The client examples beside this file, which the README shows word for word, and how each is run where its
 * client library is installed. Nothing here uses the network. Those for Node end in .txt because `deno check` would
 * look for their packages, which this project has not got.
 */

/** An example, and how to run it. */
export interface Example {
  /** In this folder. */
  readonly file: string;
  /** Of its code block in the README. */
  readonly language: string;
  readonly client: string;
  readonly howToGet: string;
  /** Prepares and returns the command that runs this source; `undefined` where the client isn't installed. */
  readonly command: ((source: string, folder: string) => Promise<Run>) | undefined;
}

/** A command, and what it is to read. */
export interface Run {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Record<string, string>;
}

const nodeModules = Deno.env.get("RAFKA_TEST_NODE_MODULES");
const goModule = Deno.env.get("RAFKA_TEST_GO_MODULE");
const python = ["python3", "/usr/bin/python3"].find((name) => works(name, "-c", "import redis"));
/** redis-py 4 speaks RESP2 only and does not know the option, as the README says. */
const oldPython = python !== undefined &&
  works(python, "-c", "import redis; assert int(redis.__version__.split('.')[0]) < 5");

/** All of them. */
export const examples: readonly Example[] = [
  {
    file: "redis_py.py",
    language: "python",
    client: "redis-py",
    howToGet: "apt-get install -y python3-redis",
    command: python === undefined ? undefined : (source, folder) => {
      const fitting = oldPython ? source.replace('"protocol": 2, ', "") : source;
      return saved(fitting, `${folder}/example.py`, python);
    },
  },
  {
    file: "redis_rb.rb",
    language: "ruby",
    client: "redis-rb",
    howToGet: "apt-get install -y ruby-redis",
    command: works("ruby", "-e", "require 'redis'")
      ? (source, folder) => saved(source, `${folder}/example.rb`, "ruby")
      : undefined,
  },
  {
    file: "phpredis.php",
    language: "php",
    client: "phpredis",
    howToGet: "apt-get install -y php-cli php-redis",
    command: works("php", "-r", "exit(extension_loaded('redis') ? 0 : 1);")
      ? (source, folder) => saved(source, `${folder}/example.php`, "php")
      : undefined,
  },
  {
    file: "ioredis.mjs.txt",
    language: "js",
    client: "ioredis",
    howToGet: "npm install ioredis, RAFKA_TEST_NODE_MODULES=<its folder>",
    command: nodeCommand("ioredis"),
  },
  {
    file: "node_redis.mjs.txt",
    language: "js",
    client: "node-redis",
    howToGet: "npm install redis, RAFKA_TEST_NODE_MODULES=<its folder>",
    command: nodeCommand("redis"),
  },
  {
    file: "go_redis.go",
    language: "go",
    client: "go-redis",
    howToGet: "go get github.com/redis/go-redis/v9, RAFKA_TEST_GO_MODULE=<its folder>",
    command: goModule === undefined ? undefined : async (source, folder) => {
      const { command, args } = await saved(source, `${folder}/example.go`, "go", "run");
      return { command, args, cwd: goModule, env: { GOPROXY: "off", GOFLAGS: "-mod=mod" } };
    },
  },
];

async function saved(source: string, path: string, ...command: string[]): Promise<Run> {
  await Deno.writeTextFile(path, source);
  const [program, ...args] = command;
  return { command: program!, args: [...args, path] };
}

/** Node looks for packages beside the file that imports them. */
function nodeCommand(name: string): Example["command"] {
  if (nodeModules === undefined || !works("node", "--version")) return undefined;
  const packages = `${nodeModules.replace(/\/node_modules\/?$/, "")}/node_modules`;
  if (!isFolder(`${packages}/${name}`)) return undefined;
  return async (source, folder) => {
    await Deno.symlink(packages, `${folder}/node_modules`);
    return saved(source, `${folder}/example.mjs`, "node");
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
