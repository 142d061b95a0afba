/**
 * The list of clients, and the script that installs some of them, name the same versions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clients, installedName } from "./clients.ts";

Deno.test("tests/clients/install gets every client that Debian has not got, in the listed version", async () => {
  const script = await Deno.readTextFile(new URL("install", import.meta.url));
  const functions = script.matchAll(/^(\w+-\d+)\(\) \{(.*?)\}$/gms);
  const bodies = new Map([...functions].map(([, name, body]) => [name!, body!]));
  const installed = clients.filter(({ howToGet }) => howToGet.startsWith("tests/clients/install"));
  const names = installed.map(({ folder, version }) => installedName(folder, version));
  assert.deepEqual([...bodies.keys()].sort(), names.sort());
  for (const { folder, version } of installed) {
    const name = installedName(folder, version);
    assert.ok(bodies.get(name)!.includes(version), `${name}: ${version} in ${bodies.get(name)}`);
  }
});

Deno.test("no version of a client is listed twice", () => {
  const names = clients.map(({ client, version }) => `${client} ${version}`);
  assert.deepEqual(names, [...new Set(names)]);
});
