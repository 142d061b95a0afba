/**
 * The tasks as a newcomer runs them: how they end, and what they say.
 *
 * @module
 */
import assert from "node:assert/strict";
import { extras } from "../support/machine.ts";
import { until } from "../support/gateway.ts";
import { signalProcess } from "../support/signal_process.ts";

const project = new URL("../../", import.meta.url);
const decoder = new TextDecoder();

/** `deno task` with a variable or two, and none of those that this test was started with. */
function task(args: readonly string[], env: Record<string, string> = {}): Deno.Command {
  const { PATH = "", HOME = "", DENO_DIR = "" } = Deno.env.toObject();
  return new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", ...args],
    cwd: project,
    clearEnv: true,
    env: { PATH, HOME, ...DENO_DIR && { DENO_DIR }, ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

Deno.test("task dev ends when its port is in use, and names --port", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { code, stderr } = await task(["dev", "--port", String(port)]).output();
  assert.equal(code, 1);
  assert.match(
    decoder.decode(stderr),
    new RegExp(`Port ${port} of 127.* is in use: .* --port <number>`),
  );
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test(`task dev ends with ${signal}, and the gateway in order`, async () => {
    const child = task(["dev", "--port", "0"]).spawn();
    let log = "";
    const reading = (async (): Promise<void> => {
      for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) log += text;
    })();
    await until(() => log.includes("Listening on 127.0.0.1:"), "the start", 60_000);
    signalProcess(child, signal);
    const [{ code }] = await Promise.all([child.status, reading, child.stdout.cancel()]);
    assert.equal(code, 0, log);
    assert.match(log, /Shutdown is complete/);
    assert.doesNotMatch(log, /Bug|exit at once/);
  });
}

Deno.test("task test has no colours where there is no terminal", async () => {
  const { code, stdout } = await task(["test", "tests/resp/bytes_test.ts"]).output();
  const text = decoder.decode(stdout);
  assert.equal(code, 0, text);
  assert.match(text, /\d+ passed, 0 failed\n$/);
  assert.ok(!text.includes("\x1b"), text);
});

Deno.test("what task test misses is named without a path of somebody's machine", () => {
  for (const { name, howToGet } of extras) {
    assert.doesNotMatch(`${name} ${howToGet}`, /\.\.\/|\/work|\/home/);
  }
});

Deno.test({
  name: "task compile says what it downloads, and leaves no file that does not run",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const parts = new URL(`dist/${Deno.build.target}/`, project);
    for (const DENORT_BIN of ["/nowhere/denort", Deno.execPath()]) {
      const { code, stderr } = await task(["compile"], { DENORT_BIN }).output();
      assert.equal(code, 1, decoder.decode(stderr));
      const left = await Array.fromAsync(Deno.readDir(parts), ({ name }) => name);
      assert.deepEqual(left.filter((name) => name.startsWith("rafka.unchecked")), []);
    }
    // no address is looked up: its proxy is nowhere
    const offline = { HTTPS_PROXY: "http://127.0.0.1:1", DENO_DIR: await Deno.makeTempDir() };
    const child = task(["compile"], offline).spawn();
    const { value } = await child.stderr.getReader().read();
    signalProcess(child);
    await Promise.all([child.status, child.stdout.cancel()]);
    await Deno.remove(offline.DENO_DIR, { recursive: true });
    assert.match(
      decoder.decode(value),
      /^Needs the runtime denort .* https:\/\/dl\.deno\.land\/release\/v.*\.zip.* DENORT_BIN=<path>/,
    );
  },
});
