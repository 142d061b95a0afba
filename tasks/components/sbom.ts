/**
 * Writes a software bill of materials in CycloneDX, which scanners compare with lists of known vulnerabilities. The
 * same components and time give the same bytes.
 *
 * @see https://cyclonedx.org/docs/1.6/json/
 * @module
 */
import { type Component, publicDomain } from "./component.ts";
import type { Components } from "./collect.ts";
import { sha256 } from "../sha256.ts";

/** Properties of a bill beside its components. */
export interface Context {
  /** The target of the program, as Deno names it. */
  readonly target: string;
  /** The time of the source, if known. */
  readonly time: Date | undefined;
}

/** The bill of materials of a program, as JSON. */
export async function writeSbom(components: Components, context: Context): Promise<string> {
  const bill = describe(components, context);
  const serialNumber = `urn:uuid:${await uuid(JSON.stringify(bill))}`;
  const { $schema, bomFormat, specVersion, ...rest } = bill;
  return JSON.stringify({ $schema, bomFormat, specVersion, serialNumber, ...rest }, null, 2) + "\n";
}

function describe(
  { rafka, inside }: Components,
  { target, time }: Context,
): Record<string, unknown> {
  return {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      ...time && { timestamp: time.toISOString() },
      component: {
        ...writeComponent(rafka, "application"),
        properties: [{ name: "rafka:target", value: target }],
      },
    },
    components: inside.map((component) =>
      writeComponent(component, component.name === "deno" ? "platform" : "library")
    ),
    dependencies: [rafka, ...inside].map(({ name, purl }) => ({
      ref: purl,
      dependsOn: inside.filter(({ within }) => (within ?? rafka.name) === name)
        .map((part) => part.purl),
    })),
  };
}

function writeComponent(component: Component, type: string): Record<string, unknown> {
  const { name, version, license, purl, cpe, hashes } = component;
  const [, group, ownName] = /^(@.+)\/(.+)$/.exec(name) ?? [];
  return {
    type,
    "bom-ref": purl,
    ...group && { group },
    name: ownName ?? name,
    ...version && { version },
    ...hashes && { hashes },
    licenses: [{ license: license === publicDomain ? { name: "Public domain" } : { id: license } }],
    ...cpe && { cpe },
    purl,
  };
}

/** A version 8 UUID, derived from the content, not random. */
async function uuid(content: string): Promise<string> {
  const hex = await sha256(new TextEncoder().encode(content));
  const variant = (Number.parseInt(hex[16]!, 16) & 3 | 8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join("-");
}
