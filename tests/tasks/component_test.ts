/**
 * Licences are told apart by their words, packages and versions are found where they were left, and what cannot be
 * found is an error, never silence.
 *
 * @module
 */
import assert from "node:assert/strict";
import { bundledPackages } from "../../tasks/components/bundle_packages.ts";
import { identify, publicDomain } from "../../tasks/components/component.ts";
import { linkedVersions } from "../../tasks/components/linked_versions.ts";
import { TaskError } from "../../tasks/say.ts";

const redistribution = "Redistribution and use in source and\n * binary forms are permitted.";

const licenses = [
  { text: "Permission is hereby granted,\n free of charge, to any person", id: "MIT" },
  { text: "   Apache License\n   Version 2.0, January 2004", id: "Apache-2.0" },
  { text: "provided 'as-is', without any express or \nimplied warranty", id: "Zlib" },
  { text: redistribution, id: "BSD-2-Clause" },
  { text: `${redistribution}\n * 3. Neither the name of X`, id: "BSD-3-Clause" },
  { text: "This code is in the public domain.", id: publicDomain },
];

for (const { text, id } of licenses) {
  Deno.test(`a licence is known by its words: ${id}`, () => {
    assert.equal(identify(text, "example"), id);
  });
}

Deno.test("an unknown licence is an error that names the component", () => {
  assert.throws(() => identify("All rights reserved", "example"), (error) => {
    return error instanceof TaskError && error.message.includes("example");
  });
});

Deno.test("a bundle's packages are those that it has files of, each once", () => {
  const bundle = `\
// deno.json
// node_modules/.deno/zod@4.6.7/node_modules/zod/v4/core.js
var a = "// node_modules/.deno/no@1.0.0/node_modules/no/index.js";
// node_modules/.deno/zod@4.6.7/node_modules/zod/v4/index.js
// ../node_modules/.deno/@logtape+logtape@2.4.2/node_modules/@logtape/logtape/dist/mod.js
// src/main.ts
`;
  assert.deepEqual(bundledPackages(bundle), [
    "node_modules/.deno/@logtape+logtape@2.4.2/node_modules/@logtape/logtape",
    "node_modules/.deno/zod@4.6.7/node_modules/zod",
  ]);
});

Deno.test("a bundle that does not name its files is an error", () => {
  assert.throws(() => bundledPackages("var a = 1;"), TaskError);
});

const everything = [
  "",
  "STATIC_LINKING ZLIB SSL ZSTD",
  "1.9.4", // lz4
  "1.5.4",
  "1.2.13",
  "OpenSSL 3.0.22 25 Aug 2026",
  " inflate 1.2.13 Copyright 1995-2022 Mark Adler ",
  "",
].join("\0");

const libraries = [
  {
    name: "all three",
    text: everything,
    versions: { openssl: "3.0.22", zlib: "1.2.13", zstd: "1.5.4" },
  },
  {
    name: "no zstd",
    text: everything.replace(" ZSTD", ""),
    versions: { openssl: "3.0.22", zlib: "1.2.13" },
  },
  { name: "none", text: "\0STATIC_LINKING ZLIB SSL ZSTD\0OpenSSL 3.0.x\0", versions: {} },
];

for (const { name, text, versions } of libraries) {
  Deno.test(`linked libraries are found by what they say of themselves: ${name}`, () => {
    assert.deepEqual(linkedVersions(new TextEncoder().encode(text)), versions);
  });
}
