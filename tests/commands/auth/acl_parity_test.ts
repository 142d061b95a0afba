/**
 * Users with the same rules in redis-server 7.0 (ACL SETUSER) and in the configuration: the same commands are refused with
 * the same words, and ACL shows the same of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../../support/client.ts";
import { TestGateway } from "../../support/gateway.ts";
import { hasRedisServer } from "../../support/machine.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { readWireReply } from "../../support/wire_reply.ts";

/** Rules by user. */
const USERS: Readonly<Record<string, string>> = {
  default: "on >default-password ~* &* +@all",
  root: "on >root ~* &* +@all",
  nobody: "on >nobody",
  closed: "off >closed ~* +@all",
  open: "on nopass ~topics:o* +get +ping",
  reader: "on >reader %R~topics:orders* +@read +ping",
  writer: "on >writer %W~topics:orders* +@write +@connection",
  both: "on >both >second ~topics:orders* ~groups:* +@list +@keyspace",
  exact: "on >exact ~topics:orders resetchannels +get +exists +type +rpushx +rpush +multi +exec",
  glob: "on >glob ~topics:[a-o]rders? %RW~topics:x* +@all -@dangerous",
  all: "on >all ~* -@all +@all -get",
  clients: "on >clients allkeys +client|list +client|id +config|get +acl|whoami",
  containers: "on >containers ~* +client -client|kill +acl -acl|list",
  minus: "on >minus ~* &* +@all -@admin +client|list",
  order: "on >order ~* +@string -get +get",
  selector: "on >selector ~topics:x +ping (~topics:orders +get) (%W~topics:new +rpushx)",
  channels: "on >channels &news* &x ~a ~b +ping",
  reset: "on >before ~* +@all reset on >reset +echo ~topics:reset",
  hashed: "on #9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 ~* +ping",
};

/** Passwords by user; the others' are their names. */
const PASSWORDS: Readonly<Record<string, string>> = {
  default: "default-password",
  both: "second",
  hashed: "test",
};

/** Commands whose key has the same permissions in both: those that consume need only `%R` here. */
const COMMANDS: readonly string[] = [
  "PING",
  "ECHO hi",
  "GET topics:orders",
  "GET topics:orders2",
  "GET topics:x",
  "GET other",
  "EXISTS topics:orders",
  "EXISTS topics:orders topics:x",
  "TYPE topics:orders",
  "TYPE other",
  "TTL topics:reset",
  "RPUSHX topics:orders m",
  "RPUSHX topics:new m",
  "RPUSHX topics:x m",
  "LPUSH topics:orders m",
  "RPUSH topics:orders m",
  "RPUSH topics:other m",
  "DEL topics:orders:key",
  "DEL topics:orders:key topics:x:key",
  "KEYS topics:*",
  "SCAN 0",
  "DBSIZE",
  "INFO server",
  "TIME",
  "SELECT 0",
  "CLIENT ID",
  "CLIENT LIST",
  "CLIENT GETNAME",
  "CLIENT KILL ID 987654321",
  "CONFIG GET save",
  "CONFIG RESETSTAT",
  "ACL WHOAMI",
  "ACL LIST",
  "ACL CAT",
  "ACL USERS",
  "ACL LOG RESET",
  "COMMAND COUNT",
  "MEMORY USAGE topics:orders",
  "SLOWLOG LEN",
  "MULTI",
  "DISCARD",
];

/** What ACL answers about them, to root. */
const QUESTIONS: readonly string[] = [
  "ACL WHOAMI",
  "ACL USERS",
  "ACL LIST",
  "ACL GETUSER nosuch",
  "ACL CAT",
  "ACL CAT nosuch",
  "ACL CAT transaction more",
  "ACL GENPASS 0",
  "ACL GENPASS 4097",
  "ACL GENPASS x",
  "ACL LOG RESET",
  "ACL LOG",
  "ACL LOG x",
  "ACL LOG 1 2",
  "ACL DRYRUN nosuch get x",
  "ACL DRYRUN reader nosuch x",
  "ACL DRYRUN reader get",
  "ACL DRYRUN reader client",
  "ACL DRYRUN reader client nosuch",
  "ACL nosuch",
  "ACL",
  "ACL WHOAMI more",
];

/** Logins of a new connection. */
const LOGINS: readonly string[] = [
  "AUTH",
  "AUTH root",
  "AUTH default-password",
  "AUTH root root",
  "AUTH root wrong",
  "AUTH nosuch root",
  "AUTH closed closed",
  "AUTH open anything",
  "AUTH root root more",
  "PING",
  "MULTI",
  "GET",
  "CLIENT NOSUCH",
  "NOSUCH",
  "HELLO",
  "HELLO 3",
  "HELLO 9",
  "HELLO x",
  "HELLO 3 SETNAME label",
  "HELLO 3 AUTH root wrong",
  "HELLO 3 AUTH root",
  "RESET",
  "AUTH both both",
  "AUTH both second",
  "AUTH both third",
  "AUTH reset before",
  "AUTH hashed test",
];

/** What of a user redis-server 7.0 writes in another way, or its commands are other ones. */
const DIFFERENT_RULES = ["glob", "minus"];

Deno.test({
  name: "Users with the same rules have the same rights as in redis-server",
  ignore: !hasRedisServer,
  async fn(test): Promise<void> {
    await using redis = await RedisServer.start(1024 * 1024);
    const lines = Object.entries(USERS).map(([name, rules]) => `user ${name} ${rules}`);
    await using gateway = await TestGateway.start({ config: { server: { users: lines } } });
    {
      using admin = await TestClient.connect(redis.port);
      for (const [name, rules] of Object.entries(USERS)) {
        if (name === "default") continue;
        const words = ["ACL", "SETUSER", name, ...ruleWords(rules)];
        assert.equal(await admin.ask(...words), "+OK\r\n", name);
      }
      assert.equal(
        await admin.ask("ACL", "SETUSER", "default", "reset", ...USERS.default!.split(" ")),
        "+OK\r\n",
      );
    }
    let rows = 0;
    for (const login of LOGINS) {
      await test.step(`before a login: ${login}`, async () => {
        rows++;
        using theirs = await TestClient.connect(redis.port);
        using ours = await TestClient.connect(gateway.port);
        const [reply, own] = [await ask(theirs, login), await ask(ours, login)];
        assert.deepEqual(readWireReply(own), readWireReply(reply));
      });
    }
    for (const name of Object.keys(USERS).filter((name) => name !== "closed")) {
      await test.step(`${name} is refused the same commands`, async () => {
        using theirs = await logIn(redis.port, name);
        using ours = await logIn(gateway.port, name);
        for (const command of COMMANDS) {
          rows++;
          const [reply, own] = [await ask(theirs, command), await ask(ours, command)];
          assert.equal(refusalIn(own), refusalIn(reply), `${name}: ${command}: ${reply}`);
        }
      });
    }
    await test.step("DRYRUN says the same of them", async () => {
      using theirs = await logIn(redis.port, "root");
      using ours = await logIn(gateway.port, "root");
      for (const name of Object.keys(USERS)) {
        for (const command of COMMANDS.filter((one) => !/^DEL/.test(one))) { // a key is part of its topic
          rows++;
          const question = `ACL DRYRUN ${name} ${command}`;
          assert.equal(await ask(ours, question), await ask(theirs, question), question);
        }
      }
    });
    for (const protocol of [2, 3]) {
      await test.step(`ACL answers the same in RESP${protocol}`, async () => {
        using theirs = await logIn(redis.port, "root");
        using ours = await logIn(gateway.port, "root");
        await ask(theirs, `HELLO ${protocol}`);
        await ask(ours, `HELLO ${protocol}`);
        const users = Object.keys(USERS).filter((name) => !DIFFERENT_RULES.includes(name));
        for (const question of [...QUESTIONS, ...users.map((name) => `ACL GETUSER ${name}`)]) {
          rows++;
          const [reply, own] = [await ask(theirs, question), await ask(ours, question)];
          assert.equal(withoutDifferent(own), withoutDifferent(reply), question);
        }
      });
    }
    assert.ok(rows >= 200, `${rows} rows`);
  },
});

/** A selector is one word there. */
function ruleWords(rules: string): string[] {
  return rules.match(/\([^)]*\)|\S+/g)!;
}

async function logIn(port: number, name: string): Promise<TestClient> {
  const client = await TestClient.connect(port);
  assert.equal(await client.ask("AUTH", name, PASSWORDS[name] ?? name), "+OK\r\n", name);
  return client;
}

async function ask(client: TestClient, line: string): Promise<string> {
  return await client.ask(...line.split(" "));
}

/** A reply, if it is a refusal; what is allowed has other replies in a Redis without topics. */
function refusalIn(reply: string): string {
  return /^-(NOPERM|NOAUTH|WRONGPASS)/.test(reply) ? reply : "allowed";
}

/**
 * Without what redis-server 7.0 does in another way: rules for commands that exist there only, rules in the order of its
 * table of commands (7.2 keeps that of the user), a flag about RESTORE; and without Rafka's own categories.
 */
function withoutDifferent(reply: string): string {
  const lines = DIFFERENT_RULES.map((name) => `user ${name} .*`);
  const different = new RegExp(
    `^(${[...lines, "produce", "consume", "sanitize-payload"].join("|")})$`,
  );
  return reply.split("\r\n").filter((line) => !different.test(line) && !/^[$*~]\d+$/.test(line))
    .map((line) => line.replace(" sanitize-payload", "").split(" ").sort().join(" ")).join("\n");
}
