/**
 * Properties 13 to 18 for streams, their groups, and locks: rights hold for each command of them, however it is sent.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { connectionId, untilBlocked } from "../support/client_list.ts";
import type { TestGateway } from "../support/gateway.ts";
import { idsOf, numberOf, readStreams, textOf, valuesOf } from "../support/stream_group.ts";
import { encodeRequest } from "../support/wire.ts";
import { AclFile, connectAs, NO_KEY, noCommand, startWith, TEAMS } from "./users.ts";

/** Two teams that read one topic, each as groups of its own. */
const READERS = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red %R~topics:shared ~topics:red* ~groups:red* +@all -@dangerous +rafka|groups +info",
  "user blue on >blue %R~topics:shared ~topics:blue* ~groups:blue* +@all",
];

/** A topic with entries, and a group at its beginning; everything is made by root. */
async function makeStream(root: TestClient, topic: string, group: string): Promise<string> {
  const made = await root.ask("XGROUP", "CREATE", `topics:${topic}`, group, 0, "MKSTREAM");
  assert.equal(made, "+OK\r\n");
  return textOf(await root.ask("XADD", `topics:${topic}`, "*", "value", topic));
}

function readGroup(group: string, topic: string, ...options: string[]): string[] {
  return ["XREADGROUP", "GROUP", group, "c", ...options, "STREAMS", `topics:${topic}`, ">"];
}

async function pendingCount(root: TestClient, topic: string, group: string): Promise<number> {
  const reply = await root.ask("XPENDING", `topics:${topic}`, group);
  return numberOf(/^\*4\r\n(:\d+\r\n)/.exec(reply)?.[1] ?? reply);
}

Deno.test("13: the stream that is checked is the one that is used", async () => {
  await using gateway = await startWith();
  using root = await connectAs(gateway, "root");
  const id = await makeStream(root, "blue", "red");
  await makeStream(root, "red", "red");
  using red = await connectAs(gateway, "red");
  for (
    const request of [
      ["XADD", "topics:blue", "*", "value", "m"],
      ["XADD", "topic:blue", "*", "value", "m"],
      ["xadd", "topics:blue:topics:red", "*", "value", "topics:red"],
      ["XADD", "topics:blue", "NOMKSTREAM", "*", "value", "m"],
      ["XLEN", "topics:blue"],
      ["LLEN", "topics:blue"],
      ["ZCARD", "topics:blue"],
      ["ZCOUNT", "topics:blue", "0", "1"],
      ["XRANGE", "topics:blue", "-", "+"],
      ["XREVRANGE", "topics:blue", "+", "-", "COUNT", "1"],
      ["XREAD", "STREAMS", "topics:blue", "0"],
      ["XREAD", "COUNT", "1", "BLOCK", "1", "STREAMS", "topics:red", "topics:blue", "0", "0"],
      ["XREAD", "STREAMS", "STREAMS", "topics:blue", "0", "0"],
      ["XDEL", "topics:blue", id],
      ["XTRIM", "topics:blue", "MAXLEN", "0"],
      ["XSETID", "topics:blue", id],
      ["XINFO", "STREAM", "topics:blue"],
      ["XINFO", "STREAM", "topics:blue", "FULL"],
      ["XINFO", "GROUPS", "topics:blue"],
      ["XINFO", "CONSUMERS", "topics:blue", "red"],
      ["XGROUP", "CREATE", "topics:blue", "red2", "0"],
      ["XGROUP", "CREATE", "topics:blue", "red2", "0", "MKSTREAM"],
      ["XGROUP", "SETID", "topics:blue", "red", "0"],
      ["XGROUP", "DESTROY", "topics:blue", "red"],
      ["XGROUP", "CREATECONSUMER", "topics:blue", "red", "c"],
      ["XGROUP", "DELCONSUMER", "topics:blue", "red", "c"],
      ["XACK", "topics:blue", "red", id],
      ["XNACK", "topics:blue", "red", "FAIL", "IDS", "1", id],
      ["XPENDING", "topics:blue", "red"],
      ["XCLAIM", "topics:blue", "red", "c", "0", id, "FORCE"],
      ["XAUTOCLAIM", "topics:blue", "red", "c", "0", "0"],
      ["XREADGROUP", "GROUP", "red", "c", "STREAMS", "topics:blue", ">"],
      // words that look like options
      ["XREADGROUP", "GROUP", "red", "STREAMS", "COUNT", "1", "STREAMS", "topics:blue", ">"],
      ["XREADGROUP", "GROUP", "STREAMS", "topics:red", "STREAMS", "topics:red", ">"],
      ["XREADGROUP", "GROUP", "red", "c", "STREAMS", "STREAMS", "topics:red", ">", ">"],
      ["XREADGROUP", "GROUP", "red", "GROUP", "STREAMS", "topics:blue", ">"],
    ]
  ) {
    assert.equal(await red.ask(...request), NO_KEY, request.join(" "));
  }
  // a user that has the key of the prefix as its pattern has no other topic by it
  assert.equal(await red.ask("XADD", "topics:redder:blue", "*", "value", "m").then(isId), true);
  assert.equal(await root.ask("XLEN", "topics:blue"), ":1\r\n");
  assert.match(await root.ask("XINFO", "GROUPS", "topics:blue"), /^\*1\r\n/);
  assert.equal(await pendingCount(root, "blue", "red"), 0);
});

Deno.test("13: the group that is checked is the one that is used", async () => {
  await using gateway = await startWith([
    "user default off",
    "user root on >root ~* &* +@all",
    "user red on >red ~topics:red ~groups:red ~groups:x +@all -@admin -@dangerous",
  ]);
  using root = await connectAs(gateway, "root");
  const groups = ["blue", "redder", "re", "red:1", "RED", "\xef\xbb\xbfred", "groups:red", "r*"];
  await makeStream(root, "red", "red");
  const id = textOf(await root.ask("XADD", "topics:red", "*", "value", "m"));
  using red = await connectAs(gateway, "red");
  for (const group of groups) {
    assert.equal(await root.ask("XGROUP", "CREATE", "topics:red", group, 0), "+OK\r\n", group);
    for (
      const request of [
        readGroup(group, "red"),
        ["XREADGROUP", "GROUP", "red", "c", "GROUP", group, "c", "STREAMS", "topics:red", ">"],
        ["XREADGROUP", "STREAMS", "topics:red", ">", "GROUP", group, "c"],
        ["XGROUP", "CREATE", "topics:red", group, "0"],
        ["XGROUP", "SETID", "topics:red", group, "0"],
        ["XGROUP", "DESTROY", "topics:red", group],
        ["XGROUP", "CREATECONSUMER", "topics:red", group, "c"],
        ["XGROUP", "DELCONSUMER", "topics:red", group, "c"],
        ["XINFO", "CONSUMERS", "topics:red", group],
        ["XACK", "topics:red", group, id],
        ["XNACK", "topics:red", group, "FAIL", "IDS", "1", id],
        ["XPENDING", "topics:red", group],
        ["XPENDING", "topics:red", group, "-", "+", "10"],
        ["XCLAIM", "topics:red", group, "c", "0", id, "FORCE"],
        ["XAUTOCLAIM", "topics:red", group, "c", "0", "0"],
      ]
    ) {
      const reply = await red.ask(...request);
      if (request[1] === "STREAMS") assert.match(reply, /^-ERR Unbalanced/);
      else assert.equal(reply, NO_KEY, request.join(" "));
    }
  }
  // of several groups the last one counts, in the check as in the command
  const twice = ["XREADGROUP", "GROUP", "blue", "c", "GROUP", "red", "c"];
  const streams = readStreams(await red.ask(...twice, "BLOCK", 0, "STREAMS", "topics:red", ">"));
  assert.ok(streams!.has("topics:red"));
  // no bytes that are no text stand for a group with another name
  assert.match(await red.ask(...readGroup("red\xff", "red")), /^-(NOPERM|ERR)/);
  assert.match(await red.ask(...readGroup("", "red")), /^-(NOPERM|ERR)/);
  // nor does a line break in one reach an error
  const breaking = await root.ask("XPENDING", "topics:red", "red\r\n+OK");
  assert.match(breaking, /^-NOGROUP [^\r\n]*\r\n$/);
  assert.match(await red.ask("XADD", "groups:red", "*", "value", "m"), /^-ERR/); // no topic
  assert.equal(await pendingCount(root, "red", "blue"), 0);
});

Deno.test("14: XREADGROUP and XREAD check each stream before they take anything", async () => {
  await using gateway = await startWith();
  using root = await connectAs(gateway, "root");
  await makeStream(root, "red", "red");
  await makeStream(root, "blue", "red");
  using red = await connectAs(gateway, "red");
  const command = ["XREADGROUP", "GROUP", "red", "c", "BLOCK", "1", "STREAMS"];
  assert.equal(await red.ask(...command, "topics:red", "topics:blue", ">", ">"), NO_KEY);
  assert.equal(await red.ask(...command, "topics:red", "topics:blue", "0", "0"), NO_KEY);
  assert.equal(await pendingCount(root, "red", "red"), 0);
  const streams = readStreams(await red.ask(...readGroup("red", "red", "BLOCK", "0")));
  assert.deepEqual(valuesOf(streams!.get("topics:red")!), ["red"]);
});

Deno.test("15: to add, to read, to trim and to make a topic by a group are rights of their own", async () => {
  await using gateway = await startWith([
    "user default off",
    "user root on >root ~* &* +@all",
    "user writer on >writer %W~topics:t +@produce +@connection -@admin",
    "user reader on >reader %R~topics:t* %R~groups:g +@consume +@connection -@admin",
    "user looker on >looker %R~topics:t +@all",
    "user both on >both %R~topics:t* ~groups:g +@all",
  ]);
  using writer = await connectAs(gateway, "writer");
  const id = textOf(await writer.ask("XADD", "topics:t", "*", "value", "m"));
  assert.equal(await writer.ask("XDEL", "topics:t", id), ":1\r\n");
  assert.equal(await writer.ask("XLEN", "topics:t"), noCommand("xlen"));
  assert.equal(await writer.ask(...readGroup("g", "t")), noCommand("xreadgroup"));
  using reader = await connectAs(gateway, "reader");
  assert.equal(await reader.ask("XGROUP", "CREATE", "topics:t", "g", 0), "+OK\r\n");
  const streams = readStreams(await reader.ask(...readGroup("g", "t", "BLOCK", "0")));
  assert.deepEqual(idsOf(streams!.get("topics:t")!), [id]);
  assert.equal(await reader.ask("XACK", "topics:t", "g", id), ":1\r\n");
  assert.equal(await reader.ask("XADD", "topics:t", "*", "value", "m"), noCommand("xadd"));
  using looker = await connectAs(gateway, "looker");
  assert.equal(await looker.ask("XLEN", "topics:t"), ":1\r\n");
  for (
    const request of [readGroup("g", "t"), ["XGROUP", "DESTROY", "topics:t", "g"], [
      "XPENDING",
      "topics:t",
      "g",
    ]]
  ) {
    assert.equal(await looker.ask(...request), NO_KEY);
  }
  using both = await connectAs(gateway, "both");
  for (
    const request of [
      ["XADD", "topics:t", "*", "value", "m"],
      ["XDEL", "topics:t", id],
      ["XTRIM", "topics:t", "MAXLEN", "0"],
      ["XGROUP", "CREATE", "topics:t2", "g", "0", "MKSTREAM"],
      ["XGROUP", "CREATE", "topics:t2", "g", "0", "ENTRIESREAD", "1", "mkstream"],
    ]
  ) {
    assert.equal(await both.ask(...request), NO_KEY, request.join(" "));
  }
  assert.match(await both.ask("XGROUP", "CREATE", "topics:t2", "g", 0), /^-ERR The XGROUP sub/);
});

Deno.test("15: in MULTI streams are checked when they are queued, and by EXEC again", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using root = await connectAs(gateway, "root");
  await makeStream(root, "red", "red");
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("MULTI"), "+OK\r\n");
  assert.equal(await red.ask("XADD", "topics:blue", "*", "value", "m"), NO_KEY);
  assert.equal(await red.ask("XADD", "topics:red", "*", "value", "m"), "+QUEUED\r\n");
  assert.match(await red.ask("EXEC"), /^-EXECABORT /);
  assert.equal(await red.ask("MULTI"), "+OK\r\n");
  assert.equal(await red.ask(...readGroup("red", "red", "BLOCK", "0")), "+QUEUED\r\n");
  assert.equal(await red.ask("XADD", "topics:red", "*", "value", "m"), "+QUEUED\r\n");
  file.write([...TEAMS.slice(0, 2), "user red on >red %W~topics:red ~groups:red* +@all"]);
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  const reply = await red.ask("EXEC");
  assert.match(reply, /^\*2\r\n-NOPERM ACLs rules changed .* the specified keys\r\n\$\d+\r\n/);
  assert.equal(await pendingCount(root, "red", "red"), 0);
  assert.equal(await root.ask("XLEN", "topics:red"), ":2\r\n");
});

/** What a client waits with. */
const WAITS: Readonly<Record<string, string[]>> = {
  XREADGROUP: readGroup("red", "red", "BLOCK", "0"),
  XREAD: ["XREAD", "BLOCK", "0", "STREAMS", "topics:red", "$"],
};

/** A client of red's that waits for what comes behind the first entry. */
async function waiting(
  gateway: TestGateway,
  root: TestClient,
  request: string[],
): Promise<TestClient> {
  await makeStream(root, "red", "red");
  const red = await connectAs(gateway, "red");
  await red.ask(...readGroup("red", "red", "BLOCK", "0"));
  const id = await connectionId(red);
  await red.send(...request);
  await untilBlocked(root, id);
  return red;
}

for (
  const [name, what, line] of [
    ["XREADGROUP", "its topic", "user red on >red ~topics:other ~groups:red +@all"],
    ["XREADGROUP", "reading of its topic", "user red on >red %W~topics:red ~groups:red +@all"],
    ["XREADGROUP", "its group", "user red on >red ~topics:red ~groups:other +@all"],
    ["XREADGROUP", "its command", "user red on >red ~topics:red ~groups:red +@all -xreadgroup"],
    ["XREADGROUP", "its user", "user green on >green ~* +@all"],
    ["XREAD", "its topic", "user red on >red ~topics:other ~groups:red +@all"],
    ["XREAD", "its command", "user red on >red ~topics:red ~groups:red +@all -@stream"],
  ] as const
) {
  Deno.test(`16: ${name} that waits ends when it loses ${what}`, async () => {
    using file = new AclFile(TEAMS);
    await using gateway = await startWith([], { aclFile: file.path });
    using root = await connectAs(gateway, "root");
    using red = await waiting(gateway, root, WAITS[name]!);
    file.write([...TEAMS.slice(0, 2), line, TEAMS[3]!]);
    assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
    assert.match(await red.untilClosed(), /^-NOPERM /);
    await root.ask("XADD", "topics:red", "*", "value", "later");
    assert.equal(await pendingCount(root, "red", "red"), 1); // the later one is nobody's
  });
}

for (const [name, request] of Object.entries(WAITS)) {
  Deno.test(`16: ${name} that waits goes on when rules change that it does not live on`, async () => {
    using file = new AclFile(TEAMS);
    await using gateway = await startWith([], { aclFile: file.path });
    using root = await connectAs(gateway, "root");
    using red = await waiting(gateway, root, request);
    const kept = "user red on >red %R~topics:red ~groups:red +xread +xreadgroup";
    for (const line of [kept, "user red on >red ~* +@all", kept]) {
      file.write([...TEAMS.slice(0, 2), line]);
      assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
    }
    await root.ask("XADD", "topics:red", "*", "value", "later");
    const streams = readStreams(await red.reply());
    assert.deepEqual(valuesOf(streams!.get("topics:red")!), ["later"]);
    assert.equal(await red.ask("XLEN", "topics:red"), noCommand("xlen"));
  });
}

Deno.test("16: a right that is lost while a group is joined ends the wait that follows", async () => {
  using file = new AclFile(TEAMS);
  await using gateway = await startWith([], { aclFile: file.path });
  using root = await connectAs(gateway, "root");
  assert.equal(await root.ask("XGROUP", "CREATE", "topics:red", "red", "$", "MKSTREAM"), "+OK\r\n");
  using red = await connectAs(gateway, "red");
  file.write([...TEAMS.slice(0, 2), "user red on >red ~topics:red ~groups:other +@all"]);
  await red.send(...readGroup("red", "red", "BLOCK", "0"));
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(await red.reply(), NO_KEY);
});

Deno.test("17: another AUTH behind pipelined XADDs: each is the user's of its moment, and is answered", async () => {
  await using gateway = await startWith();
  using client = await connectAs(gateway, "red");
  const add = (topic: string): string =>
    encodeRequest(["XADD", `topics:${topic}`, "*", "value", "m"]);
  await client.write(
    add("red") + add("red") + encodeRequest(["AUTH", "blue", "blue"]) + add("red") + add("blue") +
      encodeRequest(["RESET"]) + add("blue") + encodeRequest(["AUTH", "red", "red"]) + add("red") +
      add("blue"),
  );
  const replies: string[] = [];
  for (let at = 0; at < 10; at++) replies.push((await client.reply()).replace(/^\$.*/s, "id"));
  assert.deepEqual(replies, [
    "id",
    "id",
    "+OK\r\n",
    NO_KEY,
    "id",
    "+RESET\r\n",
    "-NOAUTH Authentication required.\r\n",
    "+OK\r\n",
    "id",
    NO_KEY,
  ]);
  using root = await connectAs(gateway, "root");
  assert.equal(await root.ask("XLEN", "topics:red"), ":3\r\n");
  assert.equal(await root.ask("XLEN", "topics:blue"), ":1\r\n");
});

Deno.test("17: another AUTH behind an XREADGROUP that waits waits, too; entries stay those of their group", async () => {
  await using gateway = await startWith();
  using root = await connectAs(gateway, "root");
  using client = await waiting(gateway, root, WAITS.XREADGROUP!);
  await client.write(
    encodeRequest(["AUTH", "blue", "blue"]) + encodeRequest(readGroup("red", "red")) +
      encodeRequest(["XACK", "topics:red", "red", "1-1"]) + encodeRequest(["RESET"]),
  );
  const id = textOf(await root.ask("XADD", "topics:red", "*", "value", "later"));
  assert.deepEqual(idsOf(readStreams(await client.reply())!.get("topics:red")!), [id]);
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), NO_KEY);
  assert.equal(await client.reply(), NO_KEY);
  assert.equal(await client.reply(), "+RESET\r\n");
  assert.match(await client.ask("XLEN", "topics:red"), /^-NOAUTH/);
  assert.equal(await pendingCount(root, "red", "red"), 2);
});

Deno.test("18: groups that a user may not consume as are neither shown nor touched", async () => {
  await using gateway = await startWith(READERS);
  using root = await connectAs(gateway, "root");
  const id = await makeStream(root, "shared", "blue");
  assert.equal(await root.ask("XGROUP", "CREATE", "topics:shared", "red", 0), "+OK\r\n");
  using blue = await connectAs(gateway, "blue");
  using red = await connectAs(gateway, "red");
  for (const [client, group] of [[blue, "blue"], [red, "red"]] as const) {
    const streams = readStreams(await client.ask(...readGroup(group, "shared", "BLOCK", "0")));
    assert.deepEqual(idsOf(streams!.get("topics:shared")!), [id]);
  }
  for (
    const request of [
      ["XINFO", "GROUPS", "topics:shared"],
      ["XINFO", "STREAM", "topics:shared", "FULL"],
      ["RAFKA", "GROUPS"],
    ]
  ) {
    const [shown, all] = [await red.ask(...request), await root.ask(...request)];
    assert.match(shown, /\r\nred\r\n/, request.join(" "));
    assert.doesNotMatch(shown, /blue/, request.join(" "));
    assert.match(all, /\r\nblue\r\n/, request.join(" "));
    assert.match(all, /\r\nred\r\n/, request.join(" "));
  }
  assert.match(await red.ask("XINFO", "STREAM", "topics:shared"), /\r\ngroups\r\n:1\r\n/);
  assert.match(await root.ask("XINFO", "STREAM", "topics:shared"), /\r\ngroups\r\n:2\r\n/);
  assert.doesNotMatch(await red.ask("INFO", "everything"), /blue/);
  for (
    const request of [
      ["XCLAIM", "topics:shared", "blue", "c", "0", id],
      ["XAUTOCLAIM", "topics:shared", "blue", "c", "0", "0"],
      ["XACK", "topics:shared", "blue", id],
      ["XNACK", "topics:shared", "blue", "FATAL", "IDS", "1", id],
      ["XPENDING", "topics:shared", "blue", "-", "+", "10", "c"],
      ["XREADGROUP", "GROUP", "blue", "c", "STREAMS", "topics:shared", "0"],
      ["XGROUP", "DELCONSUMER", "topics:shared", "blue", "c"],
      ["XGROUP", "DESTROY", "topics:shared", "blue"],
    ]
  ) {
    assert.equal(await red.ask(...request), NO_KEY, request.join(" "));
  }
  // a claim within its own group is no way to another's entries
  assert.equal(await red.ask("XACK", "topics:shared", "red", id), ":1\r\n");
  assert.equal(await pendingCount(root, "shared", "blue"), 1);
});

Deno.test("13, 14: locks are keys, those of scripts too", async () => {
  await using gateway = await startWith([
    "user default off",
    "user root on >root ~* &* +@all",
    "user red on >red ~lock:red* ~topics:red +@all -@admin -@dangerous",
    "user tasks on >tasks ~lock:red* +set +evalsha +script|load",
  ]);
  const release = "c3f8721cbb97f72bc19e972846bd7aaf91901658";
  using root = await connectAs(gateway, "root");
  using red = await connectAs(gateway, "red");
  assert.equal(await root.ask("SET", "lock:blue", "token", "NX"), "+OK\r\n");
  assert.equal(await red.ask("SET", "lock:red1", "token", "NX"), "+OK\r\n");
  for (
    const request of [
      ["SET", "lock:blue2", "token", "NX"],
      ["GET", "lock:blue"],
      ["TTL", "lock:blue"],
      ["EXISTS", "lock:red1", "lock:blue"],
      ["DEL", "lock:red1", "lock:blue"],
      ["EVALSHA", release, "1", "lock:blue", "token"],
      ["EVALSHA", release, "2", "lock:red1", "lock:blue", "token"],
      ["EVAL", "return 1", "1", "lock:blue"],
    ]
  ) {
    assert.equal(await red.ask(...request), NO_KEY, request.join(" "));
  }
  assert.match(await red.ask("EVALSHA", release, "0", "lock:blue", "token"), /^-ERR the script/);
  assert.match(await red.ask("EVALSHA", release, "9", "lock:blue", "token"), /^-ERR Number of/);
  assert.match(await red.ask("EVALSHA", release, "-1", "lock:blue"), /^-ERR Number of/);
  assert.equal(await root.ask("GET", "lock:blue"), "$5\r\ntoken\r\n");
  using tasks = await connectAs(gateway, "tasks");
  assert.equal(await tasks.ask("EVALSHA", release, "1", "lock:red1", "token"), ":1\r\n");
  assert.equal(await tasks.ask("EVAL", "x", "0"), noCommand("eval"));
});

Deno.test("15: the user of the documentation for Taskiq may do what Taskiq does", async () => {
  const documents = Deno.readTextFileSync(new URL("../../docs/security.md", import.meta.url));
  const [line] = documents.match(/^user tasks .*/m)!;
  await using gateway = await startWith([line.replace(">change-me", ">tasks")]);
  using worker = await connectAs(gateway, "tasks");
  assert.match(await worker.ask("HELLO", "3", "SETNAME", "w"), /^%/);
  const key = "topics:tasks";
  assert.equal(await worker.ask("XGROUP", "CREATE", key, "taskiq", 0, "MKSTREAM"), "+OK\r\n");
  const id = textOf(await worker.ask("XADD", key, "*", "data", "task"));
  const streams = readStreams(await worker.ask(...readGroup("taskiq", "tasks", "BLOCK", "0")));
  assert.deepEqual(idsOf(streams!.get(key)!), [id]);
  const lock = `autoclaim:taskiq:${key}`;
  const script = "c3f8721cbb97f72bc19e972846bd7aaf91901658";
  assert.equal(await worker.ask("SCRIPT", "EXISTS", script), "*1\r\n:1\r\n");
  assert.equal(await worker.ask("MULTI"), "+OK\r\n");
  for (
    const request of [
      ["SET", lock, "token", "NX", "PX", "5000"],
      ["XAUTOCLAIM", key, "taskiq", "w", "300", "0-0", "COUNT", "100"],
      ["EVALSHA", script, "1", lock, "token"],
    ]
  ) {
    assert.equal(await worker.ask(...request), "+QUEUED\r\n");
  }
  assert.match(await worker.ask("EXEC"), /^\*3\r\n\+OK\r\n\*3\r\n[^]*:1\r\n$/);
  assert.equal(await worker.ask("XACK", key, "taskiq", id), ":1\r\n");
  assert.equal(await worker.ask("SET", "other", "token", "NX"), NO_KEY);
  assert.equal(await worker.ask("CLIENT", "LIST"), noCommand("client|list"));
});

Deno.test("15: the user of the documentation for Symfony Messenger may do what that does", async () => {
  const documents = Deno.readTextFileSync(new URL("../../docs/streams-tools.md", import.meta.url));
  const [line] = documents.match(/^user mails .*/m)!;
  await using gateway = await startWith([line.replace(">change-me", ">mails")]);
  using worker = await connectAs(gateway, "mails");
  const key = "topics:mails";
  assert.equal(await worker.ask("XGROUP", "CREATE", key, "mailers", 0, "MKSTREAM"), "+OK\r\n");
  const id = textOf(await worker.ask("XADD", key, "*", "message", "mail"));
  assert.equal(await worker.ask("ZCOUNT", `${key}__queue`, "0", "1700000000"), ":0\r\n");
  const streams = readStreams(await worker.ask(...readGroup("mailers", "mails", "BLOCK", "0")));
  assert.deepEqual(idsOf(streams!.get(key)!), [id]);
  assert.match(await worker.ask("XPENDING", key, "mailers", "-", "+", "1"), /^\*1/);
  assert.match(await worker.ask("XCLAIM", key, "mailers", "c", "0", id, "JUSTID"), /^\*1/);
  assert.equal(await worker.ask("XACK", key, "mailers", id), ":1\r\n");
  assert.equal(await worker.ask("XDEL", key, id), ":1\r\n");
  assert.equal(await worker.ask("ZCOUNT", "topics:other__queue", "0", "1"), NO_KEY);
  assert.equal(await worker.ask("XDEL", "topics:other", id), NO_KEY);
});

Deno.test("entries above a user's rate are held back, not refused", async () => {
  await using gateway = await startWith(TEAMS, { userLimits: { red: { messagesPerSecond: 50 } } });
  using red = await connectAs(gateway, "red");
  const startMs = performance.now();
  for (let times = 0; times < 100; times++) {
    assert.ok(isId(await red.ask("XADD", "topics:red", "*", "value", "m")));
  }
  assert.ok(performance.now() - startMs > 900, `${performance.now() - startMs} ms`);
  for (
    const request of [["XREAD", "STREAMS", "topics:red", "0"], ["XRANGE", "topics:red", "-", "+"]]
  ) {
    const readMs = performance.now();
    await red.ask(...request);
    assert.equal(await red.ask("PING"), "+PONG\r\n"); // not read before
    assert.ok(performance.now() - readMs > 900, `${performance.now() - readMs} ms`);
  }
});

function isId(reply: string): boolean {
  return /^\$\d+\r\n\d+-\d+\r\n$/.test(reply);
}
