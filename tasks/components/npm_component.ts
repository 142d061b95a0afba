/**
 * An npm package inside the program: its licence is read from its own files, its checksum from deno.lock. A package
 * without a clear licence is an error, so that none is added unnoticed.
 *
 * @module
 */
import { type Component, type Hash, identify } from "./component.ts";
import { TaskError } from "../say.ts";

/** Describes the package in a folder, which deno.lock pins. */
export async function npmComponent(folder: string): Promise<Component> {
  const manifest = JSON.parse(await Deno.readTextFile(`${folder}/package.json`));
  const { name, version } = manifest as { name: string; version: string };
  const text = await licenseFile(folder, name);
  if (identify(text, name) !== manifest.license) {
    throw new TaskError(`${name} says that its licence is ${manifest.license}, its text does not`);
  }
  return {
    name,
    version,
    license: manifest.license,
    text,
    purl: `pkg:npm/${name.replace("@", "%40")}@${version}`,
    hashes: [await pinnedHash(`${name}@${version}`)],
  };
}

async function pinnedHash(key: string): Promise<Hash> {
  const lock = JSON.parse(await Deno.readTextFile("deno.lock"));
  const [algorithm, digest] = (lock.npm[key]?.integrity ?? "").split("-");
  if (algorithm !== "sha512") throw new TaskError(`deno.lock does not pin ${key} with a sha512`);
  return { alg: "SHA-512", content: Uint8Array.fromBase64(digest).toHex() };
}

async function licenseFile(folder: string, name: string): Promise<string> {
  const files = await Array.fromAsync(Deno.readDir(folder), (entry) => entry.name);
  const file = files.sort().find((file) => /^(licen[cs]e|copying)(\.(md|txt))?$/i.test(file));
  if (file === undefined) throw new TaskError(`${name} is in the program, but has no licence file`);
  return await Deno.readTextFile(`${folder}/${file}`);
}
