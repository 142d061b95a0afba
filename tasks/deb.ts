/**
 * `deno task deb [--target <triple>]`: the compiled gateway as a package for Debian and Ubuntu, dist/rafka_*.deb. The
 * same binary gives the same bytes: the only time inside is that of the last commit, or SOURCE_DATE_EPOCH.
 *
 * @module
 */
import project from "../deno.json" with { type: "json" };
import { executableOf, partsOf } from "./dist.ts";
import { newestGlibc } from "./native/glibc.ts";
import { readArgs, runTask } from "./run_task.ts";
import { say, TaskError } from "./say.ts";
import { sourceTime } from "./source_time.ts";
import { findMachine, machines } from "./targets.ts";

/** The first version that passes credential files to a service, which the unit relies on. */
const oldestSystemd = "247";
const temporaryPrefix = "deb-";
const maintainerScripts = ["postinst", "prerm", "postrm"];

/** The contents of a package. */
export interface DebOptions {
  readonly binary: string;
  /** The notices of the software inside the binary. */
  readonly licences: string;
  readonly target: string;
  readonly folder: string;
  /** The time of all files. */
  readonly time: Date;
  readonly version?: string;
  /** Compression level of xz, 0 to 9: at 6 a package is 12 % smaller, and takes four times as long. */
  readonly level?: number;
}

if (import.meta.main) await runTask(main);

async function main(): Promise<void> {
  const options = readTarget();
  await Deno.mkdir("dist", { recursive: true });
  await removeLeftovers();
  const time = await sourceTime() ?? new Date(0);
  const path = await buildDeb({ ...options, folder: "dist", time });
  const { size } = await Deno.stat(path);
  say(`Built ${path}, ${(size / 1e6).toFixed(1)} MB`);
}

/** Remains of an interrupted run. */
async function removeLeftovers(): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir("dist")) {
    if (!isDirectory || !name.startsWith(temporaryPrefix)) continue;
    await Deno.remove(`dist/${name}`, { recursive: true });
  }
}

/** Builds the package and returns its path, inside `folder`. Reads the project in the working directory. */
export async function buildDeb(options: DebOptions): Promise<string> {
  const { target, folder, time, version = project.version, level = 1 } = options;
  const architecture = findMachine(target)?.debian;
  if (architecture === undefined) {
    const known = machines.map(({ triple }) => triple).join(", ");
    throw new TaskError(`Cannot use --target '${target}', only ${known}`);
  }
  const aside = await Deno.makeTempDir({ dir: folder, prefix: temporaryPrefix });
  const root = `${aside}/root`;
  try {
    await stage(root, options);
    await stageControl(root, { version, architecture });
    await openFolders(root);
    const path = `${folder}/${debName(version, architecture)}`;
    const built = `${aside}/built.deb`;
    // one thread: with more the bytes depend on the machine
    const compression = ["-Zxz", `-z${level}`, "--threads-max=1"];
    await run(["dpkg-deb", "--root-owner-group", ...compression, "--build", root, built], {
      SOURCE_DATE_EPOCH: String(time.getTime() / 1000),
    });
    await Deno.rename(built, path);
    return path;
  } finally {
    await Deno.remove(aside, { recursive: true });
  }
}

/** As Debian names packages: `rafka_0.1.0_amd64.deb`. */
export function debName(version: string, architecture: string): string {
  return `rafka_${debianVersion(version)}_${architecture}.deb`;
}

/** Debian, too, must sort 1.0.0-rc.1 before 1.0.0. */
function debianVersion(version: string): string {
  return version.replace("-", "~");
}

function readTarget(): Pick<DebOptions, "binary" | "licences" | "target"> {
  const options = { target: { type: "string", default: Deno.build.target } } as const;
  const given = readArgs(Deno.args, options, "deno task deb [--target <triple>]").target;
  const target = findMachine(given)?.triple ?? given;
  return { binary: executableOf(target), licences: `${partsOf(target)}/licenses.txt`, target };
}

/** The installed files. */
async function stage(root: string, { binary, licences }: DebOptions): Promise<void> {
  const documents = `${root}/usr/share/doc/rafka`;
  await put(await read(binary, "deno task compile"), `${root}/usr/bin/rafka`, 0o755);
  // not in /usr/lib, against the policy of Debian 12 and Ubuntu 22.04 for units of packages
  for (const unit of ["rafka.service", "rafka@.service"]) {
    await put(await read(`packaging/${unit}`), `${root}/lib/systemd/system/${unit}`);
  }
  // may hold passwords
  await put(await read("config.sample.json"), `${root}/etc/rafka/config.json`, 0o600);
  for (const recipe of ["", ".tls", ".mtls", ".sasl-plain", ".sasl-scram"]) {
    const name = `config.sample${recipe}.json`;
    await put(await read(name), `${documents}/${name}`);
  }
  await put(await read("packaging/copyright"), `${documents}/copyright`);
  const packed: Record<string, string> = {
    "README.md": "README.md",
    "CHANGELOG.md": "CHANGELOG.md",
    "licenses.txt": licences,
  };
  for await (const { name } of Deno.readDir("docs")) packed[`docs/${name}`] = `docs/${name}`;
  for (const [name, source] of Object.entries(packed)) {
    await put(await read(source, "deno task compile"), `${documents}/${name}`);
    await run(["gzip", "--best", "--no-name", `${documents}/${name}`]);
  }
}

/** The control files of dpkg. */
async function stageControl(
  root: string,
  { version, architecture }: { version: string; architecture: string },
): Promise<void> {
  const text = new TextEncoder();
  const control = `\
Package: rafka
Version: ${debianVersion(version)}
Architecture: ${architecture}
Maintainer: Rafka developers <rafka@example.com>
Installed-Size: ${Math.ceil(await sizeOf(root) / 1024)}
Depends: libc6 (>= ${newestGlibc}), libgcc-s1
Breaks: systemd (<< ${oldestSystemd})
Recommends: ca-certificates
Section: net
Priority: optional
Description: Kafka for every Redis client
 A gateway that speaks the Redis protocol on one side and Kafka on the other.
 Programs produce and consume with the Redis client they already have;
 consumer groups, keys and commits are Kafka's own.
 .
 Deno's runtime and librdkafka are inside. ca-certificates is for TLS to the
 brokers.
`;
  await put(text.encode(control), `${root}/DEBIAN/control`);
  await put(text.encode("/etc/rafka/config.json\n"), `${root}/DEBIAN/conffiles`);
  for (const name of maintainerScripts) {
    await put(await read(`packaging/${name}`), `${root}/DEBIAN/${name}`, 0o755);
  }
}

async function read(path: string, madeBy?: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    if (madeBy === undefined || !(error instanceof Deno.errors.NotFound)) throw error;
    throw new TaskError(`There is no ${path}: ${madeBy} makes it`, { cause: error });
  }
}

async function put(bytes: Uint8Array<ArrayBuffer>, path: string, mode = 0o644): Promise<void> {
  await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.writeFile(path, bytes);
  await Deno.chmod(path, mode); // whatever the umask
}

async function openFolders(folder: string): Promise<void> {
  await Deno.chmod(folder, 0o755);
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) await openFolders(`${folder}/${name}`);
  }
}

async function sizeOf(folder: string): Promise<number> {
  let size = 0;
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    size += isDirectory ? await sizeOf(path) : (await Deno.stat(path)).size;
  }
  return size;
}

async function run(
  [program, ...args]: string[],
  env: Record<string, string> = {},
): Promise<void> {
  try {
    const command = new Deno.Command(program!, { args, env, stdin: "null" });
    const { success, stderr } = await command.output();
    if (!success) throw new TaskError(`${program} failed: ${new TextDecoder().decode(stderr)}`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new TaskError(`Cannot run ${program}: apt-get install -y dpkg gzip`, { cause: error });
  }
}
