/**
 * The systemd unit, as far as systemd can say without starting it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { MAX_FLUSH_TIMEOUT_MS, serverDefaults } from "../../src/config/schema.ts";
import { longestShutdownMs, TIMEOUTS } from "../../src/config/timeouts.ts";
import { hasSystemdAnalyze } from "../support/machine.ts";

const unit = new URL("../../packaging/rafka.service", import.meta.url);

/** systemd 252 says 1.3 of the file, from 0 (nothing is open) to 10; one with nothing of this sort has 9.6. */
const MAX_EXPOSURE = 1.5;

Deno.test({
  name: "systemd finds nothing wrong with the unit",
  ignore: !hasSystemdAnalyze,
  async fn(): Promise<void> {
    const { code, text } = await analyze("verify", "--man=no");
    assert.deepEqual({ code, text }, { code: 0, text: "" });
  },
});

Deno.test({
  name: `the unit leaves little open: systemd's figure is at most ${MAX_EXPOSURE}`,
  ignore: !hasSystemdAnalyze,
  async fn(): Promise<void> {
    const { text } = await analyze("security", "--offline=true", "--no-pager");
    const exposure = Number(/Overall exposure level for rafka\.service: ([\d.]+)/.exec(text)?.[1]);
    assert.ok(exposure <= MAX_EXPOSURE, text);
  },
});

Deno.test("a shutdown ends, by its own deadlines, 5 s before systemd kills", async () => {
  const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(await Deno.readTextFile(unit))?.[1]);
  const stepsMs = longestShutdownMs(TIMEOUTS);
  assert.ok(stepsMs + serverDefaults.flushTimeoutMs < 25_000, `${stepsMs} ms and the default`);
  const longestMs = stepsMs + MAX_FLUSH_TIMEOUT_MS;
  assert.ok(longestMs < (seconds - 5) * 1_000, `${longestMs} ms, TimeoutStopSec is ${seconds} s`);
});

/** On a copy that starts a program which is here. */
async function analyze(...args: string[]): Promise<{ code: number; text: string }> {
  const folder = await Deno.makeTempDir({ prefix: "rafka-unit-" });
  try {
    const text = await Deno.readTextFile(unit);
    const path = `${folder}/rafka.service`;
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
