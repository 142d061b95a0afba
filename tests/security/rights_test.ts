/**
 * Properties 13 to 17, 19, 20: rights hold, whatever a command is called and however it is sent.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { NO_KEYS } from "../../src/commands/core/access.ts";
import { until } from "../support/gateway.ts";
import { AclFile, connectAs, NO_KEY, noCommand, startWith, TEAMS } from "./users.ts";

/** Commands that do nothing with a topic or a group, or check in another way which they show. A new one belongs here only if that is so. */
const WITHOUT_KEYS = `
  ACL CAT | ACL DELUSER | ACL DRYRUN | ACL GENPASS | ACL GETUSER | ACL HELP | ACL LIST | ACL LOAD | ACL LOG | ACL SAVE |
  ACL SETUSER | ACL USERS | ACL WHOAMI | AUTH | CLIENT CACHING | CLIENT GETNAME | CLIENT GETREDIR | CLIENT HELP |
  CLIENT ID | CLIENT INFO | CLIENT KILL | CLIENT LIST | CLIENT NO-EVICT | CLIENT NO-TOUCH | CLIENT REPLY |
  CLIENT SETINFO | CLIENT SETNAME | CLIENT TRACKING | CLIENT TRACKINGINFO | CLIENT UNBLOCK | CLUSTER | COMMAND |
  COMMAND COUNT | COMMAND DOCS | COMMAND GETKEYS | COMMAND HELP | COMMAND INFO | COMMAND LIST | CONFIG GET | CONFIG HELP |
  CONFIG RESETSTAT | CONFIG SET | DBSIZE | DISCARD | DUMP | ECHO | EXEC | HELLO | INFO | KEYS | LATENCY DOCTOR |
  LATENCY GRAPH | LATENCY HELP | LATENCY HISTOGRAM | LATENCY HISTORY | LATENCY LATEST | LATENCY RESET | LOLWUT |
  MEMORY DOCTOR | MEMORY HELP | MEMORY MALLOC-STATS | MEMORY PURGE | MEMORY STATS | MODULE HELP | MODULE LIST | MONITOR |
  MULTI | PING | PUBSUB CHANNELS | PUBSUB HELP | PUBSUB NUMPAT | PUBSUB NUMSUB | PUBSUB SHARDCHANNELS | PUBSUB SHARDNUMSUB |
  PUNSUBSCRIBE | QUIT | RAFKA BROKERS | RAFKA ERRORS | RAFKA GROUPS | RAFKA HELP | RAFKA NACK | RAFKA TOPICS | RESET | ROLE | SCAN | SCRIPT EXISTS | SCRIPT FLUSH | SCRIPT HELP | SCRIPT LOAD | SELECT | SLOWLOG GET | SLOWLOG HELP |
  SLOWLOG LEN | SLOWLOG RESET | SUNSUBSCRIBE | TIME | UNSUBSCRIBE | WAIT | XGROUP HELP | XINFO HELP`
  .split("|").map((name) => name.trim());

Deno.test("13: every command says what it does with topics and groups", () => {
  const silent = commands.filter(({ access }) => access === undefined).map(({ name }) => name);
  assert.deepEqual(
    silent,
    [],
    "state `access`, or mark the arguments that are keys: see commands/core/access.ts",
  );
  const without = commands.filter(({ access }) => access === NO_KEYS).map(({ name }) => name);
  assert.deepEqual(without.filter((name) => !WITHOUT_KEYS.includes(name)), [], "without any key?");
});

Deno.test("13: the topic that is checked is the one that is used", async () => {
  await using gateway = await startWith();
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("CLIENT", "SETNAME", "red:1"), "+OK\r\n");
  assert.equal(await red.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  for (
    const request of [
      ["RPUSHX", "topics:blue", "m"],
      ["RPUSHX", "topic:blue", "m"],
      ["rpushx", "topics:blue:topics:red", "m"],
      ["RPUSHX", "topics:blue:", "m"],
      ["LPUSH", "topics:blue", "m"],
      ["RPUSH", "topics:blue:red", "m"],
      ["DEL", "topics:blue:k"],
      ["BLPOP", "topics:blue", "1"],
      ["BLPOP", "topics:red,blue", "1"],
      ["BLPOP", 'topics:blue:{"client.rack":"topics:red"}', "1"],
      ["BLPOP", "topic:blue:", "1"],
      ["BLMPOP", "1", "1", "topics:red,blue", "LEFT"],
      ["LMPOP", "1", "topics:blue", "LEFT", "COUNT", "1"],
      ["EXISTS", "topics:red", "topics:blue"],
      ["TYPE", "topics:blue"],
      ["GET", "topics:blue"],
      ["TTL", "topics:blue"],
      ["MEMORY", "USAGE", "topics:blue"],
    ]
  ) {
    assert.equal(await red.ask(...request), NO_KEY, request.join(" "));
  }
  // numkeys decides which word is the key
  assert.match(
    await red.ask("LMPOP", "2", "topics:red", "topics:blue", "LEFT"),
    /^-ERR numkeys must be 1/,
  );
  // the answer for a key is remembered for its topic alone
  assert.equal(await red.ask("RPUSHX", "topics:red:key", "m"), ":1\r\n");
  assert.match(await red.ask("RPUSHX", "topics:redder", "m"), /^:1/);
  assert.equal(await red.ask("RPUSHX", "topics:re", "m"), NO_KEY);
  assert.equal(await red.ask("GET", "a:b:c"), NO_KEY);
});

Deno.test("13: the key of a message is no part of its topic, whatever pattern it matches", async () => {
  await using gateway = await startWith([
    "user default off",
    "user red on >red ~topics:*-public ~topics:exact ~a:b:c ~groups:* +@all",
  ]);
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("RPUSHX", "topics:secret:x-public", "m"), NO_KEY);
  assert.equal(await red.ask("DEL", "topics:secret:x-public"), NO_KEY);
  assert.equal(await red.ask("CLIENT", "SETNAME", "red:1"), "+OK\r\n");
  assert.equal(await red.ask("BLPOP", 'topics:secret:{"client.rack":"-public', "1"), NO_KEY);
  assert.equal(await red.ask("RPUSHX", "topics:my-public:key", "m"), ":1\r\n");
  assert.equal(await red.ask("RPUSHX", "topic:exact:key", "m"), ":1\r\n");
  assert.equal(await red.ask("GET", "a:b:c"), "$-1\r\n"); // remembered for the whole key
  assert.equal(await red.ask("GET", "a:b:d"), NO_KEY);
  assert.equal(await red.ask("GET", "a:b"), NO_KEY);
});

Deno.test("13: regular expressions need the right to every topic", async () => {
  const lines = [
    ...TEAMS,
    "user every on >every %R~topics:* ~groups:* +@all",
    "user most on >most ~topics:[a-z]* ~topics:*red* ~groups:* +@all",
  ];
  await using gateway = await startWith(lines);
  using maker = await connectAs(gateway, "root");
  assert.equal(await maker.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  for (const [user, isAllowed] of [["red", false], ["most", false], ["every", true]] as const) {
    using client = await connectAs(gateway, user);
    assert.equal(await client.ask("CLIENT", "SETNAME", `red-${user}:1`), "+OK\r\n");
    const reply = await client.ask("BLPOP", "topics:^red.*", "5");
    if (isAllowed) assert.match(reply, /^\*8/);
    else assert.equal(reply, NO_KEY);
    if (user === "red") {
      assert.equal(await client.ask("BLPOP", "topics:red,^.*", "1"), NO_KEY);
    }
  }
});

Deno.test("13: the group is checked when the connection is named, and when it consumes", async () => {
  await using gateway = await startWith();
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("CLIENT", "SETNAME", "blue:1"), NO_KEY);
  assert.equal(await red.ask("HELLO", "3", "SETNAME", "blue:1"), NO_KEY);
  using late = await gateway.connect();
  assert.equal(await late.ask("HELLO", "2", "AUTH", "red", "red", "SETNAME", "blue:1"), NO_KEY);
  assert.equal(await late.ask("CLIENT", "SETNAME", "label"), "+OK\r\n"); // no group
  assert.equal(await red.ask("CLIENT", "SETNAME", "red:1"), "+OK\r\n");
});

Deno.test("14: a command of many keys checks each of them before it does anything", async () => {
  await using gateway = await startWith();
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("DEL", "topics:red:a", "topics:blue:b"), NO_KEY);
  assert.equal(await red.ask("DEL", "topics:red:a", "topics:red:b"), ":2\r\n");
  using root = await connectAs(gateway, "root");
  assert.match(await root.ask("INFO", "kafka"), /\r\nproduced:2\r\n/);
});

Deno.test("15: producing, consuming, groups and administration are rights of their own", async () => {
  await using gateway = await startWith([
    "user default off",
    "user producer on >producer %W~topics:t* +@produce +@connection -@admin",
    "user consumer on >consumer %R~topics:t* %R~groups:g* +@consume +@connection -@admin",
    "user groupless on >groupless %R~topics:t* +@consume +@connection -@admin",
    "user admin on >admin +@admin",
  ]);
  using producer = await connectAs(gateway, "producer");
  assert.equal(await producer.ask("RPUSHX", "topics:t", "m"), ":1\r\n");
  assert.equal(await producer.ask("DUMP", "20000"), ":0\r\n");
  assert.equal(await producer.ask("BLPOP", "topics:t", "1"), noCommand("blpop"));
  assert.equal(await producer.ask("CLIENT", "LIST"), noCommand("client|list"));
  using consumer = await connectAs(gateway, "consumer");
  assert.equal(await consumer.ask("CLIENT", "SETNAME", "g:1"), "+OK\r\n");
  assert.match(await consumer.ask("BLPOP", "topics:t", "5"), /^\*8/);
  assert.equal(await consumer.ask("RPUSH", "topics:t", "m"), NO_KEY);
  assert.equal(await consumer.ask("RPUSHX", "topics:t", "m"), noCommand("rpushx"));
  using groupless = await connectAs(gateway, "groupless");
  assert.equal(await groupless.ask("CLIENT", "SETNAME", "g:2"), NO_KEY);
  using admin = await connectAs(gateway, "admin");
  assert.match(await admin.ask("CLIENT", "LIST"), /^\$/);
  assert.equal(await admin.ask("RPUSHX", "topics:t", "m"), noCommand("rpushx"));
});

Deno.test("15: in MULTI a refused command discards all, and EXEC checks again", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("MULTI"), "+OK\r\n");
  assert.equal(await red.ask("RPUSHX", "topics:blue", "m"), NO_KEY);
  assert.equal(await red.ask("RPUSHX", "topics:red", "m"), "+QUEUED\r\n");
  assert.match(await red.ask("EXEC"), /^-EXECABORT /);
  assert.equal(await red.ask("MULTI"), "+OK\r\n");
  assert.equal(await red.ask("RPUSHX", "topics:red", "m"), "+QUEUED\r\n");
  assert.equal(await red.ask("PING"), "+QUEUED\r\n");
  file.write([...TEAMS.slice(0, 2), "user red on >red ~topics:other +@all -rpushx"]);
  using root = await connectAs(gateway, "root");
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(
    await red.ask("EXEC"),
    "*2\r\n-NOPERM ACLs rules changed between the moment the transaction was accumulated and the EXEC call. " +
      "This command is no longer allowed for the following reason: no permission to execute the command or subcommand" +
      "\r\n+PONG\r\n",
  );
  assert.match(await root.ask("INFO", "kafka"), /\r\nproduced:0\r\n/);
});

for (
  const [what, line] of [
    ["its topic", "user red on >red ~topics:other ~groups:red* +@all"],
    ["its group", "user red on >red ~topics:red* ~groups:other +@all"],
    ["its command", "user red on >red ~topics:red* ~groups:red* +@all -blpop"],
    ["its user", "user green on >green ~* +@all"],
    ["its user's switch", "user red off >red ~topics:red* ~groups:red* +@all"],
  ] as const
) {
  Deno.test(`16: a BLPOP that waits ends when it loses ${what}`, async () => {
    using file = new AclFile(TEAMS);
    await using gateway = await startWith([], { aclFile: file.path });
    using red = await connectAs(gateway, "red");
    await red.ask("CLIENT", "SETNAME", "red:1");
    await red.send("BLPOP", "topics:red", 0);
    using root = await connectAs(gateway, "root");
    await until(
      async () => (await root.ask("CLIENT", "LIST")).includes(" topics=red partitions=red:"),
      "the consumer",
    );
    file.write([...TEAMS.slice(0, 2), line, TEAMS[3]!]);
    assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
    assert.match(await red.untilClosed(), /^-NOPERM /);
    await gateway.untilSessions(1);
  });
}

Deno.test("16: a name in a group ends with the right to it", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("CLIENT", "SETNAME", "red:1"), "+OK\r\n");
  using root = await connectAs(gateway, "root");
  file.write([...TEAMS.slice(0, 2), "user red on >red ~topics:red* +@all"]);
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(await red.untilClosed(), "");
  assert.equal(await root.ask("CLIENT", "SETNAME", "red:1"), "+OK\r\n");
});

Deno.test("16: a consumer between two BLPOPs ends with its right; other connections go on", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using red = await connectAs(gateway, "red");
  await red.ask("CLIENT", "SETNAME", "red:1");
  await red.ask("BLPOP", "topics:red", 0.01);
  using producer = await connectAs(gateway, "red");
  assert.equal(await producer.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  using root = await connectAs(gateway, "root");
  file.write([...TEAMS.slice(0, 2), "user red on >red %W~topics:red* +@all"]);
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(await red.untilClosed(), "");
  assert.equal(await producer.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  file.write([...TEAMS.slice(0, 2), "user red on >red %R~topics:red* +@all"]);
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(await producer.ask("RPUSHX", "topics:red", "m"), NO_KEY); // nothing is remembered
});

Deno.test("16: a reload that takes the caller's own rights is answered; MONITOR ends with its right", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using root = await connectAs(gateway, "root");
  using watcher = await connectAs(gateway, "root");
  assert.equal(await watcher.ask("MONITOR"), "+OK\r\n");
  file.write(["user root on >root ~* +@all -monitor -acl"]);
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(await root.ask("ACL", "LIST"), noCommand("acl|list"));
  await watcher.untilClosed();
  using another = await connectAs(gateway, "root");
  file.write(["user other on nopass ~* +@all"]);
  gateway.rafka.reload();
  assert.equal(await another.untilClosed(), "");
});

Deno.test("16: an ACL file that is wrong changes nothing, and says where", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using root = await connectAs(gateway, "root");
  file.write(["user root on >geheim ~* +@all", "user red on +nosuch", "red on"]);
  const reply = await root.ask("ACL", "LOAD");
  assert.ok(
    reply.startsWith(`-ERR ${file.path}:2: Error in applying operation '+nosuch': `),
    reply,
  );
  assert.ok(reply.includes(`${file.path}:3 should start with user keyword`), reply);
  assert.ok(
    reply.endsWith("no change to the previously active ACL rules was performed\r\n"),
    reply,
  );
  assert.ok(!reply.includes("geheim"));
  Deno.removeSync(file.path);
  assert.match(await root.ask("ACL", "LOAD"), /^-ERR the file .* cannot be read: /);
  file.write(TEAMS);
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("PING"), "+PONG\r\n");
});

Deno.test("17: another AUTH ends consumer, producer and name of the user before", async () => {
  await using gateway = await startWith();
  using client = await connectAs(gateway, "red");
  await client.ask("CLIENT", "SETNAME", "red:1");
  assert.equal(await client.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  assert.match(await client.ask("BLPOP", "topics:red", 5), /^\*8/);
  assert.equal(await client.ask("AUTH", "blue", "blue"), "+OK\r\n");
  assert.equal(await client.ask("BLPOP", "topics:red", 1), NO_KEY);
  assert.match(await client.ask("BLPOP", "topics:blue", 1), /^-CONS Connection not ready/);
  assert.match(await client.ask("RPUSH", "acks", "red:0:0"), /^-CONS No consumer registered/);
  assert.equal(await client.ask("WAIT", "0", "1000"), ":1\r\n");
  const [session] = gateway.rafka.server.state.clientList;
  assert.equal(session!.kafka.consumer, undefined);
  assert.equal(session!.kafka.outstanding, 0);
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("CLIENT", "SETNAME", "red:1"), "+OK\r\n"); // the name is free
  // a refused login changes nothing
  assert.match(await red.ask("BLPOP", "topics:red", 5), /^\*8/);
  assert.match(await red.ask("AUTH", "blue", "wrong"), /^-WRONGPASS/);
  assert.equal(
    await red.ask("RPUSH", "acks", "red:0:0").then((reply) =>
      reply[0] !== "-" || /ack/.test(reply)
    ),
    true,
  );
});

Deno.test("17: another AUTH between MULTI and EXEC: each command is run with the rights of its moment", async () => {
  await using gateway = await startWith();
  using client = await connectAs(gateway, "red");
  const run = async (...requests: string[][]): Promise<string> => {
    for (const request of requests) {
      assert.equal(await client.ask(...request), "+QUEUED\r\n", request.join(" "));
    }
    return await client.ask("EXEC");
  };
  const [red, blue] = ["red", "blue"].map((topic) => ["RPUSHX", `topics:${topic}`, "m"]);
  const refused = /-NOPERM ACLs rules changed [^\r]*\r\n/.source;
  assert.equal(await client.ask("MULTI"), "+OK\r\n");
  assert.match(
    await run(red!, ["AUTH", "blue", "blue"], red!),
    new RegExp(`^\\*3\r\n:1\r\n\\+OK\r\n${refused}$`),
  );
  assert.equal(await client.ask("MULTI"), "+OK\r\n"); // blue's from here on
  assert.match(
    await run(blue!, ["HELLO", "2", "AUTH", "red", "red"], ["ACL", "WHOAMI"], blue!),
    new RegExp(`^\\*4\r\n:1\r\n\\*[^]*\\$3\r\nred\r\n${refused}$`),
  );
  assert.equal(await client.ask(...blue!), NO_KEY);
  assert.equal(await client.ask("MULTI"), "+OK\r\n");
  assert.match(
    await run(red!, ["AUTH", "root", "wrong"], red!),
    /^\*3\r\n:1\r\n-WRONGPASS [^\r]*\r\n:1\r\n$/,
  );
});

Deno.test("19: administration takes its right, and then what it may do depends on what it may see", async () => {
  await using gateway = await startWith([
    ...TEAMS,
    "user ops on >ops ~topics:ops* +@all",
    "user reset on >reset ~stats +del +hgetall",
  ]);
  using red = await connectAs(gateway, "red");
  for (
    const request of [
      ["CONFIG", "GET", "*"],
      ["CONFIG", "RESETSTAT"],
      ["CLIENT", "KILL", "ID", "1"],
      ["CLIENT", "LIST"],
      ["CLIENT", "UNBLOCK", "1"],
      ["MONITOR"],
      ["RAFKA", "ERRORS"],
      ["ACL", "LIST"],
      ["ACL", "LOAD"],
      ["ACL", "LOG"],
      ["SLOWLOG", "GET"],
      ["LATENCY", "HISTOGRAM"],
    ]
  ) {
    assert.match(await red.ask(...request), /^-NOPERM .* run the '/, request.join(" "));
  }
  assert.equal(await red.ask("DEL", "stats"), noCommand("config|resetstat"));
  using reset = await connectAs(gateway, "reset");
  assert.equal(await reset.ask("DEL", "stats"), noCommand("config|resetstat"));
  assert.match(await reset.ask("HGETALL", "stats"), /^\*/);
  // who may not read everything ends its own connections only
  using ops = await connectAs(gateway, "ops");
  const id = (await red.ask("CLIENT", "ID")).slice(1, -2);
  assert.equal(await ops.ask("CLIENT", "KILL", "ID", id), ":0\r\n");
  assert.equal(await ops.ask("CLIENT", "KILL", "USER", "red"), ":0\r\n");
  using root = await connectAs(gateway, "root");
  assert.equal(await root.ask("CLIENT", "KILL", "USER", "red"), ":1\r\n");
  assert.equal(await red.untilClosed(), "");
});

Deno.test("20: settings of a consumer that cost others take a right of their own", async () => {
  await using gateway = await startWith([
    "user default off",
    "user plain on >plain ~* +@consume +@connection",
    "user trusted on >trusted ~* +@consume +@connection +consumer-settings",
  ]);
  const costly = [
    { "group.instance.id": "of-another" },
    { "session.timeout.ms": 6_000 },
    { "heartbeat.interval.ms": 500 },
    { "max.poll.interval.ms": 86_400_000 },
    { "auto.commit.interval.ms": 100 },
    { "fetch.wait.max.ms": 10 },
    { "partition.assignment.strategy": "range" },
  ];
  using plain = await connectAs(gateway, "plain");
  await plain.ask("CLIENT", "SETNAME", "g:plain");
  for (const settings of costly) {
    assert.equal(
      await plain.ask("BLPOP", `topics:t:${JSON.stringify(settings)}`, 0.01),
      noCommand("consumer-settings"),
    );
  }
  assert.equal(
    await plain.ask("BLPOP", 'topics:t:{"auto.offset.reset":"latest","client.rack":"a"}', 0.01),
    "*-1\r\n",
  );
  using trusted = await connectAs(gateway, "trusted");
  await trusted.ask("CLIENT", "SETNAME", "h:trusted");
  assert.equal(await trusted.ask("BLPOP", 'topics:t:{"session.timeout.ms":6000}', 0.01), "*-1\r\n");
});
