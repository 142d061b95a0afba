/**
 * Two teams with logins of their own at a real Kafka with ACLs: whatever Rafka allows them, Kafka decides, and its log
 * names the team; its quotas hold back one of them only; a login that Kafka refuses is that user's error alone.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import type { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { onBrokers } from "../support/kafka.ts";
import { connectAs } from "./users.ts";

/** Rafka allows everything to each. */
const USERS = ["root", "red", "blue", "bad"].map((name) => `user ${name} on >${name} ~* &* +@all`);
const AUTHORIZER = "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer";
const LOGINS = "listener.name.sasl_plaintext.plain.sasl.jaas.config=" +
  "org.apache.kafka.common.security.plain.PlainLoginModule required " +
  'user_gateway="gateway-secret" user_red="red-secret" user_blue="blue-secret";';
const QUOTA_BYTES_PER_SECOND = 20_000;

/** A command of one team about the topic of another. */
interface Attempt {
  readonly command: (topic: string) => (string | number)[];
  readonly reply: RegExp;
  /** A connection of its own, which consumes as this group. */
  readonly group?: string;
  /** Kafka is not asked about the topic by name. */
  readonly isListed?: boolean;
}

const REFUSED = /^-(ERR|PROD) (.*: )?Broker: Topic authorization failed\r\n$/;
const POP_REFUSED = /^-CONS Poll Subscribed topic not available: .*Topic authorization failed\r\n$/;
const GROUP_REFUSED = /^-CONS Poll .*Group authorization failed\.?\r\n$/;

const ATTEMPTS: readonly Attempt[] = [
  { command: (topic) => ["XADD", topic, "*", "f", "v"], reply: REFUSED },
  { command: (topic) => ["XADD", topic, "NOMKSTREAM", "*", "f", "v"], reply: REFUSED },
  { command: (topic) => ["XLEN", topic], reply: REFUSED },
  { command: (topic) => ["LLEN", topic], reply: REFUSED },
  { command: (topic) => ["XRANGE", topic, "-", "+"], reply: REFUSED },
  { command: (topic) => ["XREVRANGE", topic, "+", "-"], reply: REFUSED },
  { command: (topic) => ["XREAD", "STREAMS", topic, 0], reply: REFUSED },
  { command: (topic) => ["XREAD", "BLOCK", 0, "STREAMS", topic, "$"], reply: REFUSED },
  { command: (topic) => ["XDEL", topic, "1-0"], reply: REFUSED },
  { command: (topic) => ["XTRIM", topic, "MAXLEN", 0], reply: REFUSED },
  { command: (topic) => ["XINFO", "STREAM", topic], reply: REFUSED },
  { command: (topic) => ["XINFO", "GROUPS", topic], reply: REFUSED },
  { command: (topic) => ["XGROUP", "CREATE", topic, "blue.g", 0], reply: REFUSED },
  {
    command: (topic) => ["XGROUP", "CREATE", `${topic}-new`, "blue.g", 0, "MKSTREAM"],
    reply: REFUSED,
    isListed: true,
  },
  { command: (topic) => ["XGROUP", "SETID", topic, "red.g", 0], reply: REFUSED },
  { command: (topic) => ["XGROUP", "DESTROY", topic, "red.g"], reply: REFUSED },
  {
    command: (topic) => ["XREADGROUP", "GROUP", "red.g", "c", "STREAMS", topic, ">"],
    reply: REFUSED,
  },
  { command: (topic) => ["BLPOP", topic, 20], group: "blue.g", reply: POP_REFUSED },
  { command: (topic) => ["BLMPOP", 20, 1, topic, "LEFT"], group: "blue.h", reply: POP_REFUSED },
  {
    command: (topic) => ["BLPOP", topic, 20],
    group: "red.g",
    reply: GROUP_REFUSED,
    isListed: true,
  },
  { command: () => ["KEYS", "*"], reply: /^\*0\r\n$/, isListed: true },
  { command: () => ["SCAN", 0], reply: /^\*2\r\n\$1\r\n0\r\n\*0\r\n$/, isListed: true },
  { command: () => ["DBSIZE"], reply: /^:0\r\n$/, isListed: true },
  { command: (topic) => ["EXISTS", topic], reply: /^:0\r\n$/, isListed: true },
  { command: (topic) => ["TYPE", topic], reply: /^\+none\r\n$/, isListed: true },
  { command: () => ["INFO", "keyspace"], reply: /# Keyspace\r\n\r\n$/, isListed: true },
];

Deno.test({
  name: "principals at a real Kafka",
  ignore: !hasKafkaTool,
  async fn(t): Promise<void> {
    await using kafka = await KafkaCluster.start(
      ...["--sasl", "--set", AUTHORIZER, "--set", "super.users=User:ANONYMOUS;User:gateway"],
      ...["--set", LOGINS, "--partitions", "2"],
    );
    for (const team of ["red", "blue"]) await allowOwn(kafka, team);
    await using gateway = await start(kafka);
    await t.step(
      "what Kafka keeps from a team is kept by each command, and Kafka's log names the team",
      () => attemptAll(kafka, gateway),
    );
    await t.step(
      "what is produced without a reply to wait for is not stored, and told to its team alone",
      () => produceUnasked(gateway),
    );
    await t.step(
      "a login that Kafka refuses is an error for its user alone",
      () => refuseLogin(gateway),
    );
    await t.step("a quota holds back its principal alone", () => throttle(kafka, gateway));
  },
});

async function attemptAll(kafka: KafkaCluster, gateway: TestGateway): Promise<void> {
  using red = await connectAs(gateway, "red");
  using blue = await connectAs(gateway, "blue");
  using root = await connectAs(gateway, "root");
  const topics = ATTEMPTS.map((_, at) => `topics:red.${at}`);
  for (const topic of topics) assert.match(await red.ask("XADD", topic, "*", "f", "v"), /^\$/);
  assert.equal(await red.ask("XGROUP", "CREATE", topics[0]!, "red.g", 0), "+OK\r\n");
  // what red and root have been told must not be told to blue
  for (const topic of topics) assert.equal(await red.ask("XLEN", topic), ":1\r\n");
  assert.equal(await root.ask("DBSIZE"), `:${topics.length}\r\n`);
  for (const [at, { command, reply, group, isListed }] of ATTEMPTS.entries()) {
    const request = command(topics[at]!);
    using own = group === undefined ? undefined : await connectAs(gateway, "blue");
    if (group) assert.equal(await own!.ask("CLIENT", "SETNAME", `${group}:${at}`), "+OK\r\n");
    assert.match(await (own ?? blue).ask(...request), reply, request.join(" "));
    if (!isListed) await denied(kafka, "blue", `Topic:LITERAL:red.${at}`);
  }
  await denied(kafka, "blue", "Group:LITERAL:red.g");
  for (const topic of topics) assert.equal(await root.ask("XLEN", topic), ":1\r\n", topic);
  assert.equal(await red.ask("DBSIZE"), `:${topics.length}\r\n`);
  assert.doesNotMatch(
    await brokerLog(kafka),
    /User:(gateway|red) is Denied operation = \w+ .*Topic:/,
  );
}

async function produceUnasked(gateway: TestGateway): Promise<void> {
  using red = await connectAs(gateway, "red");
  using blue = await connectAs(gateway, "blue");
  for (const command of ["RPUSHX", "LPUSH", "RPUSH", "DEL"]) {
    const topic = `topics:${uniqueName("red.")}`;
    assert.match(await red.ask("XADD", topic, "*", "f", "v"), /^\$/);
    const value = command === "DEL" ? [] : ["m"];
    assert.equal(await blue.ask(command, `${topic}:key`, ...value), ":1\r\n");
    assert.equal(await blue.ask("WAIT", 1, 20_000), ":0\r\n", command);
    assert.match(await blue.ask(command, `${topic}:key`, ...value), REFUSED); // it is known by now
    assert.equal(await red.ask("XLEN", topic), ":1\r\n");
  }
  assert.match(await blue.ask("RAFKA", "ERRORS"), /TOPIC_AUTHORIZATION_FAILED/);
  assert.equal(await red.ask("RAFKA", "ERRORS"), "*0\r\n");
  assert.doesNotMatch(await red.ask("HGETALL", "stats"), /TOPIC_AUTHORIZATION_FAILED/);
  // what it may, it does at the same time
  using other = await connectAs(gateway, "blue");
  await add(other, "blue.own");
}

async function refuseLogin(gateway: TestGateway): Promise<void> {
  await using log = await CapturedLog.start();
  using bad = await connectAs(gateway, "bad");
  using red = await connectAs(gateway, "red");
  using root = await connectAs(gateway, "root");
  const words = /Authentication failed.*; check sasl\.username, .* in server\.userKafka\.bad\r\n$/;
  for (
    const request of [
      ["XLEN", "topics:red.0"],
      ["KEYS", "*"],
      ["XADD", "topics:red.0", "*", "f", "v"],
      ["RPUSHX", "topics:red.0", "m"],
      ["XREAD", "BLOCK", 0, "STREAMS", "topics:red.0", "$"],
      ["XREADGROUP", "GROUP", "red.g", "c", "STREAMS", "topics:red.0", ">"],
    ]
  ) assert.match(await bad.ask(...request), words, request.join(" "));
  assert.equal(await bad.ask("CLIENT", "SETNAME", "bad:1"), "+OK\r\n");
  assert.match(await bad.ask("BLPOP", "topics:red.0", 0), words);
  assert.equal(await red.ask("XLEN", "topics:red.0"), ":1\r\n");
  assert.match(await root.ask("INFO", "kafka"), /name=bad,connections=1,.*error=_AUTHENTICATION/);
  await log.has("Client metadata (principal bad): ");
  for (const line of log.lines) assert.doesNotMatch(line, /wrong-password|-secret/);
}

async function throttle(kafka: KafkaCluster, gateway: TestGateway): Promise<void> {
  const quota = `producer_byte_rate=${QUOTA_BYTES_PER_SECOND}`;
  const user = ["--entity-type", "users", "--entity-name", "blue"];
  await kafka.run("configs", "--alter", ...user, "--add-config", quota);
  await until(
    async () => (await kafka.run("configs", "--describe", ...user)).includes(quota),
    "the broker to know the quota",
  );
  using red = await connectAs(gateway, "red");
  using blue = await connectAs(gateway, "blue");
  await fill(blue, "blue.much");
  const inOrder: string[] = [];
  const held = add(blue, "blue.much").then(() => inOrder.push("blue"));
  await fill(red, "red.much");
  await add(red, "red.much").then(() => inOrder.push("red"));
  await held;
  assert.deepEqual(inOrder, ["red", "blue"]);
}

/** Half a megabyte at once: Kafka lets it pass, and makes what comes next wait for 15 seconds, if there is a quota. */
async function fill(client: TestClient, topic: string): Promise<void> {
  const values = new Array(10).fill("x".repeat(50_000));
  assert.equal(await client.ask("RPUSHX", `topics:${topic}:k`, ...values), ":10\r\n");
  assert.equal(await client.ask("WAIT", 1, 60_000), ":1\r\n");
}

async function add(client: TestClient, topic: string): Promise<void> {
  await client.ask("RPUSHX", `topics:${topic}:k`, "m");
  assert.equal(await client.ask("WAIT", 1, 60_000), ":1\r\n");
}

async function start(kafka: KafkaCluster): Promise<TestGateway> {
  const login = (name: string, password = `${name}-secret`): Record<string, string> => ({
    "sasl.username": name,
    "sasl.password": password,
  });
  return await TestGateway.start({
    config: onBrokers(kafka.env.KAFKA_BOOTSTRAP_SASL!, {
      general: {
        "security.protocol": "sasl_plaintext",
        "sasl.mechanisms": "PLAIN",
        ...login("gateway"),
      },
      server: {
        users: USERS,
        userKafka: { red: login("red"), blue: login("blue"), bad: login("bad", "wrong-password") },
        streams: { trim: true },
      },
    }),
    timeouts: { loginFailureMs: 1 },
  });
}

/** A team may do everything with topics and groups of its own. */
async function allowOwn(kafka: KafkaCluster, team: string): Promise<void> {
  await kafka.run(
    ...["acls", "--add", "--allow-principal", `User:${team}`, "--operation", "All"] as const,
    ...["--resource-pattern-type", "prefixed", "--topic", `${team}.`, "--group", `${team}.`],
  );
}

/** Waits for the line in which Kafka refuses something to a principal. */
async function denied(kafka: KafkaCluster, principal: string, resource: string): Promise<void> {
  const line = new RegExp(
    `Principal = User:${principal} is Denied operation = \\w+ .* on resource = ${
      resource.replaceAll(".", "\\.")
    } `,
  );
  await until(async () => line.test(await brokerLog(kafka)), `${line} in Kafka's log`);
}

async function brokerLog({ dir }: KafkaCluster): Promise<string> {
  return await Deno.readTextFile(`${dir}/broker-1.log`);
}
