/**
 * The librdkafka inside of a compiled program: it opens from memory or from the folder that the user names, and
 * leaves nothing behind.
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
import { unpacked } from "../../src/ffi/unpacked.ts";

const ignore = Deno.build.os !== "linux";
const bytes = ignore ? new Uint8Array() : await Deno.readFile(builtLibraryPath());

/** In pieces, as a compiled program reads it. */
function* chunks(): Generator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += 1_000_003) yield bytes.slice(at, at + 1_000_003);
}

Deno.test({
  name: "an embedded library opens from memory",
  ignore,
  fn(): void {
    const library = openLibrary(libraryCandidates(undefined, { chunks, folder: undefined }));
    assert.equal(library.path, "built-in");
    assert.match(library.version, /^2\.\d+\.\d+/);
  },
});

Deno.test({
  name: "an embedded library opens from a folder, which is empty again afterwards",
  ignore,
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-" });
    try {
      const library = openLibrary(libraryCandidates(undefined, { chunks, folder }));
      assert.equal(library.path, "built-in");
      assert.deepEqual([...Deno.readDirSync(folder)], []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "in a folder, too, the library has no name under which somebody could replace it",
  ignore,
  async fn(): Promise<void> {
    const folder = await Deno.makeTempDir({ prefix: "rafka-" });
    try {
      unpacked(chunks(), folder, () => assert.deepEqual([...Deno.readDirSync(folder)], []));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: "a folder that cannot be written to is named, with the setting and the other ways",
  ignore,
  fn(): void {
    const embedded = { chunks, folder: "/proc/nowhere" };
    const [first] = libraryCandidates(undefined, embedded);
    assert.throws(() => openLibrary([first!]), (error) => {
      assert.ok(error instanceof LibraryError);
      assert.match(
        error.message,
        /the built-in one, unpacked in \/proc\/nowhere: Cannot make a file in /,
      );
      assert.match(error.message, /No such file or directory/);
      assert.match(error.message, /RAFKA_LIBRARY_DIR=<folder>/);
      return true;
    });
  },
});
