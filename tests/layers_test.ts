/**
 * The shape of `src`: who may import whom, no circles, no large files, and which files may do what. From what
 * `deno info` says of the program; the checks themselves are tested with graphs that break them.
 *
 * @module
 */
import assert from "node:assert/strict";

const project = new URL("../", import.meta.url);

const GROUPS = [
  "auth",
  "connection",
  "keyspace",
  "list",
  "lock",
  "pubsub",
  "rafka",
  "server",
  "stream",
  "transaction",
].map((group) => `commands/${group}`);

/** What a group of commands may import. */
const IN_GROUPS = [
  "auth",
  "config",
  "commands/core",
  "groups",
  "pubsub",
  "streams",
  "telemetry",
  "kafka/client",
  "kafka/producer",
  "kafka/consumer",
  "kafka/reader",
  "resp",
  "async",
];

/**
 * What each folder of `src` may import, beside itself and npm packages. A file belongs to the deepest folder that is
 * listed. Groups of commands import `commands/core`, never each other; producers and consumers never each other.
 */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "main": ["app", "net", "config", "telemetry", "kafka", "kafka/client", "ffi"],
  "app": [
    "auth",
    "session",
    "http",
    "net",
    "commands",
    "commands/core",
    "commands/list",
    "config",
    "telemetry",
    "kafka",
    "kafka/client",
    "kafka/consumer",
    "ffi",
    "async",
  ],
  "session": [
    "auth",
    "net",
    "commands",
    "commands/core",
    "config",
    "groups",
    "pubsub",
    "streams",
    "telemetry",
    "kafka",
    "kafka/client",
    "kafka/producer",
    "kafka/consumer",
    "kafka/reader",
    "resp",
    "async",
  ],
  "http": [
    "net",
    "commands/core",
    "groups",
    "telemetry",
    "kafka",
    "kafka/client",
    "async",
  ],
  "net": ["telemetry", "resp", "async", "ffi"],
  "commands": [...GROUPS, "commands/core", "auth", "telemetry", "kafka/client", "resp"],
  ...Object.fromEntries(GROUPS.map((group) => [group, IN_GROUPS])),
  "commands/core": [
    "auth",
    "config",
    "groups",
    "pubsub",
    "streams",
    "kafka",
    "telemetry",
    "kafka/client",
    "kafka/producer",
    "kafka/consumer",
    "kafka/reader",
    "resp",
    "async",
  ],
  "pubsub": ["streams", "kafka/client", "resp", "async", "ffi"],
  "streams": ["kafka", "kafka/client", "kafka/reader", "async"],
  "groups": [
    "streams",
    "telemetry",
    "kafka",
    "kafka/client",
    "kafka/consumer",
    "kafka/reader",
    "async",
  ],
  "config": ["telemetry", "kafka", "kafka/client", "kafka/producer", "kafka/consumer", "ffi"],
  "telemetry": ["kafka/client", "resp"],
  "kafka": ["kafka/client", "kafka/producer", "kafka/consumer", "kafka/reader", "ffi", "async"],
  "kafka/reader": ["kafka/client", "ffi", "async"],
  "kafka/producer": ["kafka/client", "ffi", "async"],
  "kafka/consumer": ["kafka/client", "ffi", "async"],
  "kafka/client": ["ffi", "async"],
  "auth": ["resp", "async"],
  "ffi": [],
  "resp": [],
  "async": [],
};

const MAX_LINES = 400;
/** Files that may be longer, and how long. */
const LONGER: Readonly<Record<string, number>> = {
  "ffi/admin_symbols.ts": 440, // a table, one function after the other
  "ffi/symbols.ts": 565, // the same
};

/** What only some files may use. */
const USES: readonly { what: RegExp; where: RegExp }[] = [
  { what: /\bDeno\.(args|exit|addSignalListener)\b/, where: /^main\.ts$/ },
  { what: /\bDeno\.env\b/, where: /^main\.ts$/ },
  {
    what: /\bDeno\.read\w*File/,
    where: /^(config\/source|app\/embedded|config_file|embedded)\.ts$/,
  },
  { what: /\bDeno\.dlopen\b/, where: /^ffi\// },
  { what: /\bDeno\.(Unsafe\w+|PointerValue)\b/, where: /^(ffi|kafka)\// },
  {
    what: /\bDeno\.(\w*Conn|connect|listen\w*|\w*Listener)\b(?<!SignalListener)/,
    where: /^(net\/tcp|app\/healthcheck|kafka\/client\/(loopback_channel|system_error)|main)\.ts$/,
  },
  { what: /\bDeno\.stdout\b/, where: /^main\.ts$/ },
  { what: /\bDeno\.stderr\b/, where: /^(main|telemetry\/log)\.ts$/ },
];

/** Path in `src` of each file, and the paths that it imports. */
type Graph = ReadonlyMap<string, readonly string[]>;

Deno.test("every import goes down, or beside where it is allowed", async () => {
  assert.deepEqual(forbiddenImports(await readGraph()), []);
});

Deno.test("no file imports itself, by whatever way round", async () => {
  assert.equal(findCircle(await readGraph()), undefined);
});

Deno.test("every file in src is a part of the program", async () => {
  const reached = [...(await readGraph()).keys()].sort();
  assert.deepEqual(reached, (await readSources()).map(({ path }) => path).sort());
});

Deno.test("every file can be read in one go", async () => {
  assert.deepEqual(tooLong(await readSources()), []);
});

Deno.test("command line, exit, signals, files, pointers are used only where they belong", async () => {
  assert.deepEqual(strayUses(await readSources()), []);
});

Deno.test("every file says what it is", async () => {
  const silent = (await readSources()).filter(({ text }) => !isDescribed(text));
  assert.deepEqual(silent.map(({ path }) => path), []);
});

Deno.test("no two files and no two classes have one name", async () => {
  assert.deepEqual(sharedNames(await readSources()), []);
});

const badImports = [
  { from: "kafka/client/a.ts", to: "resp/b.ts" },
  { from: "kafka/client/a.ts", to: "kafka/b.ts" },
  { from: "kafka/producer/a.ts", to: "kafka/consumer/b.ts" },
  { from: "kafka/consumer/a.ts", to: "kafka/producer/b.ts" },
  { from: "kafka/a.ts", to: "telemetry/b.ts" },
  { from: "telemetry/a.ts", to: "commands/core/b.ts" },
  { from: "commands/core/a.ts", to: "commands/list/b.ts" },
  { from: "commands/list/a.ts", to: "commands/server/b.ts" },
  { from: "commands/list/a.ts", to: "commands/registry.ts" },
  { from: "commands/core/a.ts", to: "session/b.ts" },
  { from: "commands/core/a.ts", to: "ffi/b.ts" },
  { from: "net/a.ts", to: "session/b.ts" },
  { from: "net/a.ts", to: "commands/core/b.ts" },
  { from: "resp/a.ts", to: "telemetry/b.ts" },
  { from: "ffi/a.ts", to: "kafka/client/b.ts" },
  { from: "session/a.ts", to: "app/b.ts" },
  { from: "app/a.ts", to: "main.ts" },
  { from: "new_folder/a.ts", to: "new_folder/b.ts" },
  { from: "commands/new_group/a.ts", to: "commands/list/b.ts" },
];

for (const { from, to } of badImports) {
  Deno.test(`these checks would find: ${from} imports ${to}`, () => {
    const graph = new Map([[from, [to]], [to, []]]);
    assert.ok(forbiddenImports(graph).includes(`${from} imports ${to}`));
  });
}

Deno.test("these checks would find a circle, a long file, a stray use, a shared name, no text", () => {
  const circle = new Map([
    ["kafka/a.ts", ["kafka/b.ts"]],
    ["kafka/b.ts", ["kafka/c.ts", "ffi/d.ts"]],
    ["kafka/c.ts", ["kafka/b.ts"]],
    ["ffi/d.ts", []],
  ]);
  assert.deepEqual(findCircle(circle), ["kafka/b.ts", "kafka/c.ts", "kafka/b.ts"]);
  assert.deepEqual(tooLong([{ path: "a.ts", text: "\n".repeat(401) }]), ["a.ts: 401 lines"]);
  assert.deepEqual(strayUses([{ path: "session/a.ts", text: "Deno.exit(1)" }]), [
    "session/a.ts: Deno.exit",
  ]);
  const twice = [
    { path: "net/a.ts", text: "export class A {}" },
    { path: "resp/a.ts", text: "class A {}" },
  ];
  assert.deepEqual(sharedNames(twice), [
    "a.ts: net/a.ts, resp/a.ts",
    "class A: net/a.ts, resp/a.ts",
  ]);
  assert.equal(isDescribed("/**\n * @module\n * Text.\n */\n"), false);
  assert.equal(isDescribed("/**\n * Text.\n *\n * @module\n */\n"), true);
});

/** The folder of a file, or the file itself where it lies in `src`. */
function layerOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? path.replace(/\.ts$/, "") : path.slice(0, slash);
}

function forbiddenImports(graph: Graph): string[] {
  return [...graph].flatMap(([from, imports]) => {
    const allowed = ALLOWED[layerOf(from)];
    const beside = allowed ? [layerOf(from)] : [];
    return imports.filter((to) => ![...allowed ?? [], ...beside].includes(layerOf(to)))
      .map((to) => `${from} imports ${to}`);
  });
}

/** The first circle that a walk finds, as the way around. */
function findCircle(graph: Graph): string[] | undefined {
  const done = new Set<string>();
  const walk = (path: string, way: string[]): string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of graph.get(path) ?? []) {
      const circle = walk(next, [...way, path]);
      if (circle) return circle;
    }
    done.add(path);
    return undefined;
  };
  for (const path of graph.keys()) {
    const circle = walk(path, []);
    if (circle) return circle;
  }
  return undefined;
}

interface Source {
  readonly path: string;
  readonly text: string;
}

/** The text first: what stands before `@module` is what `deno doc` shows. */
function isDescribed(text: string): boolean {
  return /^\/\*\*\n( \* (?!@).*\n)( \*.*\n)* \* @module\n \*\/\n/.test(text);
}

/** Files and classes that share a name. */
function sharedNames(sources: readonly Source[]): string[] {
  const named = sources.flatMap(({ path, text }) => [
    { name: path.slice(path.lastIndexOf("/") + 1), path },
    ...[...text.matchAll(/^(?:export )?(?:abstract )?class (\w+)/gm)]
      .map(([, name]) => ({ name: `class ${name}`, path })),
  ]);
  return [...Map.groupBy(named, ({ name }) => name)].filter(([, { length }]) => length > 1)
    .map(([name, places]) => `${name}: ${places.map(({ path }) => path).join(", ")}`);
}

function tooLong(sources: readonly Source[]): string[] {
  return sources.map(({ path, text }) => ({ path, lines: text.split("\n").length - 1 }))
    .filter(({ path, lines }) => lines > (LONGER[path] ?? MAX_LINES))
    .map(({ path, lines }) => `${path}: ${lines} lines`);
}

function strayUses(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, text }) =>
    USES.filter(({ where }) => !where.test(path)).flatMap(({ what }) => {
      const use = what.exec(text);
      return use ? [`${path}: ${use[0]}`] : [];
    })
  );
}

async function readSources(folder = new URL("src/", project), prefix = ""): Promise<Source[]> {
  const sources: Source[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      sources.push(...await readSources(new URL(`${name}/`, folder), `${prefix}${name}/`));
    } else {
      sources.push({ path: prefix + name, text: await Deno.readTextFile(new URL(name, folder)) });
    }
  }
  return sources;
}

/** The program's own files, as `deno info` sees them. */
async function readGraph(): Promise<Graph> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "src/main.ts"],
    cwd: project,
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: InfoModule[] };
  const src = new URL("src/", project).href;
  const inSrc = (specifier: string | undefined): string[] =>
    specifier?.startsWith(src) ? [specifier.slice(src.length)] : [];
  return new Map(
    modules.flatMap(({ specifier, dependencies = [] }) =>
      inSrc(specifier).map((path) => [
        path,
        dependencies.flatMap(({ code, type }) => inSrc(code?.specifier ?? type?.specifier)),
      ])
    ),
  );
}

interface InfoModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier: string };
    readonly type?: { readonly specifier: string };
  }[];
}
