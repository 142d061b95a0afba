/**
 * The Debian package installed, upgraded, removed and purged by dpkg, in a root of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { readNeeds } from "../../tasks/native/needs.ts";
import { DebFolder, DebRoot, run } from "../support/deb.ts";
import { canInstallPackages, compiledBinary, hasCompiler } from "../support/machine.ts";

const config = "/etc/rafka/config.json";

/** A test with packages to build, and a root to install them into. */
function testInstalling(
  name: string,
  run: (folder: DebFolder, root: DebRoot) => Promise<void>,
): void {
  Deno.test({
    name,
    ignore: !canInstallPackages,
    async fn(): Promise<void> {
      using folder = new DebFolder();
      using root = await DebRoot.create();
      await run(folder, root);
    },
  });
}

testInstalling("installing starts nothing, and says how to", async (folder, root) => {
  const said = await root.dpkg("--install", await folder.build());
  assert.match(
    said,
    /Name it in \/etc\/rafka\/config\.json, then\n {2}systemctl enable --now rafka/,
  );
  assert.deepEqual(await root.calls(), ["systemctl daemon-reload"]);
});

testInstalling("the installed configuration is root's alone", async (folder, root) => {
  await root.dpkg("--install", await folder.build());
  const { mode, uid } = await Deno.stat(root.path + config);
  assert.deepEqual({ mode: mode! & 0o777, uid }, { mode: 0o600, uid: 0 });
});

testInstalling(
  "an upgrade restarts a gateway that runs, and keeps the configuration",
  async (folder, root) => {
    await root.dpkg("--install", await folder.build({ version: "0.0.1" }));
    await root.write(config, "mine");
    await root.calls();
    const said = await root.dpkg("--install", await folder.build({ version: "0.0.2" }));
    assert.deepEqual(await root.calls(), [
      "systemctl daemon-reload", // of the old package's postrm
      "systemctl daemon-reload",
      "deb-systemd-invoke try-restart rafka.service",
      "systemctl list-units --plain --no-legend --state=active rafka@*.service",
      "systemctl --quiet is-enabled rafka.service",
    ]);
    assert.equal(await Deno.readTextFile(root.path + config), "mine");
    assert.doesNotMatch(said, /Rafka is not started/);
  },
);

testInstalling(
  "an upgrade restarts gateways on one port one after the other",
  async (folder, root) => {
    await root.dpkg("--install", await folder.build({ version: "0.0.1" }));
    const units = ["rafka@6391.service", "rafka@6392.service"];
    const lines = units.map((unit) => `${unit} loaded active running Rafka`).join("\\n");
    await root.write(
      "/usr/bin/systemctl",
      `#!/bin/sh\n[ "$1" != list-units ] || echo "${lines}"\n`,
    );
    await root.calls();
    await root.dpkg("--install", await folder.build({ version: "0.0.2" }));
    assert.deepEqual(
      await root.calls(),
      ["rafka.service", ...units].map((unit) => `deb-systemd-invoke try-restart ${unit}`),
    );
  },
);

testInstalling(
  "a gateway that cannot be started again is no reason for the upgrade to fail",
  async (folder, root) => {
    await root.dpkg("--install", await folder.build({ version: "0.0.1" }));
    await root.write("/usr/bin/deb-systemd-invoke", "#!/bin/sh\nexit 1\n");
    await root.dpkg("--install", await folder.build({ version: "0.0.2" }));
    await root.dpkg("--remove", "rafka");
  },
);

testInstalling(
  "removing stops the gateway, and leaves the configuration only",
  async (folder, root) => {
    const before = await root.paths();
    await root.dpkg("--install", await folder.build());
    await root.calls();
    await root.dpkg("--remove", "rafka");
    assert.deepEqual(await root.calls(), [
      "deb-systemd-invoke stop rafka.service",
      "systemctl stop rafka@*.service",
      "systemctl --quiet disable rafka.service rafka@.service",
      "systemctl daemon-reload",
    ]);
    const left = (await root.paths()).filter((path) => !before.includes(path));
    assert.deepEqual(left, ["/etc", "/etc/rafka", config]);
  },
);

testInstalling(
  "purging leaves nothing, not even keys beside the configuration",
  async (folder, root) => {
    const before = await root.paths();
    await root.dpkg("--install", await folder.build());
    await root.write("/etc/rafka/client.key", "mine");
    await root.dpkg("--purge", "rafka");
    assert.deepEqual(await root.paths(), before);
    const { text } = await run("dpkg-query", `--admindir=${root.path}/var/lib/dpkg`, "--list");
    assert.doesNotMatch(text, /^.. {2}rafka/m);
  },
);

testInstalling(
  "where systemd does not run, the package is installed and purged all the same",
  async (folder, root) => {
    await Deno.remove(`${root.path}/run/systemd`, { recursive: true });
    for (const name of ["systemctl", "deb-systemd-invoke"]) {
      await Deno.remove(`${root.path}/usr/bin/${name}`);
    }
    const before = await root.paths();
    await root.dpkg("--install", await folder.build());
    await root.dpkg("--purge", "rafka");
    assert.deepEqual(await root.paths(), before);
  },
);

Deno.test({
  name: "compiled: the installed program runs with what the package asks for",
  ignore: !canInstallPackages || compiledBinary === undefined,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    using root = await DebRoot.create(compiledBinary!);
    const target = Deno.build.target;
    await root.dpkg("--install", await folder.build({ binary: compiledBinary!, target }));
    // In namespaces of its own, for the /proc in which it finds its library.
    const enter =
      'mkdir "$0/proc" && mount --rbind /proc "$0/proc" && exec chroot "$0" rafka --version';
    const { code, text } = await run("unshare", "--mount", "sh", "-c", enter, root.path);
    assert.equal(code, 0, text);
    assert.match(text, new RegExp(`^rafka ${project.version}\n.*\nlibrdkafka 2\\.`));
  },
});

Deno.test({
  name: "compiled: the program needs no newer C library than the package asks for",
  ignore: compiledBinary === undefined || !hasCompiler, // readelf comes with it
  async fn(): Promise<void> {
    const { libraries, tooNew, glibc } = await readNeeds(compiledBinary!);
    assert.deepEqual({ libraries, tooNew }, { libraries: [], tooNew: [] });
    assert.match(glibc!, /^2\.\d+$/);
  },
});
