/**
 * Which librdkafka is opened, and what a user is told when none can be.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  builtLibraryPath,
  libraryCandidates,
  LibraryError,
  openLibrary,
} from "../../src/ffi/library.ts";
import { hasCompiler } from "../support/machine.ts";
import { compileLibrary } from "./c_header.ts";

Deno.test("the library built into native/ is tried before the system's", () => {
  const [first, second, ...others] = libraryCandidates(undefined);
  assert.match(String(first), new RegExp(`/native/${Deno.build.target}/librdkafka\\.[^/]+$`));
  assert.match(String(second), /^librdkafka\.[^/]+$/);
  assert.deepEqual(others, []);
});

Deno.test("a path that the user names is the only one that is tried", () => {
  assert.deepEqual(libraryCandidates("/opt/mine.so"), ["/opt/mine.so"]);
});

Deno.test("an empty path is as good as none", () => {
  assert.deepEqual(libraryCandidates(""), libraryCandidates(undefined));
});

Deno.test("the built library opens and says which version it is", () => {
  const path = builtLibraryPath();
  const library = openLibrary([path]);
  assert.equal(library.path, path);
  assert.match(library.version, /^2\.\d+\.\d+/);
  assert.equal(library.versionNumber >>> 24, 2);
});

Deno.test("a candidate that cannot be opened gives way to the next one", () => {
  const path = builtLibraryPath();
  const library = openLibrary(["/nowhere/librdkafka.so.1", path]);
  assert.equal(library.path, path);
  assert.match(library.passedOver.join(), /^\/nowhere\/librdkafka\.so\.1: .+/);
});

Deno.test("when none can be opened, the error lists every path and the ways out", () => {
  const error = openingFails(["/nowhere/librdkafka.so.1", "/not/here/either.so"]);
  assert.match(error.message, /^Cannot open librdkafka\. Tried:\n/);
  assert.match(error.message, /^ {2}\/nowhere\/librdkafka\.so\.1: .+$/m);
  assert.match(error.message, /^ {2}\/not\/here\/either\.so: .+$/m);
  for (const way of ["deno task native", "apt-get install", "brew install", "RAFKA_LIBRDKAFKA="]) {
    assert.ok(error.message.includes(way), `"${way}" is missing in: ${error.message}`);
  }
});

Deno.test("a file that is no library is named in the error", async () => {
  const path = await Deno.makeTempFile({ prefix: "rafka-", suffix: ".so" });
  try {
    await Deno.writeTextFile(path, "this is no library\n");
    assert.ok(openingFails([path]).message.includes(`  ${path}: `));
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "a library without the functions of librdkafka is refused, and the error names one of them",
  ignore: !hasCompiler,
  async fn(): Promise<void> {
    const message = await withLibrary("int unrelated(void) { return 0; }\n", (path) => {
      return openingFails([path]).message;
    });
    assert.match(message, /rd_kafka_\w+/);
  },
});

Deno.test({
  name:
    "a librdkafka older than 2.0 is refused with its version, not with a function that it lacks",
  ignore: !hasCompiler,
  async fn(): Promise<void> {
    const source = `
      int rd_kafka_version(void) { return 0x010802ff; }
      const char *rd_kafka_version_str(void) { return "1.8.2"; }
    `;
    const message = await withLibrary(source, (path) => openingFails([path]).message);
    assert.match(message, /librdkafka 1\.8\.2 is too old, 2\.0 or newer is needed/);
  },
});

function openingFails(candidates: readonly string[]): LibraryError {
  try {
    openLibrary(candidates);
  } catch (error) {
    assert.ok(error instanceof LibraryError, String(error));
    return error;
  }
  assert.fail("it was opened");
}

async function withLibrary<T>(source: string, use: (path: string) => T): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "rafka-" });
  try {
    await compileLibrary(source, `${folder}/stub.so`);
    return use(`${folder}/stub.so`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
