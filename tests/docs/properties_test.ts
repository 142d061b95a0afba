/**
 * The table of properties in docs/security.md: each property has a row, and each row names tests that there are, with the
 * number of the property in their names.
 *
 * @module
 */
import assert from "node:assert/strict";

const COUNT = 30;
const project = new URL("../../", import.meta.url);
const page = await Deno.readTextFile(new URL("docs/security.md", project));

interface Property {
  readonly number: number;
  readonly files: readonly string[];
}

const properties = Array.from(
  page.matchAll(/^\| (\d+)\. [^|]*\|([^|]*)\|$/gm),
  ([, number, tests]): Property => ({ number: Number(number), files: filesIn(tests!) }),
);

/** A file without a folder is in the folder of the one before it. */
function filesIn(tests: string): string[] {
  let folder = "";
  return Array.from(tests.matchAll(/`([^`]+)`/g), ([, name]) => {
    const isPath = name!.includes("/");
    if (isPath) folder = name!.slice(0, name!.lastIndexOf("/") + 1);
    return isPath ? name! : folder + name;
  });
}

Deno.test("each property of security has a row", () => {
  const numbers = new Set(properties.map(({ number }) => number));
  assert.deepEqual(
    [...numbers].sort((a, b) => a - b),
    Array.from({ length: COUNT }, (_, at) => at + 1),
  );
});

for (const { number, files } of properties) {
  Deno.test(`${number} is the number of tests in ${files.join(", ")}`, async () => {
    assert.ok(files.length > 0);
    for (const file of files) {
      const source = await Deno.readTextFile(new URL(file, project));
      const names = Array.from(
        source.matchAll(/Deno\.test\(\s*["`]([\d, ]+):/g),
        ([, list]) => list!,
      );
      const numbers = names.flatMap((list) => list.split(", ").map(Number));
      assert.ok(numbers.includes(number), `${file} has no test of ${number}`);
    }
  });
}
