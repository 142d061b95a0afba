/**
 * TLS and logins towards a real Kafka: the recipes work as they are shown; what is wrong in one is said to the
 * clients and in the log, in time, and without the password.
 *
 * @module
 */
import assert from "node:assert/strict";
import { get } from "../support/http.ts";
import { ConfigFile } from "../support/config_file.ts";
import { Forwarder } from "../support/forwarder.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { ack, mustPop, type TestConfig } from "../support/kafka.ts";
import { Program, runProgram } from "../support/program.ts";

type Settings = NonNullable<TestConfig["general"]>;

const TIMEOUT = "socket.connection.setup.timeout.ms";
const TIMEOUT_MS = 2_000;
/** librdkafka looks at its timeouts once a second; the machine may be busy. */
const SLACK_MS = 4_000;
const WRONG_PASSWORD = "open-sesame";

/** Something that is wrong with a recipe, and the words of the reason. */
interface Fault {
  readonly recipe: string;
  readonly what: string;
  readonly settings: Settings;
  readonly words: RegExp;
}

/** The listener for logins is one with TLS: nobody should send a password in clear. */
const SASL_SSL = "listener.security.protocol.map=" +
  "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_SSL";

Deno.test({
  name: "TLS and SASL towards a real Kafka",
  ignore: !hasKafkaTool,
  async fn(t): Promise<void> {
    await using kafka = await KafkaCluster.start("--tls", "--sasl", "--set", SASL_SSL);
    await using otherHost = new Forwarder(kafka.env.KAFKA_BOOTSTRAP_SSL!, "127.0.0.2");
    for (const recipe of ["tls", "sasl-plain", "sasl-scram"]) {
      await t.step(`the recipe ${recipe} produces, consumes and acks`, () => tryOut(kafka, recipe));
    }
    for (const fault of faults(kafka, otherHost)) {
      await t.step(`${fault.recipe}: ${fault.what} is said`, () => tryFault(kafka, fault));
    }
    await t.step("a password that is put right in Kafka heals by itself", () => heal(kafka));
  },
});

Deno.test({
  name: "mTLS towards a real Kafka",
  ignore: !hasKafkaTool,
  async fn(t): Promise<void> {
    await using kafka = await KafkaCluster.start("--mtls");
    await t.step("the recipe mtls produces, consumes and acks", () => tryOut(kafka, "mtls"));
    await t.step("tls: no certificate of the client is said", () =>
      tryFault(kafka, {
        recipe: "tls",
        what: "no certificate of the client",
        settings: {},
        words: /alert (bad certificate|certificate required).*; check [^;]*ssl\.\*/,
      }));
  },
});

function faults({ env }: KafkaCluster, otherHost: Forwarder): Fault[] {
  const login = /Authentication failed.*; check sasl\.username, sasl\.password/;
  const untrusted = /certificate verify failed.*; check ssl\.ca\.location,/;
  const settings = { "sasl.password": WRONG_PASSWORD };
  return [
    { recipe: "sasl-plain", what: "a wrong password", settings, words: login },
    { recipe: "sasl-scram", what: "a wrong password", settings, words: login },
    {
      recipe: "sasl-scram",
      what: "a mechanism that Kafka has not got",
      settings: { "sasl.mechanisms": "SCRAM-SHA-512" },
      words: /broker's supported mechanisms: .*; check sasl.*sasl\.mechanisms/,
    },
    {
      recipe: "tls",
      what: "a CA that has not signed the broker's certificate",
      settings: { "ssl.ca.location": env.KAFKA_SSL_CERT! },
      words: untrusted,
    },
    {
      recipe: "tls",
      what: "a certificate for another host",
      settings: { "bootstrap.servers": otherHost.address },
      words: /certificate verify failed.* for the host that bootstrap\.servers names/,
    },
    {
      recipe: "tls",
      what: "TLS to a port without it",
      settings: { "bootstrap.servers": env.KAFKA_BOOTSTRAP! },
      words: /SSL connection closed by peer.*; check [^;]*security\.protocol/,
    },
    {
      recipe: "tls",
      what: "no TLS to a port with it",
      settings: { "security.protocol": "PLAINTEXT" },
      words: /Disconnected: .*; check [^;]*security\.protocol/,
    },
  ];
}

async function tryOut(kafka: KafkaCluster, recipe: string): Promise<void> {
  using file = new ConfigFile({ general: await settingsOf(kafka, recipe) });
  const { code, stderr } = await runProgram(["--check-config", "--config", file.path]);
  assert.equal(code, 0, stderr);
  await using program = await Program.start(["--config", file.path]);
  const topic = uniqueName(recipe);
  using client = await program.connect();
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "Hello"), ":1\r\n");
  assert.equal(await client.ask("WAIT", 1, 15_000), ":1\r\n");
  await client.ask("CLIENT", "SETNAME", `${topic}:worker`);
  const message = await mustPop(client, topic);
  assert.equal(message.value, "Hello");
  assert.equal(await ack(client, message), ":1\r\n");
  await program.logged(" answers");
  // a Kafka that has just started has no producer id yet
  assert.doesNotMatch(program.log, / (warning|error) (?!.*GETPID)/);
}

async function tryFault(kafka: KafkaCluster, { recipe, settings, words }: Fault): Promise<void> {
  const general = { ...await settingsOf(kafka, recipe), ...settings, [TIMEOUT]: TIMEOUT_MS };
  using file = new ConfigFile({ general, server: { http: { port: 0 } } });
  await using program = await Program.start(["--config", file.path]);
  const startMs = performance.now();
  const [produced, consumed] = await Promise.all([produce(program), consume(program)]);
  const listed = await list(program);
  const tookMs = performance.now() - startMs;
  assert.match(produced, /^-PROD /);
  assert.match(consumed, /^-CONS Poll /);
  assert.match(listed, /^-ERR /);
  const ready = await get(program.httpPort, "/readyz");
  assert.equal(ready.status, 503);
  for (const reply of [produced, consumed, listed, ready.body]) assert.match(reply, words);
  assert.ok(tookMs < TIMEOUT_MS + SLACK_MS, `${tookMs} ms`);
  const lines = program.log.split("\n")
    .filter((line) => / rafka\.(librd)?kafka: /.test(line) && !/ like this since /.test(line));
  assert.ok(lines.some((line) => words.test(line)), program.log);
  const codes = lines.map((line) => / \((_\w+)\)$/.exec(line)?.[1]);
  assert.deepEqual(codes, [...new Set(codes)], `one line a kind of error:\n${program.log}`);
  assert.ok(!program.log.includes(WRONG_PASSWORD), program.log);
}

/** The error that RPUSHX gets, sooner or later; until then messages are taken. */
async function produce(program: Program): Promise<string> {
  using client = await program.connect();
  let reply = "";
  await until(async () => {
    reply = await client.ask("RPUSHX", "topics:refused", "Hello");
    return reply !== ":1\r\n";
  }, "an error of RPUSHX");
  return reply;
}

async function consume(program: Program): Promise<string> {
  using client = await program.connect();
  await client.ask("CLIENT", "SETNAME", "refused:worker");
  return await client.ask("BLPOP", "topics:refused", 0);
}

async function list(program: Program): Promise<string> {
  using client = await program.connect();
  return await client.ask("KEYS", "topics:");
}

async function heal(kafka: KafkaCluster): Promise<void> {
  const user = uniqueName("user");
  await setPassword(kafka, user, WRONG_PASSWORD);
  const settings = { "sasl.username": user, "reconnect.backoff.max.ms": 500 };
  using file = new ConfigFile({
    general: { ...await settingsOf(kafka, "sasl-scram"), ...settings },
  });
  await using program = await Program.start(["--config", file.path]);
  assert.match(await produce(program), /^-PROD .*Authentication failed/);
  await setPassword(kafka, user, kafka.env.KAFKA_SASL_PASSWORD!);
  await program.logged(" answers");
  using client = await program.connect();
  assert.equal(await client.ask("RPUSHX", `topics:${user}`, "Hello"), ":1\r\n");
  assert.equal(await client.ask("WAIT", 1, 15_000), ":1\r\n");
}

async function setPassword(kafka: KafkaCluster, user: string, password: string): Promise<void> {
  const change = ["--add-config", `SCRAM-SHA-256=[password=${password}]`];
  await kafka.run("configs", "--alter", "--entity-type", "users", "--entity-name", user, ...change);
}

/** A recipe as it is in the checkout, with what a user has to put in. */
async function settingsOf({ env }: KafkaCluster, recipe: string): Promise<Settings> {
  const text = await Deno.readTextFile(
    new URL(`../../config.sample.${recipe}.json`, import.meta.url),
  );
  const own: Settings = {
    "bootstrap.servers": (recipe.startsWith("sasl") ? env.KAFKA_BOOTSTRAP_SASL : undefined) ??
      env.KAFKA_BOOTSTRAP_SSL!,
    "ssl.ca.location": env.KAFKA_SSL_CA!,
    "ssl.certificate.location": env.KAFKA_SSL_CERT!,
    "ssl.key.location": env.KAFKA_SSL_KEY!,
    "sasl.username": env.KAFKA_SASL_USER ?? "",
    "sasl.password": env.KAFKA_SASL_PASSWORD ?? "",
  };
  const shown: Settings = JSON.parse(text).general;
  return Object.fromEntries(
    Object.entries(shown).map(([name, value]) => [name, own[name] ?? value]),
  );
}
