/**
 * The program as a user starts it: what it prints, what it refuses and in which words, and how it ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import project from "../deno.json" with { type: "json" };
import { TestClient } from "./support/client.ts";
import { ConfigFile } from "./support/config_file.ts";
import { TestKafka } from "./support/kafka_environment.ts";
import {
  type Finished,
  type Launcher,
  Program,
  runProgram,
  startArguments,
} from "./support/program.ts";

const NO_LIBRARY = { RAFKA_LIBRDKAFKA: "/nowhere/librdkafka.so" };

Deno.test("--help prints the help, without a librdkafka", async () => {
  const { code, stdout, stderr } = await runProgram(["--help"], NO_LIBRARY);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^Usage: rafka /m);
  const lines = stdout.trimEnd().split("\n");
  assert.ok(lines.length <= 24 && lines.every((line) => line.length <= 80), stdout);
});

Deno.test("--version prints the versions of all that it is made of", async () => {
  const { code, stdout, stderr } = await runProgram(["--version"]);
  assert.deepEqual([code, stderr], [0, ""]);
  const [rafka, deno, librdkafka] = stdout.trimEnd().split("\n");
  assert.equal(rafka, `rafka ${project.version}`);
  assert.equal(deno, `deno ${Deno.version.deno}`);
  assert.match(librdkafka!, /^librdkafka \d+\.\d+\.\d+/);
});

Deno.test("--version says so when there is no librdkafka", async () => {
  const { code, stdout } = await runProgram(["--version"], NO_LIBRARY);
  assert.equal(code, 0);
  assert.match(stdout, /^librdkafka \(not found\)$/m);
});

Deno.test("--licenses from source says when the licences are collected, without a librdkafka", async () => {
  const ended = await runProgram(["--licenses"], NO_LIBRARY);
  assert.equal(ended.code, 1);
  assertRefusal(ended, ["runs from its source", "deno task compile"]);
});

Deno.test({
  name: "output that cannot be written is said, without a stack",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const { code, stderr } = await new Deno.Command("sh", {
      args: ["-c", 'exec "$0" "$@" >/dev/full', Deno.execPath(), ...startArguments, "--help"],
      cwd: new URL("../", import.meta.url),
    }).output();
    assert.equal(code, 1);
    const said = new TextDecoder().decode(stderr);
    assert.match(said, /^rafka: Cannot write to standard output: No space left on device.*\n$/);
  },
});

const badFlags = [
  { args: ["--bogus"], says: "Unknown option '--bogus'" },
  { args: ["--port", "-1"], says: "argument is ambiguous. Try --help" },
  { args: ["--host", "gateway.local"], says: "must be an IPv4 address, localhost, :: or ::1" },
  { args: ["--port", "http"], says: "Cannot use --port 'http'" },
  { args: ["--log-level", "loud"], says: "Cannot use --log-level 'loud'" },
  { args: ["rafka.json"], says: "rafka.json" },
];

for (const { args, says } of badFlags) {
  Deno.test(`a bad command line ends with code 2: ${args.join(" ")}`, async () => {
    const ended = await runProgram(args);
    assert.equal(ended.code, 2);
    assertRefusal(ended, [says]);
  });
}

Deno.test("without a librdkafka the start is refused with the path that was tried and the ways out", async () => {
  const ended = await runProgram(["--dev"], NO_LIBRARY);
  assert.equal(ended.code, 1);
  assertRefusal(ended, [NO_LIBRARY.RAFKA_LIBRDKAFKA, "deno task native", "apt-get install"]);
});

Deno.test("a configuration file that is not there is named", async () => {
  const ended = await runProgram(["--config", "no-such-file.json"]);
  assert.equal(ended.code, 2);
  assertRefusal(ended, ["Cannot read the configuration file no-such-file.json", "No such file"]);
});

Deno.test("a configuration file outside of the permitted folders is named, and so are the folders", async () => {
  const path = await Deno.makeTempFile({ prefix: "rafka-", suffix: ".json" });
  try {
    const ended = await runProgram(["--config", path]);
    assert.equal(ended.code, 2);
    assertRefusal(ended, [
      path,
      "the working directory and /etc/rafka only",
      `rafka --config - < ${path}\n`,
    ]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("--config - reads standard input, from wherever the shell may read", async () => {
  const path = await Deno.makeTempFile({ prefix: "rafka's ", suffix: ".json" });
  try {
    await Deno.writeTextFile(
      path,
      JSON.stringify({ general: kafka, server: { host: "127.0.0.1" } }),
    );
    const refusal = await runProgram(["--check-config", "--config", path]);
    const [, quoted] = /rafka --config - < (.*)\n/.exec(refusal.stderr)!;
    const inShell: Launcher = (args, env) => ({
      command: "sh",
      args: ["-c", `exec "$0" "$@" < ${quoted}`, Deno.execPath(), ...startArguments, ...args],
      cwd: new URL("../", import.meta.url),
      env,
    });
    const checked = await runProgram(["--check-config", "--config", "-"], {}, inShell);
    assert.deepEqual(checked, {
      code: 0,
      stdout: "Nothing is wrong with standard input\n",
      stderr: "",
    });
    await using program = await Program.start(["--config", "-"], {}, inShell);
    assert.match(program.log, /Kafka is 127\.0\.0\.1:1, configuration from standard input/);
    await Deno.writeTextFile(path, "{");
    const broken = await runProgram(["--config", "-"], {}, inShell);
    assert.equal(broken.code, 2);
    assertRefusal(broken, ["standard input", "it is not JSON"]);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("without a place of Kafka the start is refused with what to do", async () => {
  const ended = await runProgram([], { RAFKA_CONFIG_JSON: "{}" });
  assert.equal(ended.code, 2);
  assertRefusal(ended, ["'bootstrap.servers' is not set", "'general'", "--config", "--dev"]);
});

const kafka = { "bootstrap.servers": "127.0.0.1:1" };

const badConfigs: { name: string; text: string; says: string[] }[] = [
  { name: "no JSON", text: "{", says: ["it is not JSON"] },
  {
    name: "an unknown key",
    text: JSON.stringify({ general: kafka, server: { prot: 1 } }),
    says: ["'server.prot': no such key"],
  },
  {
    name: "Kafka for the producer only",
    text: JSON.stringify({ producer: kafka }),
    says: ["consumer: 'bootstrap.servers' is not set"],
  },
  {
    name: "a setting that librdkafka does not know",
    text: JSON.stringify({ general: kafka, consumer: { "fetch.wait.max.mss": 5 } }),
    says: [
      "consumer: 'fetch.wait.max.mss': No such configuration property: \"fetch.wait.max.mss\"",
    ],
  },
  {
    name: "a value that librdkafka does not take",
    text: JSON.stringify({ general: kafka, producer: { "linger.ms": "soon" } }),
    says: ["producer: 'linger.ms' is \"soon\": Invalid value"],
  },
  {
    name: "a value for consumer and producer that librdkafka does not take",
    text: JSON.stringify({ general: { ...kafka, "security.protocol": "tls" } }),
    says: ['consumer and producer: \'security.protocol\' is "tls": Invalid value "tls"'],
  },
  {
    name: "settings that contradict each other",
    text: JSON.stringify({ general: kafka, consumer: { "session.timeout.ms": 400_000 } }),
    says: ["consumer: librdkafka", "`max.poll.interval.ms`", "`session.timeout.ms`"],
  },
  {
    name: "settings of topics that contradict each other",
    text: JSON.stringify({ general: kafka, producer: { "linger.ms": 600_000 } }),
    says: ["producer: librdkafka refuses", "Invalid argument or configuration"],
  },
  {
    name: "a certificate that is not there",
    text: JSON.stringify({
      general: { ...kafka, "security.protocol": "ssl", "ssl.ca.location": "/nowhere/ca.pem" },
    }),
    says: [
      "consumer and producer: 'ssl.ca.location' is \"/nowhere/ca.pem\": No such file or directory",
    ],
  },
];

for (const { name, text, says } of badConfigs) {
  for (const check of [[], ["--check-config"]]) {
    const what = check.length > 0 ? "is no good for --check-config" : "stops the start";
    Deno.test(`a configuration file ${what} with ${name}`, async () => {
      using file = new ConfigFile(text);
      const ended = await runProgram([...check, "--config", file.path]);
      assert.equal(ended.code, 2);
      assertRefusal(ended, says);
    });
  }
}

Deno.test("a port that somebody else has is named", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const ended = await runProgram(["--dev", "--host", "127.0.0.1", "--port", `${port}`]);
  assert.equal(ended.code, 1);
  assertRefusal(ended, [
    `Cannot listen on 127.0.0.1:${port}`,
    "Address already in use",
    "--port names another",
  ]);
});

Deno.test("the configuration file counts, the command line wins", async () => {
  const text = JSON.stringify({
    general: { "go.delivery.reports": true, "client.rack": "r" },
    consumer: { "group.id": "mine" },
    server: { port: 1, logFormat: "json" },
  });
  using file = new ConfigFile(text);
  await using program = await Program.start(["--dev", "--config", file.path]);
  const records = program.log.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.ok(records.some(({ warning }) => warning?.includes("go.delivery.reports")), program.log);
  assert.ok(records.some(({ warning }) => warning?.includes("group.id")), program.log);
  const address = records.find((record) => record.address)?.address as string;
  assert.notEqual(address, "127.0.0.1:1");
  using client = await TestClient.connect(Number(address.split(":")[1]));
  assert.equal(await client.ask("PING"), "+PONG\r\n");
});

Deno.test("the embedded Kafka says how to try it", async () => {
  await using program = await Program.start(["--dev"]);
  await program.logged("Try: ");
  assert.match(program.log, /embedded at 127\.0\.0\.1:\d+/);
  assert.match(
    program.log,
    new RegExp(`redis-cli -p ${program.port} rpushx topics:greetings hello`),
  );
});

Deno.test("it starts, and answers, while Kafka is away", async () => {
  using file = new ConfigFile(JSON.stringify({ general: kafka }));
  await using program = await Program.start(["--config", file.path]);
  using client = await program.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  assert.equal(await client.ask("RPUSHX", "topics:a", "x"), ":1\r\n");
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0);
  assert.doesNotMatch(program.log, /Bug/);
});

Deno.test("it ends in seconds when Kafka is gone with acks to commit, and says that they are lost", async () => {
  await using embedded = await TestKafka.start();
  const topic = embedded.newTopic();
  await embedded.fill(topic, ["a"]);
  using file = new ConfigFile(JSON.stringify({ general: embedded.settings }));
  await using program = await Program.start(["--config", file.path]);
  using client = await program.connect();
  await client.ask("CLIENT", "SETNAME", "group:consumer");
  assert.equal((await client.pop(`topics:${topic}`, 20))?.value, "a");
  embedded.mock.setBrokerUp(1, false);
  assert.equal(await client.ask("RPUSH", "acks", `${topic}:0:0`), ":1\r\n");
  const startMs = performance.now();
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0);
  assert.ok(performance.now() - startMs < 20_000, "it took as long as session.timeout.ms");
  assert.match(program.log, /group:consumer could not leave its group/);
  assert.doesNotMatch(program.log, /Bug/);
});

/** What a user can put right is a text that begins with the program's name, without a stack. */
function assertRefusal({ stdout, stderr }: Finished, says: readonly string[]): void {
  assert.equal(stdout, "");
  const text = stderr.slice(stderr.search(/^rafka: /m));
  assert.match(text, /^rafka: ./);
  assert.doesNotMatch(text, /^ {4}at /m);
  for (const words of says) assert.ok(text.includes(words), `"${words}" is not in: ${stderr}`);
}
