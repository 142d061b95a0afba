/**
 * README.md is a product page: short, with two set-up commands, and figures that the other pages have, too.
 *
 * @module
 */
import assert from "node:assert/strict";
import { allCodeBlocks, codeBlocks, documents, page, rows, section } from "./documents.ts";

const MAX_LINES = 250;
const readme = page("README.md");

Deno.test("the README has no more lines than a product page", () => {
  const count = readme.split("\n").length - 1;
  assert.ok(count <= MAX_LINES, `${count} lines`);
});

Deno.test("the README needs two set-up commands, and no others", () => {
  const commands = ["npx --yes deno@2.9.6 task dev\n", "npx --yes deno@2.9.6 task test\n"];
  assert.deepEqual(codeBlocks(section(readme, "Start"), "sh"), commands);
  const others = allCodeBlocks(readme).map(({ code }) => code).filter((code) =>
    /\b(deno|npx|npm|docker|apt-get)\b/.test(code)
  );
  assert.deepEqual(others, commands);
});

Deno.test("the README promises five things and shows five figures", () => {
  assert.equal(section(readme, "What it promises").match(/^- /gm)?.length, 5);
  assert.equal(rows(section(readme, "How fast")).length, 5);
});

Deno.test("the README's figures are those of the page on performance", () => {
  const performance = page("docs/performance.md");
  for (const [work, ...cells] of rows(section(readme, "How fast"))) {
    for (const cell of cells) {
      const [figure] = cell.match(/^[\d.,]+/) ?? [""];
      assert.ok(performance.includes(figure), `${work}: ${cell}`);
    }
  }
});

Deno.test("the README counts the faults that the page on guarantees shows", () => {
  const shown = rows(page("docs/guarantees.md")).filter((cells) => cells.at(-1) === "kept");
  const [, count] = /(\d+)\s+faults\s+and\s+floods/.exec(readme) ?? [];
  assert.equal(count, String(shown.length));
});

Deno.test("the README names every page of docs/", () => {
  for (const { path } of documents) {
    if (path !== "README.md") {
      assert.ok(section(readme, "Documentation").includes(`(${path})`), path);
    }
  }
});
