/**
 * Every command is documented, with its reply.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { replies } from "../../tasks/docs/replies.ts";
import { page, rows, section } from "./documents.ts";

Deno.test("each command has a reply in the documentation, and no other has", () => {
  const names = commands.map(({ name }) => name);
  assert.deepEqual(Object.keys(replies).sort(), names.sort());
});

Deno.test("each command is in the page on commands once, with usage, reply and summary", () => {
  const listed = rows(section(page("docs/commands.md"), "All commands"));
  const expected = commands.map((
    { name, usage, summary },
  ) => [`\`${usage}\``, replies[name]!, summary]);
  assert.deepEqual(listed.sort(), expected.sort());
});
