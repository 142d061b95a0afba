/**
 * The generated parts of a page: filled in between their markers, found when they are out of date.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clientNotes } from "../../tasks/docs/client_notes.ts";
import { table } from "../../tasks/docs/markdown.ts";
import { fillParts } from "../../tasks/docs/markers.ts";
import { makePart, partNames } from "../../tasks/docs/parts.ts";
import { TaskError } from "../../tasks/say.ts";
import { clients } from "../clients/clients.ts";
import { documents } from "./documents.ts";

const page = "# Page\n\n<!-- generated: a -->\n\nold\n\n<!-- end -->\n\nText.\n\n" +
  "<!-- generated: file b.json -->\n<!-- end -->\n";

Deno.test("parts are filled in, the rest of the page stays", async () => {
  const { text, stale } = await fillParts("page.md", page, (name) => `new ${name}\n`);
  assert.equal(
    text,
    "# Page\n\n<!-- generated: a -->\n\nnew a\n\n<!-- end -->\n\nText.\n\n" +
      "<!-- generated: file b.json -->\n\nnew file b.json\n\n<!-- end -->\n",
  );
  assert.deepEqual(stale, ["a", "file b.json"]);
});

Deno.test("a page that is up to date is left as it is, one part that is not is named", async () => {
  const { text } = await fillParts("page.md", page, (name) => `new ${name}\n`);
  assert.deepEqual(await fillParts("page.md", text, (name) => `new ${name}`), { text, stale: [] });
  const { stale } = await fillParts(
    "page.md",
    text,
    (name) => name === "a" ? "newer" : `new ${name}`,
  );
  assert.deepEqual(stale, ["a"]);
});

for (
  const broken of [
    "<!-- generated: a -->\n\ntext\n",
    "<!-- generated: a -->\n\n<!-- generated: b -->\n\n<!-- end -->\n",
  ]
) {
  Deno.test(`a part without an end is an error that names the page: ${JSON.stringify(broken)}`, async () => {
    await assert.rejects(fillParts("page.md", broken, () => ""), /^TaskError: page\.md: /);
  });
}

Deno.test("a part that does not exist is an error that names those that do", () => {
  assert.throws(() => makePart("nothing"), (error) => {
    assert.ok(error instanceof TaskError);
    for (const name of partNames) assert.ok(error.message.includes(name));
    return true;
  });
});

Deno.test("each part is shown in some page", () => {
  const text = documents.map((document) => document.text).join("\n");
  for (const name of partNames) assert.ok(text.includes(`<!-- generated: ${name} -->`), name);
});

Deno.test("each note on a client is about a client that is tested", () => {
  const known = clients.flatMap(({ client, version }) => [client, `${client} ${version}`]);
  for (const key of Object.keys(clientNotes)) assert.ok(known.includes(key), key);
});

Deno.test("a table has columns of equal width, and keeps its bars apart from those of the text", () => {
  assert.equal(
    table(["a", "long head"], [["x | y", "z"]]),
    "| a      | long head |\n| ------ | --------- |\n| x \\| y | z         |\n",
  );
});
