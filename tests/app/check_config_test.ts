/**
 * `--check-config` and `--config-help`: an operator learns everything about a configuration before it is used.
 *
 * @module
 */
import assert from "node:assert/strict";
import { consumerSettings } from "../../src/commands/list/consumer_settings.ts";
import { serverKeys } from "../../src/config/schema.ts";
import { ConfigFile } from "../support/config_file.ts";
import { runProgram } from "../support/program.ts";

/** No other machine can connect, so nothing is to be said of users. */
const server = { host: "127.0.0.1" };
const general = { "bootstrap.servers": "127.0.0.1:1" };

Deno.test("--check-config lists every problem at once, each with its key", async () => {
  using file = new ConfigFile(JSON.stringify({
    general: { ...general, "security.protocol": "tls" },
    consumer: { "fetch.wait.max.mss": 5, "check.crcs": [] },
    producer: { "linger.ms": "soon" },
    server: { prot: 1, port: 70_000 },
  }));
  const { code, stdout, stderr } = await runProgram(["--check-config", "--config", file.path]);
  assert.deepEqual([code, stdout], [2, ""]);
  const [head, ...problems] = stderr.trimEnd().split("\n");
  assert.equal(head, `rafka: Cannot use ${file.path}:`);
  const keys = problems.map((line) => /'([^']+)'/.exec(line)?.[1]).sort();
  assert.deepEqual(keys, [
    "consumer.check.crcs",
    "fetch.wait.max.mss",
    "linger.ms",
    "security.protocol",
    "server.port",
    "server.prot",
  ]);
});

Deno.test("--check-config says that a good configuration is good, and connects to nothing", async () => {
  using broker = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = broker.addr as Deno.NetAddr;
  let connections = 0;
  const accepting = broker.accept().then(() => connections++).catch(() => {});
  using file = new ConfigFile(
    JSON.stringify({ general: { "bootstrap.servers": `127.0.0.1:${port}` }, server }),
  );
  const ended = await runProgram(["--check-config", "--config", file.path]);
  assert.deepEqual(ended, { code: 0, stdout: `Nothing is wrong with ${file.path}\n`, stderr: "" });
  broker.close();
  await accepting;
  assert.equal(connections, 0);
});

Deno.test("--check-config warns of what will be ignored", async () => {
  const json = JSON.stringify({ general: { ...general, "go.batch.producer": true } });
  const { code, stdout } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
  assert.equal(code, 0);
  assert.match(stdout, /^warning: .*go\.batch\.producer$/m);
  assert.match(stdout, /^Nothing is wrong with RAFKA_CONFIG_JSON$/m);
});

Deno.test("--check-config says that certificates have no effect where TLS is off", async () => {
  const files = { "ssl.ca.location": "/absent/ca.pem", "ssl.key.location": "/absent/key.pem" };
  const json = JSON.stringify({ general: { ...general, ...files } });
  const { code, stdout } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
  assert.equal(code, 0);
  const said =
    "warning: These settings have no effect, since security.protocol is plaintext and not ssl or sasl_ssl: " +
    "ssl.ca.location, ssl.key.location";
  assert.equal(stdout.split("\n").filter((line) => line === said).length, 1, stdout);
  const tls = JSON.stringify({ general: { ...general, ...files, "security.protocol": "SSL" } });
  const refused = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: tls });
  assert.notEqual(refused.code, 0);
  assert.match(refused.stderr, /'ssl\.ca\.location' is "\/absent\/ca\.pem": No such file/);
});

for (
  const [producer, warning] of [
    [
      { acks: 0 },
      /^warning: Setting acks .* is 0, .* WAIT, .* when it is sent, also if Kafka refuses/m,
    ],
    [{ "request.required.acks": "1" }, /^warning: Setting acks .* is 1, .* WAIT, .* may be lost/m],
    [{ acks: "all" }, /^Nothing is wrong with RAFKA_CONFIG_JSON\n$/],
    [{ acks: -1 }, /^Nothing is wrong with RAFKA_CONFIG_JSON\n$/],
  ] as const
) {
  Deno.test(`--check-config says what WAIT means with ${JSON.stringify(producer)}`, async () => {
    const json = JSON.stringify({ general, producer, server });
    const { code, stdout } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
    assert.equal(code, 0);
    assert.match(stdout, warning);
  });
}

Deno.test("what may be a password is not shown", async () => {
  for (
    const json of [
      '{"general": {"sasl.password":geheim}}',
      '{"general": {"bootstrap.servers": "a:1", "sasl.password": ["geheim"]}}',
      '{"general": {"bootstrap.servers": ["a:1"], "sasl.password": {"a": "geheim"}}}',
      '[{"general": {"sasl.password": "geheim"}}]',
      '{"general": "geheim"}',
    ]
  ) {
    const { code, stderr } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
    assert.equal(code, 2);
    assert.match(stderr, /^rafka: Cannot (read|use) RAFKA_CONFIG_JSON/);
    assert.doesNotMatch(stderr, /geheim/);
    assert.doesNotMatch(stderr, /'0'|configuration property|is not set/); // no problems that are none
  }
});

Deno.test("a number that is none for JSON's users is refused like any other value", async () => {
  const json = '{"general": {"bootstrap.servers": "a:1", "linger.ms": 1e400}}';
  const { code, stderr } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
  assert.equal(code, 2);
  assert.match(stderr, /'general\.linger\.ms' is Infinity: must be/);
});

Deno.test("an address that Rafka may not listen on is a problem of the configuration", async () => {
  for (const host of ["fd00::1", "gateway.local", ""]) {
    const json = JSON.stringify({ general, server: { host } });
    const { code, stderr } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
    assert.equal(code, 2);
    assert.ok(
      stderr.includes(`'server.host' is "${host}": must be an IPv4 address, localhost, :: or ::1`),
      stderr,
    );
  }
});

Deno.test("brokers that are none are found before anybody looks for them", async () => {
  const bad = ["bad host:9092", "localhost:notaport", ":::", "##", "a:0", "a:70000"];
  const servers = ["kafka:9092", ...bad, "[::1]:9092", "PLAINTEXT://kafka", " 127.0.0.1:1 "];
  const json = JSON.stringify({ general: { "bootstrap.servers": servers.join(",") } });
  const { code, stderr } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
  assert.equal(code, 2);
  const named = [...stderr.matchAll(/'bootstrap\.servers': (".*") is not <host>/g)];
  assert.deepEqual(named.map((match) => JSON.parse(match[1]!)), bad);
});

Deno.test("a value that librdkafka refuses is shown, unless it may be a secret", async () => {
  const producer = { "linger.ms": "soon", "ssl.key.password": 1, "sasl.pasword": "geheim" };
  const json = JSON.stringify({ general, producer, server });
  const { stderr } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
  assert.match(stderr, /producer: 'linger\.ms' is "soon": /);
  assert.match(stderr, /producer: 'sasl\.pasword': No such/);
  assert.doesNotMatch(stderr, /geheim/);
});

Deno.test("a login before the address of a broker is refused, and not shown", async () => {
  const json = JSON.stringify({ general: { "bootstrap.servers": "a:1,rafka:geheim@kafka:9092" } });
  const { code, stderr } = await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json });
  assert.equal(code, 2);
  assert.match(stderr, /'bootstrap\.servers': "…@kafka:9092" is not <host>\[:<port>\]/);
  assert.doesNotMatch(stderr, /geheim/);
});

Deno.test("a byte order mark at the beginning does no harm", async () => {
  const json = `\ufeff${JSON.stringify({ general })}`;
  assert.equal((await runProgram(["--check-config"], { RAFKA_CONFIG_JSON: json })).code, 0);
});

Deno.test("a file and RAFKA_CONFIG_JSON together are refused", async () => {
  using file = new ConfigFile(JSON.stringify({ general }));
  const ended = await runProgram(["--config", file.path], { RAFKA_CONFIG_JSON: "{}" });
  assert.equal(ended.code, 2);
  assert.match(ended.stderr, /two configurations, --config .+ and RAFKA_CONFIG_JSON/);
});

Deno.test("--config-help explains every key, for a terminal", async () => {
  const { code, stdout, stderr } = await runProgram(["--config-help"]);
  assert.deepEqual([code, stderr], [0, ""]);
  for (const { name, value } of serverKeys) {
    const shown = JSON.stringify(value).replaceAll(",", ",\\s+").replaceAll(/[[\]]/g, "\\$&");
    assert.match(stdout, new RegExp(`\n    ${name} ${shown}\n        `), name);
  }
  for (const { name, rule } of consumerSettings) {
    const [words] = rule.words().replaceAll("`", "").split(/, | to /);
    assert.ok(stdout.includes(`    ${name}\n        ${words}`), name);
  }
  for (const line of stdout.split("\n")) assert.ok(line.length <= 80, line);
});
