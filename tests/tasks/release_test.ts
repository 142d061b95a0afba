/**
 * A release's checksums, its command line, and what it refuses.
 *
 * @module
 */
import assert from "node:assert/strict";
import { checksums } from "../../tasks/release/checksums.ts";
import { elfMachine } from "../../tasks/executable_check.ts";
import { checkBill } from "../../tasks/release/checks.ts";
import { readReleaseOptions } from "../../tasks/release/options.ts";
import { TaskError } from "../../tasks/say.ts";

Deno.test("checksums are what sha256sum writes, ordered by name", async () => {
  const files = new Map(
    [["b", "hello\n"], ["a", ""]].map(([name, text]) =>
      [name!, new TextEncoder().encode(text)] as const
    ),
  );
  assert.equal(
    await checksums(files),
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  a\n" +
      "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03  b\n",
  );
});

const commandLines = [
  { args: [], targets: ["x64", "arm64"] },
  { args: ["--target", "arm64"], targets: ["arm64"] },
  { args: ["--target", "arm64,x64"], targets: ["x64", "arm64"] },
  { args: ["--target=x64", "--target=aarch64-unknown-linux-gnu"], targets: ["x64", "arm64"] },
];

for (const { args, targets } of commandLines) {
  Deno.test(`the command line chooses targets: ${args.join(" ") || "none named"}`, () => {
    assert.deepEqual(readReleaseOptions(args).targets.map(({ name }) => name), targets);
  });
}

for (const args of [["--target", "sparc"], ["--traget", "x64"], ["x64"]]) {
  Deno.test(`a bad command line is refused with how it should be: ${args.join(" ")}`, () => {
    assert.throws(() => readReleaseOptions(args), (error) => {
      return error instanceof TaskError && error.message.includes("Usage: deno task release");
    });
  });
}

const complete = ["librdkafka", "openssl", "zlib", "zstd", "zod"].map((name) => ({ name }));

Deno.test("a program of the version, with everything inside, is released", () => {
  checkBill({ metadata: { component: { version: "0.1.0" } }, components: complete }, "0.1.0");
});

Deno.test("a program of another version is refused", () => {
  const bill = { metadata: { component: { version: "0.0.9" } }, components: complete };
  assert.throws(
    () => checkBill(bill, "0.1.0"),
    /program is version 0\.0\.9, deno\.json says 0\.1\.0/,
  );
});

Deno.test("a program whose librdkafka lacks something is refused", () => {
  const components = complete.filter(({ name }) => name !== "zstd");
  const bill = { metadata: { component: { version: "0.1.0" } }, components };
  assert.throws(() => checkBill(bill, "0.1.0"), /no zstd inside/);
});

Deno.test("the machine of an executable is in its head", () => {
  const head = new Uint8Array(20);
  assert.equal(elfMachine(head), undefined);
  head.set([0x7f, 0x45, 0x4c, 0x46]);
  head.set([183, 0], 18);
  assert.equal(elfMachine(head), 183);
});
