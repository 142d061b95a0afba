/**
 * The compiled gateway on a machine that has nothing but the C library: what an operator gets who copies one file.
 *
 * @module
 */
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { BareMachine } from "../support/bare_machine.ts";
import { TestCluster } from "../support/kafka.ts";
import { compiledBinary, compilerRuntime, hasBareMachine, hasScript } from "../support/machine.ts";
import { Program, runProgram } from "../support/program.ts";

function testBare(name: string, run: (machine: BareMachine) => Promise<void>): void {
  Deno.test({
    name: `compiled: ${name}`,
    ignore: !hasBareMachine,
    async fn(): Promise<void> {
      using machine = await BareMachine.create();
      await run(machine);
    },
  });
}

Deno.test({
  name: "compiled: the executable has at most 10 MB more than the runtime that it is made with",
  ignore: compiledBinary === undefined || compilerRuntime === undefined,
  async fn(): Promise<void> {
    const [whole, runtime] = await Promise.all(
      [compiledBinary!, compilerRuntime!.denort].map(async (path) => (await Deno.stat(path)).size),
    );
    assert.ok(whole! - runtime! < 10_000_000, `${whole! - runtime!} bytes more`);
  },
});

Deno.test({
  name: "compiled: on a terminal, what it may not do is refused, not asked for",
  ignore: compiledBinary === undefined || !hasScript,
  async fn(): Promise<void> {
    const command = new Deno.Command("script", {
      args: [
        "--quiet",
        "--return",
        "--command",
        `${compiledBinary} --config /etc/hostname`,
        "/dev/null",
      ],
      stdin: "piped", // open and silent, as a terminal at which nobody sits
      stdout: "piped",
      signal: AbortSignal.timeout(20_000),
    });
    const process = command.spawn();
    const { code, stdout } = await process.output();
    const shown = new TextDecoder().decode(stdout);
    assert.match(shown, /^rafka: Cannot read the configuration file \/etc\/hostname/);
    assert.equal(code, 2, shown);
  },
});

testBare("--version names its own librdkafka", async ({ launch }) => {
  const { code, stdout, stderr } = await runProgram(["--version"], {}, launch);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(
    stdout,
    new RegExp(`^rafka ${project.version}\ndeno 2\\.\\d+\\.\\d+\nlibrdkafka 2\\.`),
  );
});

testBare("--licenses prints those of all that is inside, into a pipe, too", async ({ launch }) => {
  const { code, stdout, stderr } = await runProgram(["--licenses"], {}, launch);
  assert.deepEqual([code, stderr], [0, ""]);
  for (const name of ["zod", "librdkafka", "openssl", "zlib", "zstd", "lz4", "deno", "v8"]) {
    assert.match(stdout, new RegExp(`^  ${name} \\d+\\.\\S+ +(Apache|BSD|MIT|Zlib)`, "m"));
  }
  assert.match(stdout, /Cargo\.lock\n/);
  assert.ok(stdout.endsWith("POSSIBILITY OF SUCH DAMAGE.\n"));
});

testBare("five lines of configuration, then produce and consume", async (machine) => {
  await using kafka = await TestCluster.start();
  machine.writeFile(
    "config.json",
    `{
  "general": {
    "bootstrap.servers": "${kafka.mock.bootstrapServers}"
  }
}
`,
  );
  await using program = await Program.start(["--config", "config.json"], {}, machine.launch);
  using client = await program.connect();
  assert.equal(await client.ask("RPUSHX", "topics:greetings", "hello"), ":1\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  await client.ask("CLIENT", "SETNAME", "group:worker");
  assert.equal((await client.pop("topics:greetings", 30))?.value, "hello");
  const health = await runProgram(
    ["--healthcheck", "--port", `${program.port}`],
    {},
    machine.launch,
  );
  assert.deepEqual(health, { code: 0, stdout: "", stderr: "" });
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0, program.log);
  assert.match(program.log, /librdkafka \S+ \(built-in\) with \S*\bssl\b/);
  for (const feature of ["gzip", "snappy", "lz4", "zstd", "sasl_plain", "sasl_scram"]) {
    assert.match(program.log, new RegExp(`\\b${feature}\\b`));
  }
});

testBare("it leaves no file behind, also after kill -9", async (machine) => {
  const before = machine.files();
  await using program = await Program.start(["--dev"], {}, machine.launch);
  assert.deepEqual(machine.files(), before);
  program.signal("SIGKILL");
  await program.exited();
  assert.deepEqual(machine.files(), before);
});

testBare("it may not read what is not its own, and says what to do", async (machine) => {
  const { code, stderr } = await runProgram(["--config", "/rafka"], {}, machine.launch);
  assert.equal(code, 2);
  assert.match(
    stderr,
    /^rafka: Cannot read the configuration file \/rafka: Rafka may read the working/,
  );
  assert.match(stderr, /--config - < \/rafka/);
});

testBare("--check-config works without a Kafka", async (machine) => {
  machine.writeFile("config.json", '{"general": {"bootstrap.servers": "a:1", "linger.ms": -1}}');
  const { code, stderr } = await runProgram(
    ["--check-config", "--config", "config.json"],
    {},
    machine.launch,
  );
  assert.equal(code, 2);
  assert.match(stderr, / 'linger\.ms' is -1: .*value -1 is outside allowed range 0\.\.900000\n$/);
});

testBare("a folder for the library is used instead of memory", async (machine) => {
  const before = machine.files();
  const env = { RAFKA_LIBRARY_DIR: "/home" };
  await using program = await Program.start(["--dev"], env, machine.launch);
  assert.match(program.log, /\(built-in\)/);
  assert.deepEqual(machine.files(), before);
});

testBare(
  "a folder for the library that may not hold programs is named, with the way out",
  async ({ launch }) => {
    const { code, stderr } = await runProgram(["--dev"], { RAFKA_LIBRARY_DIR: "/noexec" }, launch);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /the built-in one, unpacked in \/noexec: .*failed to map segment/,
    );
    assert.match(stderr, /RAFKA_LIBRARY_DIR=<folder> .* not mounted with noexec/);
  },
);

testBare(
  "a folder for the library that cannot be used is named, with the way out",
  async ({ launch }) => {
    const { code, stderr } = await runProgram(["--dev"], { RAFKA_LIBRARY_DIR: "/proc" }, launch);
    assert.equal(code, 1);
    assert.match(
      stderr,
      /^rafka: Cannot open librdkafka\. Tried:\n {2}the built-in one, unpacked in \/proc: Cannot make a file in \/proc: /,
    );
    assert.match(stderr, /RAFKA_LIBRARY_DIR=<folder>/);
  },
);
