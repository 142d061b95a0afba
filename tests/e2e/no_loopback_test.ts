/**
 * A machine without a working loopback interface, by way of a network namespace: it starts and ends there as anywhere.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ConfigFile } from "../support/config_file.ts";
import { hasNamespaces } from "../support/machine.ts";
import { type Launcher, Program, runProgram, startArguments } from "../support/program.ts";

const ADDRESS = ["--host", "0.0.0.0", "--port", "0"];
const KAFKA = { general: { "bootstrap.servers": "127.0.0.1:1" } };

/** A network of its own, in which the loopback interface is down until `setUp`. */
function inNamespace(setUp = ""): Launcher {
  return (args, env) => ({
    command: "unshare",
    args: [
      "-n",
      "bash",
      "-c",
      `${setUp} exec "$0" "$@"`,
      Deno.execPath(),
      ...startArguments,
      ...args,
    ],
    cwd: new URL("../../", import.meta.url),
    env,
  });
}

const onlyIpv6 = inNamespace("ip link set lo up && ip addr del 127.0.0.1/8 dev lo &&");

for (
  const [network, launcher] of [["lo is down", inNamespace()], [
    "lo has ::1 only",
    onlyIpv6,
  ]] as const
) {
  Deno.test({
    name: `It starts, and SIGTERM ends it, where ${network}`,
    ignore: !hasNamespaces(),
    async fn(): Promise<void> {
      using file = new ConfigFile(JSON.stringify(KAFKA));
      await using program = await Program.spawn(["--config", file.path, ...ADDRESS], {}, launcher);
      await program.logged("Listening on 0.0.0.0:", 1, 20_000);
      program.signal("SIGTERM");
      assert.equal(await program.exited(), 0, program.log);
      assert.doesNotMatch(program.log, /Bug/);
    },
  });
}

Deno.test({
  name: "Without 127.0.0.1 there is no embedded Kafka, which is said in one line",
  ignore: !hasNamespaces(),
  async fn(): Promise<void> {
    const { code, stderr } = await runProgram(["--dev", ...ADDRESS], {}, onlyIpv6);
    assert.equal(code, 1, stderr);
    assert.match(
      stderr,
      /^rafka: Cannot use 127\.0\.0\.1, which the embedded Kafka needs: .*`ip addr show lo`.*\n$/m,
    );
    assert.doesNotMatch(stderr, / at /);
  },
});
