/**
 * Collects the components of the program: Rafka, the npm packages of its bundle, librdkafka with the libraries and
 * sources inside, and Deno. Read from the program's parts and the packages that they were made from.
 *
 * @module
 */
import { bundledPackages } from "./bundle_packages.ts";
import { type Component, identify } from "./component.ts";
import { sha256 } from "../sha256.ts";
import { type LinkedName, linkedVersions } from "./linked_versions.ts";
import { npmComponent } from "./npm_component.ts";
import { TaskError } from "../say.ts";
import project from "../../deno.json" with { type: "json" };

/** Rafka and its components. */
export interface Components {
  readonly rafka: Component;
  /** The components inside the program. */
  readonly inside: readonly Component[];
}

/** Where the parts of a program are, and facts that they do not contain. */
export interface Parts {
  readonly bundle: string;
  readonly library: string;
  readonly libraryVersion: string;
}

const librdkafka = "node_modules/node-rdkafka/deps/librdkafka";
const texts = "tasks/components/licenses";

/** Collects all components of a program with these parts. */
export async function collectComponents(parts: Parts): Promise<Components> {
  const packages = bundledPackages(await Deno.readTextFile(parts.bundle));
  const library = await Deno.readFile(parts.library);
  return {
    rafka: {
      name: project.name,
      version: project.version,
      license: project.license,
      text: await Deno.readTextFile("LICENSE"),
      purl: `pkg:generic/${project.name}@${project.version}`,
    },
    inside: [
      ...await Promise.all(packages.map(npmComponent)),
      await readLibrary(parts.libraryVersion, library),
      ...await linkedLibraries(library),
      ...await copiedSources(),
      ...await runtime(),
    ],
  };
}

async function readLibrary(version: string, bytes: Uint8Array<ArrayBuffer>): Promise<Component> {
  const text = await Deno.readTextFile(`${librdkafka}/LICENSE`);
  return {
    name: "librdkafka",
    version,
    license: identify(text, "librdkafka"),
    text,
    purl: `pkg:github/confluentinc/librdkafka@v${version}`,
    hashes: [{ alg: "SHA-256", content: await sha256(bytes) }],
  };
}

const linked: Readonly<Record<LinkedName, { license: string; vendor: string; product?: string }>> =
  {
    openssl: { license: "Apache-2.0", vendor: "openssl" },
    zlib: { license: "Zlib", vendor: "zlib" },
    zstd: { license: "BSD-3-Clause", vendor: "facebook", product: "zstandard" },
  };

function linkedLibraries(bytes: Uint8Array): Promise<Component[]> {
  const versions = Object.entries(linkedVersions(bytes)) as [LinkedName, string][];
  return Promise.all(versions.map(async ([name, version]) => {
    const { license, vendor, product = name } = linked[name];
    const text = await Deno.readTextFile(`${texts}/${name}.txt`);
    const cpe = `cpe:2.3:a:${vendor}:${product}:${version}:*:*:*:*:*:*:*`;
    const purl = `pkg:generic/${name}@${version}`;
    return { name, version, license, text, purl, cpe, within: "librdkafka" };
  }));
}

/** Third-party sources among librdkafka's own: it has a file LICENSE.<name> for each. */
async function copiedSources(): Promise<Component[]> {
  const files = await Array.fromAsync(Deno.readDir(librdkafka), (entry) => entry.name);
  const names = files.flatMap((file) => /^LICENSE\.(\w+)$/.exec(file)?.[1] ?? []).sort();
  const onLinux = names.filter((name) => name !== "wingetopt");
  return await Promise.all(onLinux.map(async (name) => {
    const text = await Deno.readTextFile(`${librdkafka}/LICENSE.${name}`);
    const version = await copiedVersion(name);
    return {
      name,
      ...version && { version },
      license: identify(text, name),
      text,
      purl: `pkg:generic/${name}${version ? `@${version}` : ""}`,
      within: "librdkafka",
    };
  }));
}

/** Headers that name a version: each pattern finds its numbers, in their order. */
const versionHeaders: Readonly<Record<string, { file: string; pattern: RegExp }>> = {
  cjson: { file: "cJSON.h", pattern: /#define CJSON_VERSION_(?:MAJOR|MINOR|PATCH)\s+(\d+)/g },
  lz4: { file: "lz4.h", pattern: /#define LZ4_VERSION_(?:MAJOR|MINOR|RELEASE)\s+(\d+)/g },
};

async function copiedVersion(name: string): Promise<string | undefined> {
  const header = versionHeaders[name];
  if (header === undefined) return undefined;
  const text = await Deno.readTextFile(`${librdkafka}/src/${header.file}`);
  const numbers = [...text.matchAll(header.pattern)].map((match) => match[1]);
  if (numbers.length !== 3) throw new TaskError(`${header.file} does not name ${name}'s version`);
  return numbers.join(".");
}

/** The Deno that compiles is the one inside: `deno compile` embeds the runtime of its own version. */
async function runtime(): Promise<Component[]> {
  const { deno, v8 } = Deno.version;
  const [denoText, v8Text] = await Promise.all(
    ["deno", "v8"].map((name) => Deno.readTextFile(`${texts}/${name}.txt`)),
  );
  return [
    {
      name: "deno",
      version: deno,
      license: "MIT",
      text: `${denoText!.trimEnd()}\n\n${crates(deno)}`,
      purl: `pkg:github/denoland/deno@v${deno}`,
      cpe: `cpe:2.3:a:deno:deno:${deno}:*:*:*:*:*:*:*`,
    },
    {
      name: "v8",
      version: v8,
      license: "BSD-3-Clause",
      text: v8Text!,
      purl: `pkg:generic/v8@${v8}`,
      cpe: `cpe:2.3:a:google:v8:${v8.replace(/-.*/, "")}:*:*:*:*:*:*:*`,
      within: "deno",
    },
  ];
}

function crates(version: string): string {
  return `\
The Deno runtime is built from Rust crates, which bring C and C++ libraries along, among them ICU,
SQLite and AWS-LC. They are not listed here one by one: all crates, with their versions, are in
Deno's own Cargo.lock of this version,
https://github.com/denoland/deno/blob/v${version}/Cargo.lock
`;
}
