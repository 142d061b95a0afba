/**
 * Relative links and anchors lead to something, and paths in the text exist.
 *
 * @module
 */
import assert from "node:assert/strict";
import { documents, exists, page, read } from "./documents.ts";

const FENCE = /^```.*?^```$/gms;
const LINK = /\]\(([^)\s]+)\)/g;

const all = [...documents, { path: "CHANGELOG.md", text: await read("CHANGELOG.md") }];

for (const { path, text } of all) {
  Deno.test(`the links of ${path} lead to files and headings that exist`, async () => {
    const broken = [];
    for (const [, link] of text.replaceAll(FENCE, "").matchAll(LINK)) {
      if (/^\w+:/.test(link!)) continue;
      const [target, anchor] = link!.split("#") as [string, string?];
      const file = target === "" ? path : resolve(path, target);
      if (!await exists(file)) broken.push(link);
      else if (anchor !== undefined && !anchorsOf(await read(file)).includes(anchor)) {
        broken.push(link);
      }
    }
    assert.deepEqual(broken, []);
  });
}

Deno.test("the paths that the page on architecture names exist, and each folder of src is among them", async () => {
  const named = [...page("docs/architecture.md").matchAll(/`(src\/[\w./]*)`/g)].map(([, path]) =>
    path!
  );
  for (const path of named) assert.ok(await exists(path), path);
  const shown = [...page("docs/architecture.md").matchAll(/(?:^|\s)((?:\w+\/)+\w+)(?=\s|$)/gm)]
    .map(([, path]) => path!).filter((path) => /^(net|session|resp|commands|kafka)\//.test(path));
  assert.ok(shown.length > 20);
  for (const path of shown) assert.ok(await exists(`src/${path}.ts`), path);
  const folders = new Set(named.map((path) => path.replace(/[^/]*$/, "")));
  for (const folder of await foldersIn("src/")) assert.ok(folders.has(folder), folder);
});

function resolve(from: string, target: string): string {
  return new URL(target, `file:///${from}`).pathname.slice(1);
}

/** As GitHub makes them. */
function anchorsOf(text: string): string[] {
  const seen = new Map<string, number>();
  return [...text.replaceAll(FENCE, "").matchAll(/^#+ (.+)$/gm)].map(([, heading]) => {
    const anchor = heading!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(
      " ",
      "-",
    );
    const count = seen.get(anchor) ?? 0;
    seen.set(anchor, count + 1);
    return count === 0 ? anchor : `${anchor}-${count}`;
  });
}

/** Those that hold files, without the ones that hold folders only. */
async function foldersIn(path: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(new URL(`../../${path}`, import.meta.url)));
  const below = await Promise.all(
    entries.filter(({ isDirectory }) => isDirectory).map(({ name }) =>
      foldersIn(`${path}${name}/`)
    ),
  );
  return [...entries.some(({ isFile }) => isFile) ? [path] : [], ...below.flat()];
}
