/**
 * @module
 * The shape of `src`: who may import whom, no circles, no large files, and which files may do what. From what
 * `deno info` says of the program; the checks themselves are tested with graphs that break them.
 */
import assert from "node:assert/strict";

const project = new URL("../", import.meta.url);

/** What each folder or file of `src` may import, beside itself and npm packages. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  app: ["async", "commands", "config", "ffi", "kafka", "session", "telemetry"],
  async: [],
  commands: ["kafka", "resp", "telemetry"],
  config: ["ffi", "kafka", "telemetry"],
  ffi: [],
  kafka: ["async", "config", "ffi"],
  main: ["app", "config", "ffi", "kafka", "net", "telemetry"],
  net: ["commands", "config", "resp", "session", "telemetry"],
  resp: [],
  session: ["async", "commands", "config", "kafka", "net", "resp", "telemetry"],
  telemetry: ["commands", "kafka"],
};

const MAX_LINES = 400;
/** Files that may be longer, and how long. */
const LONGER: Readonly<Record<string, number>> = {
  "ffi/symbols.ts": 540, // a table, one function after the other
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
  { what: /\bDeno\.stdout\b/, where: /^main\.ts$/ },
  { what: /\bDeno\.stderr\b/, where: /^(main|telemetry\/log|log)\.ts$/ },
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
  const silent = (await readSources()).filter(({ text }) => !/^\/\*\*\n \* @module\n/.test(text));
  assert.deepEqual(silent.map(({ path }) => path), []);
});

const badImports = [
  { from: "kafka/a.ts", to: "resp/b.ts" },
  { from: "kafka/a.ts", to: "commands/b.ts" },
  { from: "kafka/a.ts", to: "server/b.ts" },
  { from: "commands/a.ts", to: "server/b.ts" },
  { from: "commands/a.ts", to: "ffi/b.ts" },
  { from: "resp/a.ts", to: "log.ts" },
  { from: "ffi/a.ts", to: "kafka/b.ts" },
  { from: "server/a.ts", to: "rafka.ts" },
  { from: "cli.ts", to: "rafka.ts" },
  { from: "log.ts", to: "main.ts" },
  { from: "new_folder/a.ts", to: "new_folder/b.ts" },
];

for (const { from, to } of badImports) {
  Deno.test(`these checks would find: ${from} imports ${to}`, () => {
    const graph = new Map([[from, [to]], [to, []]]);
    assert.ok(forbiddenImports(graph).includes(`${from} imports ${to}`));
  });
}

Deno.test("these checks would find a circle, a long file, a stray use", () => {
  const circle = new Map([
    ["kafka/a.ts", ["kafka/b.ts"]],
    ["kafka/b.ts", ["kafka/c.ts", "ffi/d.ts"]],
    ["kafka/c.ts", ["kafka/b.ts"]],
    ["ffi/d.ts", []],
  ]);
  assert.deepEqual(findCircle(circle), ["kafka/b.ts", "kafka/c.ts", "kafka/b.ts"]);
  assert.deepEqual(tooLong([{ path: "a.ts", text: "\n".repeat(401) }]), ["a.ts: 401 lines"]);
  assert.deepEqual(strayUses([{ path: "server/a.ts", text: "Deno.exit(1)" }]), [
    "server/a.ts: Deno.exit",
  ]);
});

function layerOf(path: string): string {
  return path.split("/")[0]!.replace(/\.ts$/, "");
}

function forbiddenImports(graph: Graph): string[] {
  return [...graph].flatMap(([from, imports]) => {
    const allowed = ALLOWED[layerOf(from)];
    const beside = allowed && from.includes("/") ? [layerOf(from)] : [];
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
