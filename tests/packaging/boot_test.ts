/**
 * The Debian package on a Debian that has booted, with systemd as its first process: boot.sh is what happens there.
 *
 * @module
 */
import assert from "node:assert/strict";
import { DebFolder } from "../support/deb.ts";
import { canBoot, compiledBinary, debianRoot } from "../support/machine.ts";

const DEADLINE_MS = 180_000;

/** Starts the script and ends the machine with it. */
const UNIT = `
[Unit]
SuccessAction=exit
FailureAction=exit
[Service]
Type=oneshot
ExecStart=/bin/sh /test/boot.sh
StandardOutput=file:/test/outcomes
StandardError=file:/test/log
`;

Deno.test({
  name:
    "on a booted Debian the service starts, is restarted, stops, refuses, and goes without a trace",
  ignore: !canBoot || compiledBinary === undefined,
  async fn(): Promise<void> {
    using folder = new DebFolder();
    const deb = await folder.build({ binary: compiledBinary!, target: Deno.build.target });
    await Deno.rename(deb, `${folder.path}/rafka.deb`);
    await Deno.copyFile(new URL("boot.sh", import.meta.url), `${folder.path}/boot.sh`);
    await Deno.writeTextFile(`${folder.path}/rafka-test.service`, UNIT);
    const { success, stdout, stderr } = await new Deno.Command("systemd-nspawn", {
      args: [
        "--quiet",
        `--directory=${debianRoot}`,
        "--volatile=overlay", // nothing of it is changed
        "--register=no", // there may be no systemd on this machine to register with
        "--keep-unit",
        `--bind=${folder.path}:/test`,
        `--bind-ro=${folder.path}/rafka-test.service:/etc/systemd/system/rafka-test.service`,
        "--boot",
        "systemd.wants=rafka-test.service",
      ],
      stdin: "null",
      signal: AbortSignal.timeout(DEADLINE_MS),
    }).output();
    const console = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    assert.ok(success, console);
    const log = await Deno.readTextFile(`${folder.path}/log`);
    assert.deepEqual(outcomes(await Deno.readTextFile(`${folder.path}/outcomes`)), {
      "installed": "inactive disabled",
      "started": "active notify Listening on port ",
      "healthcheck": "0",
      "root": "no",
      "capabilities": "0000000000000000",
      "killed": "active after 1 restart",
      "healthcheck-again": "0",
      "stopped": "inactive success 0",
      "misconfigured": "failed 2 after 0 restarts",
      "explained": "1",
      "together": "inactive active active",
      "healthcheck-of-any": "0",
      "healthcheck-of-one": "0",
      "all-three": "active active active",
      "left": "inactive inactive inactive",
      "enabled": "",
      "purged": "all",
    }, log);
  },
});

/** The lines `name: value`, without what the commands themselves have said. */
function outcomes(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^([a-z-]+): (.*)$/gm)].map((match) => match.slice(1)),
  );
}
