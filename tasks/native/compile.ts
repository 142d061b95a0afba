/**
 * Compiles librdkafka: copies its source, then runs its own `configure` and `make` with progress on standard error and
 * all their output in a log. Independent of versions, stamps and the library's final path.
 *
 * @module
 */
import { addFixSources, applyFixes } from "./fixes.ts";
import { addWrappers, usesGlibc } from "./glibc.ts";
import { libraryName } from "./library.ts";
import { compilerFor, type Target, toolFor } from "./target.ts";
import { say, sayOver, TaskError } from "../say.ts";

/** Options of `compile`. */
export interface CompileOptions {
  readonly target: Target;
  /** librdkafka's source; read only, as it may be hard links into Deno's cache. */
  readonly source: string;
  /** An empty folder to build in. */
  readonly folder: string;
  readonly log: string;
  /** Stops the compiler when aborted. */
  readonly signal: AbortSignal;
}

/** The flags of a build. */
export interface Recipe {
  readonly configure: readonly string[];
  readonly cppFlags: string;
  readonly linkFlags: string;
  readonly strip: readonly string[];
}

/**
 * Static, so that the file runs on machines without these libraries. TLS, zlib and zstd are not requested by name:
 * `configure` uses what it finds, while `--enable-ssl` would make it fail. curl (for OIDC) is off because Debian's
 * static one does not link, GSSAPI because it would tie the file to the Cyrus SASL of one system.
 */
const configure = [
  "--enable-static",
  "--disable-lz4-ext",
  "--disable-gssapi",
  "--disable-curl",
  "--disable-debug-symbols",
];

/** Lets librdkafka search for CA certificates where other distributions than the build's keep them. */
const cppFlags = "-DWITH_STATIC_LIB_libcrypto=1";

const linux: Recipe = {
  configure,
  cppFlags,
  // A missing symbol must fail here and not at dlopen. OpenSSL's names must not be visible outside, also without
  // python3, which librdkafka needs to restrict them itself.
  linkFlags: "-Wl,-z,defs -Wl,--exclude-libs,ALL",
  strip: ["--strip-unneeded"],
};

/**
 * The thread functions of C11 require glibc 2.28, and 2.34 changed their version; librdkafka has its own, which do the
 * same with pthreads.
 */
const glibc: Recipe = { ...linux, configure: [...configure, "--disable-c11threads"] };

/** Not tried: written after librdkafka's Makefile, without a Mac at hand. */
const macos: Recipe = { configure, cppFlags, linkFlags: "", strip: ["-x"] };

/** The recipe of a build; a library built by another one is out of date. */
export function recipeFor(target: Target): Recipe {
  if (usesGlibc(target)) return glibc;
  return Deno.build.os === "darwin" ? macos : linux;
}

/** Builds the library and returns the path of the finished file, inside `options.folder`. */
export async function compile(options: CompileOptions): Promise<string> {
  const { target, folder } = options;
  const recipe = recipeFor(target);
  using log = await Deno.create(options.log);
  const run = (command: string[], onLine?: (line: string) => void): Promise<void> =>
    runLogged(command, options, log, onLine);
  const make = ["make", "-C", "src", libraryName];
  const built = `${folder}/src/${libraryName}`;

  await run(["cp", "-R", `${options.source}/.`, "."]);
  await applyFixes(folder);
  await run(["./configure", ...recipe.configure]);
  await addFixSources(folder);
  if (usesGlibc(target)) await addWrappers(folder);
  let total = 0;
  await run([...make, "--dry-run"], (line) => total += isCompilation(line) ? 1 : 0);
  await run([...make, `-j${navigator.hardwareConcurrency}`], progress(total));
  await run([toolFor(target, "strip"), ...recipe.strip, `src/${libraryName}`]);
  return built;
}

async function runLogged(
  [program, ...args]: string[],
  { folder, signal, target }: CompileOptions,
  log: Deno.FsFile,
  onLine: (line: string) => void = (): void => {},
): Promise<void> {
  await log.write(new TextEncoder().encode(`\n$ ${[program, ...args].join(" ")}\n`));
  // the shell only joins the two outputs, in their order
  const child = new Deno.Command("sh", {
    args: ["-c", 'exec "$0" "$@" 2>&1', program!, ...args],
    cwd: folder,
    env: environment(target),
    stdin: "null",
    stdout: "piped",
    signal,
  }).spawn();
  for await (const line of linesInto(log, child.stdout)) onLine(line);
  const { success } = await child.status;
  signal.throwIfAborted();
  if (!success) throw new TaskError(`${program} failed`);
}

function environment(target: Target): Record<string, string> {
  const recipe = recipeFor(target);
  const own = (name: string): string => Deno.env.get(name) ?? "";
  return {
    CPPFLAGS: `${own("CPPFLAGS")} ${recipe.cppFlags}`.trim(),
    LDFLAGS: `${own("LDFLAGS")} ${recipe.linkFlags}`.trim(),
    CC: compilerFor(target),
    CXX: compilerFor(target), // configure requires a C++ compiler, for a wrapper that is not built
    // this machine's pkg-config knows the wrong libraries; without one, configure tries which libraries link
    ...target.cross && { PKG_CONFIG: toolFor(target, "pkg-config") },
    LC_ALL: "C",
    TERM: "dumb", // no colours in the log
  };
}

/** Copies a stream to the log and yields its lines. */
async function* linesInto(
  log: Deno.FsFile,
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stream) {
    await log.write(chunk);
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}

function isCompilation(line: string): boolean {
  return / -c \S+\.c /.test(line);
}

/** Counts compiled files: one line that updates on a terminal, else a line at each quarter. */
function progress(total: number): (line: string) => void {
  const started = performance.now();
  let done = 0;
  return (line) => {
    if (!isCompilation(line)) return;
    done++;
    const seconds = Math.round((performance.now() - started) / 1000);
    const text = `  ${done} of ${total} files, ${seconds} s`;
    if (Deno.stderr.isTerminal()) sayOver(text);
    else if (isNewQuarter(done, total)) say(text);
  };
}

function isNewQuarter(done: number, total: number): boolean {
  return Math.floor(4 * done / total) > Math.floor(4 * (done - 1) / total);
}
