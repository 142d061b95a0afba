/**
 * Users with a login of their own to Kafka: what each principal has is its own, whatever the rights of its users. The
 * embedded Kafka asks nobody for a login; what the real one allows to each is in kafka_principals_test.ts.
 *
 * @module
 */
import assert from "node:assert/strict";
import { clientList, connectionId, untilListed } from "../support/client_list.ts";
import { readPopped, readText, type TestClient } from "../support/client.ts";
import { quit } from "../support/kafka.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { AclFile, connectAs } from "./users.ts";

/** All may do everything; rose has the login of red. */
const USERS = ["root", "red", "rose", "blue"].map((name) => `user ${name} on >${name} ~* &* +@all`);
const RED = { "sasl.username": "red", "sasl.password": "red-secret" };
const BLUE = { "sasl.username": "blue", "sasl.password": "blue-secret" };

Deno.test("two principals in one group are two members; users with the same login are one", async () => {
  await using gateway = await start();
  using root = await connectAs(gateway, "root");
  using red = await connectAs(gateway, "red");
  using rose = await connectAs(gateway, "rose");
  using blue = await connectAs(gateway, "blue");
  for (let key = 0; key < 20; key++) await root.ask("RPUSHX", `topics:t:${key}`, `${key}`);
  assert.equal(await root.ask("WAIT", 1, 10_000), ":1\r\n");
  assert.equal(await red.ask("XGROUP", "CREATE", "topics:t", "g", 0), "+OK\r\n");
  assert.match(await red.ask("XREADGROUP", "GROUP", "g", "c", "STREAMS", "topics:t", ">"), /^\*1/);
  assert.deepEqual(await members(root), [["red", 4]]);
  const seenBy = async (client: TestClient): Promise<string> =>
    (await client.ask("XPENDING", "topics:t", "g")).split("\r\n")[1]!;
  assert.equal(await seenBy(rose), await seenBy(red));
  assert.equal(await seenBy(blue), ":0");
  const read = ["XREADGROUP", "GROUP", "g", "c", "BLOCK", 100, "STREAMS", "topics:t", ">"];
  await until(async () => {
    await Promise.all([blue.ask(...read), red.ask(...read)]);
    const all = await members(root);
    return all.length === 2 && all.every(([, partitions]) => partitions === 2);
  }, "two members with two partitions each");
  assert.deepEqual((await members(blue)).map(([name]) => name), ["blue"]);
});

Deno.test("pops of a list are those of the principal, and so is a list of what is worked on", async () => {
  await using gateway = await start({ lists: { userGroups: { red: "r", rose: "r", blue: "b" } } });
  using root = await connectAs(gateway, "root");
  using red = await connectAs(gateway, "red");
  using rose = await connectAs(gateway, "rose");
  using blue = await connectAs(gateway, "blue");
  for (const value of ["one", "two"]) await root.ask("XADD", "topics:t:k", "*", "data", value);
  assert.equal(await red.ask("BLMOVE", "topics:t", "work", "LEFT", "LEFT", 20), "$3\r\none\r\n");
  assert.equal(await blue.ask("BLPOP", "topics:t", 20), "*2\r\n$8\r\ntopics:t\r\n$3\r\none\r\n");
  assert.deepEqual(await members(root), [["blue", 4], ["red", 4]]);
  assert.equal(await blue.ask("LLEN", "work"), ":0\r\n");
  assert.equal(await rose.ask("LLEN", "work"), ":1\r\n");
  assert.equal(await rose.ask("LPOP", "topics:t"), "$3\r\ntwo\r\n");
});

Deno.test("a name in a group is taken for its principal only", async () => {
  await using gateway = await start();
  using red = await connectAs(gateway, "red");
  using rose = await connectAs(gateway, "rose");
  using blue = await connectAs(gateway, "blue");
  assert.equal(await red.ask("CLIENT", "SETNAME", "g:me"), "+OK\r\n");
  assert.match(await rose.ask("CLIENT", "SETNAME", "g:me"), /^-CONS id g:me is already taken/);
  assert.equal(await blue.ask("CLIENT", "SETNAME", "g:me"), "+OK\r\n");
  assert.equal(await red.ask("AUTH", "blue", "blue"), "+OK\r\n");
  assert.equal(await rose.ask("CLIENT", "SETNAME", "g:me"), "+OK\r\n");
});

Deno.test("18: with every right nothing of another principal is shown; the gateway's own is shown all", async () => {
  await using gateway = await start();
  using root = await connectAs(gateway, "root");
  using red = await connectAs(gateway, "red");
  using watching = await connectAs(gateway, "red");
  using blue = await connectAs(gateway, "blue");
  assert.equal(await watching.ask("MONITOR"), "+OK\r\n");
  await blue.ask("CLIENT", "SETNAME", "blue:1");
  await blue.ask("RPUSHX", "topics:blue-secret", "m");
  await blue.ask("ACL", "NOSUCH");
  using listening = await connectAs(gateway, "blue");
  assert.match(await listening.ask("SUBSCRIBE", "topics:blue-secret"), /^\*3/);
  await failAs(gateway, "blue", "blue-secret");
  for (
    const request of [
      ["CLIENT", "LIST"],
      ["RAFKA", "ERRORS", "WITHVALUES"],
      ["RAFKA", "GROUPS"],
      ["HGETALL", "stats"],
      ["INFO", "everything"],
      ["ACL", "LOG"],
      ["PUBSUB", "CHANNELS"],
    ]
  ) assert.doesNotMatch(await red.ask(...request), /blue/, request.join(" "));
  assert.equal(await red.ask("CLIENT", "KILL", "ID", await connectionId(blue)), ":0\r\n");
  await red.ask("ECHO", "last");
  let shown = "";
  while (!shown.includes("last")) {
    shown = await watching.reply(), assert.doesNotMatch(shown, /blue/);
  }
  assert.match(await root.ask("RAFKA", "ERRORS"), /blue-secret/);
  assert.match(await root.ask("HGETALL", "stats"), /producer\.errors:blue-secret:_FAIL:blue\r\n/);
  assert.match(
    readText(await root.ask("INFO", "kafka")),
    /error=_FAIL,count=1,principal=blue\r\n[^]*name=blue,connections=2,/,
  );
  assert.equal((await untilListed(root, { user: "blue" })).principal, "blue");
  assert.match(await root.ask("PUBSUB", "CHANNELS"), /blue-secret/);
  assert.equal(await root.ask("CLIENT", "KILL", "USER", "blue"), ":2\r\n");
});

Deno.test("17: another AUTH leaves nothing with the principal before, and its messages are delivered", async () => {
  await using gateway = await start();
  using root = await connectAs(gateway, "root");
  using client = await connectAs(gateway, "red");
  await client.ask("CLIENT", "SETNAME", "g:me");
  await client.ask("RPUSHX", "topics:t", "m");
  assert.equal(readPopped(await client.ask("BLPOP", "topics:t", 20))?.value, "m");
  await client.send("RPUSHX", "topics:t", "on the way");
  await client.send("AUTH", "blue", "blue");
  assert.equal(await client.reply() + await client.reply(), ":1\r\n+OK\r\n");
  const [listed] = (await clientList(root)).filter(({ user }) => user === "blue");
  assert.deepEqual([listed!.principal, listed!.topics, listed!.outstanding], ["blue", "", "0"]);
  await client.ask("RPUSHX", "topics:t", "of blue");
  assert.equal(await client.ask("WAIT", 1, 10_000), ":1\r\n");
  await untilPrincipals(gateway, ["blue"]);
  await until(async () => await root.ask("XLEN", "topics:t") === ":3\r\n", "all messages");
  await quit(client);
  await untilPrincipals(gateway, []);
});

Deno.test("a login that nobody uses takes no client of Kafka; one that is used again begins anew", async () => {
  await using gateway = await start();
  const { clients } = gateway.library.handles;
  const before = clients.producer;
  for (let round = 0; round < 2; round++) {
    using red = await connectAs(gateway, "red");
    await red.ask("RPUSHX", "topics:t", "m");
    assert.match(await red.ask("XADD", "topics:t", "*", "f", "v"), /^\$/);
    assert.match(await red.ask("XRANGE", "topics:t", "-", "+"), /^\*\d/);
    assert.ok(clients.producer > before);
    await quit(red);
    await untilPrincipals(gateway, []);
    await until(() => clients.producer === before && clients.reader === 0, "no clients of red");
  }
});

Deno.test("a group whose workers may come back keeps its principal, until the user is gone", async () => {
  using file = new AclFile(USERS);
  await using gateway = await start({ users: [], aclFile: file.path });
  using root = await connectAs(gateway, "root");
  using red = await connectAs(gateway, "red");
  await red.ask("XADD", "topics:t", "*", "f", "v");
  await red.ask("XGROUP", "CREATE", "topics:t", "g", 0);
  assert.match(await red.ask("XREADGROUP", "GROUP", "g", "c", "STREAMS", "topics:t", ">"), /^\*1/);
  await quit(red);
  using blue = await connectAs(gateway, "blue");
  await blue.ask("XLEN", "topics:t");
  await quit(blue);
  await untilPrincipals(gateway, ["red"]); // blue, who came later, is gone
  assert.deepEqual((await members(root)).map(([name]) => name), ["red"]);
  file.write(USERS.filter((line) => !/red|rose/.test(line)));
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  await untilPrincipals(gateway, []);
  assert.deepEqual(await members(root), []);
});

Deno.test("27: the default user without a password gets the gateway's login only if the configuration says so", async () => {
  const open = [...USERS, "user default on nopass ~* +@all"];
  const login = { general: { "sasl.username": "gateway", "sasl.password": "gateway-secret" } };
  await assert.rejects(
    start({ users: open }, login),
    /'server\.userKafka\.default' is missing: the default user needs no password, and would act/,
  );
  for (const own of [{}, RED]) {
    await using gateway = await start({ users: open, userKafka: { default: own } }, login);
    using anybody = await gateway.connect();
    assert.equal(await anybody.ask("RPUSHX", "topics:t", "m"), ":1\r\n");
    const principals = own === RED ? ["default"] : [];
    assert.deepEqual(openPrincipals(gateway), principals);
  }
  using file = new AclFile(USERS);
  await using gateway = await start({ users: [], aclFile: file.path }, login);
  using root = await connectAs(gateway, "root");
  file.write(open);
  assert.match(await root.ask("ACL", "LOAD"), /^-ERR 'server\.userKafka\.default' is missing/);
  using anybody = await gateway.connect();
  assert.match(await anybody.ask("PING"), /^-NOAUTH/);
});

async function start(
  server: Readonly<Record<string, unknown>> = {},
  sections: { readonly general?: Record<string, string> } = {},
): Promise<TestGateway> {
  const userKafka = { red: RED, rose: RED, blue: BLUE };
  return await TestGateway.start({
    config: { ...sections, server: { users: USERS, userKafka, ...server } },
    timeouts: { principalIdleMs: 50, loginFailureMs: 1, lingerMs: 50 },
  });
}

/** The principals that have clients of Kafka, without the gateway's own. */
function openPrincipals({ rafka }: TestGateway): (string | undefined)[] {
  return rafka.server.state.principals.open.map(({ name }) => name).slice(1);
}

async function untilPrincipals(gateway: TestGateway, names: readonly string[]): Promise<void> {
  await until(
    () => JSON.stringify(openPrincipals(gateway)) === JSON.stringify(names),
    `the principals ${JSON.stringify(names)}`,
  );
}

/** The principals and the number of their partitions in RAFKA GROUPS. */
async function members(client: TestClient): Promise<[string, number][]> {
  const text = (await client.ask("RAFKA", "GROUPS")).replaceAll(/\$\d+\r\n/g, "");
  return [...text.matchAll(/partitions\r\n\*(\d+)[^]*?principal\r\n(\w+)/g)]
    .map(([, count, name]) => [name!, Number(count)] as [string, number]);
}

/** A message of a principal that is not delivered. */
async function failAs(gateway: TestGateway, name: string, topic: string): Promise<void> {
  const { KafkaEvents } = await import("../../src/telemetry/kafka_events.ts");
  const { KafkaError } = await import("../../src/kafka/client/error.ts");
  const events = new KafkaEvents(gateway.rafka.server.state.telemetry, name);
  const error = new KafkaError("failed", -196, "_FAIL");
  const none = { keyBytes: 0, valueBytes: 0, key: null, value: null, following: 0 };
  const message = { topic, partition: 0, possiblyPersisted: false, ...none };
  events.messageFailed(message, error, { id: "somebody" });
  events.deliveryFailed({ topic, partition: 0, error, count: 1, unflushed: false });
  events.close();
}
