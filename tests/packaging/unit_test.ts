/**
 * The systemd units, as far as systemd can say without starting them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MAX_FLUSH_TIMEOUT_MS, serverDefaults } from "../../src/config/schema.ts";
import { longestShutdownMs, TIMEOUTS } from "../../src/config/timeouts.ts";
import { hasSystemdAnalyze } from "../support/machine.ts";

/** One gateway, and one of several on a port. */
const UNITS = ["rafka.service", "rafka@.service"];

/** systemd 252 says 1.3 of the file, from 0 (nothing is open) to 10; one with nothing of this sort has 9.6. */
const MAX_EXPOSURE = 1.5;

for (const unit of UNITS) {
  Deno.test({
    name: `systemd finds nothing wrong with ${unit}`,
    ignore: !hasSystemdAnalyze,
    async fn(): Promise<void> {
      const { code, text } = await analyze(unit, "verify", "--man=no");
      assert.deepEqual({ code, text }, { code: 0, text: "" });
    },
  });

  Deno.test({
    name: `${unit} leaves little open: systemd's figure is at most ${MAX_EXPOSURE}`,
    ignore: !hasSystemdAnalyze,
    async fn(): Promise<void> {
      const { text } = await analyze(unit, "security", "--offline=true", "--no-pager");
      const exposure = Number(/Overall exposure level for rafka\S*: ([\d.]+)/.exec(text)?.[1]);
      assert.ok(exposure <= MAX_EXPOSURE, text);
    },
  });
}

Deno.test("several gateways run as one does, but for what must differ", async () => {
  const [one, several] = await Promise.all(UNITS.map(directivesOf));
  assert.deepEqual(several!.filter((line) => !one!.includes(line)), [
    "Description=Rafka, Kafka for every Redis client, with its HTTP port at %i",
    "ExecStart=/usr/bin/rafka --config ${CREDENTIALS_DIRECTORY}/config.json --http-port %i",
    "WorkingDirectory=/run/credentials/%n",
  ]);
  assert.equal(several!.length, one!.length);
});

Deno.test("a shutdown ends, by its own deadlines, 5 s before systemd kills", async () => {
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(await read("rafka.service"))?.[1]);
  const stepsMs = longestShutdownMs(TIMEOUTS);
  assert.ok(stepsMs + serverDefaults.flushTimeoutMs < 25_000, `${stepsMs} ms and the default`);
  const longestMs = stepsMs + MAX_FLUSH_TIMEOUT_MS;
  assert.ok(longestMs < (seconds - 5) * 1_000, `${longestMs} ms, TimeoutStopSec is ${seconds} s`);
});

function read(unit: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../packaging/${unit}`, import.meta.url));
}

/** The lines that systemd reads. */
async function directivesOf(unit: string): Promise<string[]> {
  return (await read(unit)).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
}

/** On a copy that starts a program which is here. */
async function analyze(unit: string, ...args: string[]): Promise<{ code: number; text: string }> {
  const folder = await Deno.makeTempDir({ prefix: "rafka-unit-" });
  try {
    const text = await read(unit);
    const path = `${folder}/${unit}`;
    await Deno.writeTextFile(path, text.replace("/usr/bin/rafka", Deno.execPath()));
    const { code, stdout, stderr } = await new Deno.Command("systemd-analyze", {
      args: [...args, path],
    }).output();
    const decoder = new TextDecoder();
    return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
