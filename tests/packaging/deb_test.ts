/**
 * The Debian package as a file: what is in it, and what it says of itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { newestGlibc } from "../../tasks/native/glibc.ts";
import { DebFolder, run } from "../support/deb.ts";
import { hasDpkg } from "../support/machine.ts";

const ignore = !hasDpkg;

Deno.test({
  name: "the package holds the program, its unit, a configuration for root alone, and what to read",
  ignore,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    const { text } = await run("dpkg-deb", "--contents", await folder.build());
    const files = text.trimEnd().split("\n").map((line) => line.split(/\s+/))
      .map(([mode, owner, _size, _date, _time, path]) => `${mode} ${owner} ${path}`)
      .filter((line) => !line.endsWith("/"));
    assert.deepEqual(files, [
      "-rw------- root/root ./etc/rafka/config.json",
      "-rw-r--r-- root/root ./lib/systemd/system/rafka.service",
      "-rw-r--r-- root/root ./lib/systemd/system/rafka@.service",
      "-rwxr-xr-x root/root ./usr/bin/rafka",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/CHANGELOG.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/README.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/config.sample.json",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/config.sample.mtls.json",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/config.sample.sasl-plain.json",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/config.sample.sasl-scram.json",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/config.sample.tls.json",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/copyright",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/administration.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/architecture.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/clients.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/commands.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/configuration.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/contributing.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/errors.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/guarantees.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/limits.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/lists.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/monitoring.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/operations.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/performance.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/pubsub.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/security.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/streams-tools.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/docs/streams.md.gz",
      "-rw-r--r-- root/root ./usr/share/doc/rafka/licenses.txt.gz",
    ]);
  },
});

Deno.test({
  name: "all folders of the package can be entered, whatever the umask was",
  ignore,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    const umask = Deno.umask(0o077);
    try {
      const { text } = await run("dpkg-deb", "--contents", await folder.build());
      const folders = text.split("\n").filter((line) => line.endsWith("/"));
      assert.deepEqual(folders.filter((line) => !line.startsWith("drwxr-xr-x root/root ")), []);
    } finally {
      Deno.umask(umask);
    }
  },
});

Deno.test({
  name: "the package's version is that of the program, its name has the Debian architecture",
  ignore,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    const path = await folder.build({ target: "aarch64-unknown-linux-gnu" });
    assert.equal(path, `${folder.path}/rafka_${project.version}_arm64.deb`);
    const { text } = await run("dpkg-deb", "--field", path, "Package", "Version", "Architecture");
    assert.equal(text, `Package: rafka\nVersion: ${project.version}\nArchitecture: arm64\n`);
  },
});

Deno.test({
  name: "the package asks for a C library, and recommends certificates",
  ignore,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    const { text } = await run("dpkg-deb", "--field", await folder.build());
    assert.ok(text.includes(`\nDepends: libc6 (>= ${newestGlibc}), libgcc-s1\n`), text);
    assert.match(text, /^Recommends: ca-certificates$/m);
  },
});

Deno.test({
  name:
    "the package holds no time but the one that it was built with, so that the next one has the same bytes",
  ignore,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    const time = new Date("2001-02-03T04:05:06Z");
    const { text } = await run("dpkg-deb", "--contents", await folder.build({ time }));
    const lines = text.trimEnd().split("\n");
    assert.ok(lines.length > 10);
    assert.deepEqual(lines.filter((line) => !line.includes(" 2001-02-03 04:05 ")), []);
  },
});

Deno.test({
  name: "without a program the package is not built, and it is said how to get one",
  ignore,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    await assert.rejects(
      folder.build({ binary: "nowhere/rafka" }),
      /^TaskError: There is no nowhere\/rafka: deno task compile makes it$/,
    );
    const left = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
    assert.deepEqual(left.sort(), ["licenses.txt", "rafka"]);
  },
});

Deno.test("a target that Debian packages are not built for is refused with those that are", async () => {
  using folder = new DebFolder();
  await assert.rejects(
    folder.build({ target: "x86_64-pc-windows-msvc" }),
    /Cannot use --target .*x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu/,
  );
});
