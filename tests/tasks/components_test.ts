/**
 * What the program is made of, as it is now: the npm packages that its source imports, and the librdkafka that was
 * built. Notices and SBOM are written from it and hold all of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { collectComponents, type Components } from "../../tasks/components/collect.ts";
import { plainWords, publicDomain } from "../../tasks/components/component.ts";
import { tryInspect } from "../../tasks/native/library.ts";
import { targetOf } from "../../tasks/native/target.ts";
import { writeNotices } from "../../tasks/components/notices.ts";
import { npmComponent } from "../../tasks/components/npm_component.ts";
import { TaskError } from "../../tasks/say.ts";
import { writeSbom } from "../../tasks/components/sbom.ts";

Deno.chdir(new URL("../../", import.meta.url));
const { library } = targetOf(Deno.build.target);
const built = tryInspect(library);
const context = { target: "x86_64-unknown-linux-gnu", time: new Date(1_700_000_000_000) };

const components = built && await collect(built.version);
const known = { ignore: components === undefined };

Deno.test("every npm package in the bundle is listed, and no other", known, async () => {
  const source = await sourceImports();
  assert.ok(source.length > 0);
  const listed = names(components!, /^pkg:npm\//).map((name) => name.split(" ")[0]);
  for (const name of source) assert.ok(listed.includes(name), `${name} is not listed`);
  assert.ok(!listed.includes("node-rdkafka")); // only the C source in it is used
});

Deno.test("versions are those of the library, of the lock and of the runtime", known, async () => {
  const lock = JSON.parse(await Deno.readTextFile("deno.lock"));
  const all = names(components!, /^/);
  for (const name of ["zod", "@logtape/logtape"]) {
    const pin = Object.keys(lock.npm).find((key) => key.startsWith(`${name}@`))!;
    assert.ok(all.includes(`${name} ${pin.slice(name.length + 1)}`), `${all}`);
  }
  assert.ok(all.includes(`librdkafka ${built!.version}`), `${all}`);
  assert.ok(all.includes(`deno ${Deno.version.deno}`), `${all}`);
  assert.ok(all.includes(`v8 ${Deno.version.v8}`), `${all}`);
  const inside = { ssl: "openssl", gzip: "zlib", zstd: "zstd" };
  for (const [feature, name] of Object.entries(inside)) {
    if (!built!.features.includes(feature)) continue;
    assert.ok(all.some((title) => title.startsWith(`${name} `)), `${name} has no version`);
  }
  assert.ok(all.some((title) => /^lz4 1\.\d+\.\d+$/.test(title)), `${all}`);
});

Deno.test("the notices hold every component with its licence and all words of it", known, () => {
  const notices = writeNotices(components!);
  const words = plainWords(notices);
  for (const { name, version, license, text } of components!.inside) {
    const title = version ? `${name} ${version}` : name;
    const id = license === publicDomain ? "Public domain" : license;
    assert.match(notices, new RegExp(`^  ${escape(title)} +${escape(id)}( |$)`, "m"));
    const own = text.split(/^\s*Apache License$/m)[0]!;
    assert.ok(words.includes(plainWords(own)), `the text of ${name} is not there`);
  }
  assert.ok(words.includes(plainWords(components!.rafka.text)));
});

Deno.test("a text is written once, also the long one of Apache-2.0", known, () => {
  const notices = writeNotices(components!);
  assert.equal(notices.match(/TERMS AND CONDITIONS FOR USE/g)?.length, 1);
  assert.ok(notices.length < 60_000, `${notices.length} characters`);
});

Deno.test(
  "the SBOM holds every component, each with version, licence and purl",
  known,
  async () => {
    const bill = JSON.parse(await writeSbom(components!, context));
    assert.equal(bill.metadata.component.version, project.version);
    assert.equal(bill.metadata.timestamp, "2023-11-14T22:13:20.000Z");
    const listed = bill.components.map((entry: Entry) => [
      entry.group ? `${entry.group}/${entry.name}` : entry.name,
      entry.version,
      entry.purl,
    ]);
    assert.deepEqual(
      listed,
      components!.inside.map(({ name, version, purl }) => [name, version, purl]),
    );
    for (const { name, licenses: [{ license }] } of bill.components as Entry[]) {
      assert.ok(license.id ?? license.name, name);
    }
  },
);

Deno.test(
  "in the SBOM all references lead somewhere, and all components are reached",
  known,
  async () => {
    const bill = JSON.parse(await writeSbom(components!, context));
    const refs: string[] = bill.components.map((entry: Entry) => entry["bom-ref"]);
    const root = bill.metadata.component["bom-ref"];
    const needed: string[] = bill.dependencies.flatMap((entry: { dependsOn: string[] }) =>
      entry.dependsOn
    );
    assert.deepEqual(needed.sort(), refs.toSorted());
    assert.equal(new Set([root, ...refs]).size, refs.length + 1);
  },
);

Deno.test(
  "the same components give the same SBOM, others another serial number",
  known,
  async () => {
    const bill = await writeSbom(components!, context);
    assert.equal(await writeSbom(components!, context), bill);
    const { rafka, inside } = components!;
    const other = await writeSbom({ rafka, inside: inside.slice(1) }, context);
    const serial =
      /"serialNumber": "(urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})"/;
    assert.notEqual(serial.exec(bill)![1], serial.exec(other)![1]);
  },
);

const manifest = { name: "zod", version: "4.6.7", license: "MIT" };
const mit = "Permission is hereby granted, free of charge, to any person";

const unclear = [
  {
    name: "has no licence file",
    files: {},
    says: "zod is in the program, but has no licence file",
  },
  {
    name: "says another licence than its file",
    files: { LICENSE: "public domain" },
    says: "is MIT",
  },
  {
    name: "has a licence that nobody knows",
    files: { LICENSE: "Ask me" },
    says: "none that we know",
  },
  {
    name: "is not in deno.lock",
    files: { "LICENSE.md": mit, "package.json": JSON.stringify({ ...manifest, version: "0.0.1" }) },
    says: "does not pin zod@0.0.1",
  },
];

for (const { name, files, says } of unclear) {
  Deno.test(`a package does not get into the program when it ${name}`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "rafka-" });
    try {
      const all = { "package.json": JSON.stringify(manifest), ...files };
      for (const [file, text] of Object.entries(all)) {
        await Deno.writeTextFile(`${folder}/${file}`, text);
      }
      await assert.rejects(npmComponent(folder), (error) => {
        return error instanceof TaskError && error.message.includes(says);
      });
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

interface Entry {
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly purl: string;
  readonly "bom-ref": string;
  readonly licenses: [{ license: { id?: string; name?: string } }];
}

/** With the bundle as it is made of today's source. */
async function collect(libraryVersion: string): Promise<Components> {
  const folder = await Deno.makeTempDir({ prefix: "rafka-" });
  try {
    const bundle = `${folder}/rafka.js`;
    const args = ["bundle", "--quiet", "--platform=deno", `--output=${bundle}`, "src/main.ts"];
    const { success } = await new Deno.Command(Deno.execPath(), { args }).output();
    assert.ok(success);
    return await collectComponents({ bundle, library, libraryVersion });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The npm packages that files of the program import, by the names that deno.json gives them. */
async function sourceImports(): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", "src/main.ts"],
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { dependencies?: { specifier: string; code?: unknown }[] }[];
  };
  const imported = modules.flatMap(({ dependencies = [] }) => dependencies)
    .filter(({ code }) => code !== undefined).map(({ specifier }) => specifier);
  return Object.keys(project.imports).filter((name) => imported.includes(name));
}

function names({ inside }: Components, purl: RegExp): string[] {
  return inside.filter((component) => purl.test(component.purl))
    .map(({ name, version }) => version ? `${name} ${version}` : name);
}

function escape(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
