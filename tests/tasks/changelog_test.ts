/**
 * The changelog before, at and after a release: what is released is written down under its version, once.
 *
 * @module
 */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { cutRelease, releaseNotes } from "../../tasks/release/changelog.ts";
import { TaskError } from "../../tasks/say.ts";

const head = "# Changelog\n\nMarks and so on.\n\n";
const old = "## 0.1.0 - 2026-01-31\n\n- All of it.\n";

Deno.test("cutting gives what is unreleased its version and date, and changes nothing else", () => {
  const changelog = `${head}## Unreleased\n\n- More.\n\n${old}`;
  const cut = cutRelease(changelog, "0.2.0", "2026-02-28");
  assert.equal(cut, `${head}## 0.2.0 - 2026-02-28\n\n- More.\n\n${old}`);
  assert.equal(releaseNotes(cut, "0.2.0"), "- More.\n");
});

Deno.test("release notes are the section of the version, with its own headings", () => {
  const section = "## 0.2.0 - 2026-02-28\n\nText.\n\n### Added\n\n- More.\n";
  assert.equal(
    releaseNotes(`${head}${section}\n${old}`, "0.2.0"),
    "Text.\n\n### Added\n\n- More.\n",
  );
});

Deno.test("an empty unreleased section is in nobody's way", () => {
  assert.equal(releaseNotes(`${head}## Unreleased\n\n${old}`, "0.1.0"), "- All of it.\n");
});

const notReleasable = [
  {
    name: "all is unreleased",
    text: `${head}## Unreleased\n\n- More.\n`,
    says: ["no section '## 0.1.0 - <YYYY-MM-DD>'", "deno task release --cut"],
  },
  {
    name: "it is released, and there are new changes",
    text: `${head}## Unreleased\n\n- More.\n\n${old}`,
    says: ["above 0.1.0", "raise the version in deno.json"],
  },
  {
    name: "a newer version is on top",
    text: `${head}## 0.2.0 - 2026-02-28\n\n- More.\n\n${old}`,
    says: ["deno.json says version 0.1.0", "is 0.2.0"],
  },
  {
    name: "an older version is on top",
    text: `${head}## 0.0.9 - 2026-01-01\n\n- Less.\n`,
    says: ["deno.json says version 0.1.0", "is 0.0.9"],
  },
  { name: "it is empty", text: head, says: ["no section '## 0.1.0"] },
  { name: "its section is empty", text: "## 0.1.0 - 2026-01-31\n", says: ["nothing about 0.1.0"] },
  { name: "it has no date", text: "## 0.1.0\n\n- All.\n", says: ["'## 0.1.0' is neither"] },
  {
    name: "its date does not exist",
    text: "## 0.1.0 - 2026-02-30\n\n- All.\n",
    says: ["2026-02-30' is neither"],
  },
];

for (const { name, text, says } of notReleasable) {
  Deno.test(`0.1.0 is not released when ${name}`, () => {
    assert.throws(() => releaseNotes(text, "0.1.0"), saysAll(says));
  });
}

const notCuttable = [
  {
    name: "nothing is unreleased",
    text: `${head}${old}`,
    version: "0.2.0",
    says: ["nothing under"],
  },
  {
    name: "the unreleased section is empty",
    text: `${head}## Unreleased\n\n${old}`,
    version: "0.2.0",
    says: ["nothing under"],
  },
  {
    name: "the version is released",
    text: `${head}## Unreleased\n\n- More.\n\n${old}`,
    version: "0.1.0",
    says: ["0.1.0 is released already", "deno.json"],
  },
  {
    name: "a later version is released",
    text: `${head}## Unreleased\n\n- More.\n\n${old.replace("0.1.0", "0.10.0")}`,
    version: "0.9.0",
    says: ["0.10.0 is released already"],
  },
];

for (const { name, text, version, says } of notCuttable) {
  Deno.test(`nothing is cut when ${name}`, () => {
    assert.throws(() => cutRelease(text, version, "2026-02-28"), saysAll(says));
  });
}

Deno.test("a version follows its own release candidates", () => {
  const candidate = old.replace("0.1.0", "0.1.0-rc.1");
  const changelog = `${head}## Unreleased\n\n- More.\n\n${candidate}`;
  assert.match(cutRelease(changelog, "0.1.0", "2026-02-28"), /^## 0\.1\.0 - 2026-02-28$/m);
});

Deno.test("our own changelog can be released, or only a cut or a new version is missing", async () => {
  const changelog = await Deno.readTextFile(new URL("../../CHANGELOG.md", import.meta.url));
  try {
    assert.ok(releaseNotes(changelog, project.version).length > 0);
  } catch (error) {
    assert.match(String(error), /deno task release --cut|raise the version/);
  }
});

function saysAll(words: readonly string[]): (error: unknown) => boolean {
  return (error) => {
    assert.ok(error instanceof TaskError);
    for (const part of words) assert.ok(error.message.includes(part), error.message);
    return true;
  };
}
