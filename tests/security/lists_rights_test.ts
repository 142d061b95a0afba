/**
 * Properties 13 to 17 for lists of connections without a name: a pop takes the right to the topic and to the group that
 * the configuration gives it, however it is sent.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { connectionId, untilBlocked } from "../support/client_list.ts";
import { type TestGateway, uniqueName } from "../support/gateway.ts";
import { askText, blpop } from "../support/plain_list.ts";
import { AclFile, connectAs, NO_KEY, noCommand, startWith } from "./users.ts";

/** Who pops as which group: `other` as one that it has no right to. */
const USERS = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red ~topics:red* ~groups:red* ~work +@all -@admin",
  "user other on >other ~topics:red* ~work +@all -@admin",
  "user reader on >reader %R~topics:red* ~groups:red* +@all -@admin",
  "user writer on >writer %W~topics:red* ~groups:red* +@all -@admin",
];
const LISTS = {
  lists: { group: "red" },
  keys: [{ match: "jobs", topic: "red-jobs", group: "blue" }],
};
const LOGSTASH = "b9af23c13eeefc2ae7a9375fe3d3645e2e9c9fc8";

/** Each way to consume a key. */
function popsOf(key: string): string[][] {
  return [
    ["BLPOP", key, "1"],
    ["BRPOP", key, "1"],
    ["BLPOP", "topics:red", key, "1"],
    ["LPOP", key],
    ["rpop", key, "2"],
    ["LMPOP", "2", "topics:red", key, "LEFT"],
    ["BLMPOP", "1", "1", key, "RIGHT"],
    ["LMOVE", key, "work", "LEFT", "LEFT"],
    ["BLMOVE", key, "work", "LEFT", "LEFT", "1"],
    ["RPOPLPUSH", key, "topics:red"],
    ["BRPOPLPUSH", key, "topics:red", "1"],
    ["LRANGE", key, "0", "-1"],
    ["LINDEX", key, "0"],
    ["LLEN", key],
    ["EVALSHA", LOGSTASH, "1", key, "10"],
  ];
}

/** A topic with a message. */
async function fill(gateway: TestGateway, topic: string): Promise<TestClient> {
  const root = await connectAs(gateway, "root");
  assert.equal(await root.ask("RPUSH", `topics:${topic}`, "m"), ":1\r\n");
  return root;
}

Deno.test("13: a pop takes the right to the topic and to its group, sent in whatever way", async () => {
  await using gateway = await startWith(USERS, LISTS);
  using root = await fill(gateway, "red");
  await root.ask("RPUSH", "jobs", "m");
  await root.ask("RPUSH", "topics:blue", "m");
  const refused: [user: string, key: string][] = [
    ["red", "topics:blue"], // another topic
    ["red", "jobs"], // the group of the rule
    ["other", "topics:red"], // the group of the gateway
    ["writer", "topics:red"],
  ];
  for (const [user, key] of refused) {
    using client = await connectAs(gateway, user);
    for (const request of popsOf(key)) {
      assert.equal(await client.ask(...request), NO_KEY, `${user}: ${request.join(" ")}`);
      if (request[0] === "EVALSHA") continue; // checked when it runs
      await client.ask("MULTI");
      assert.equal(await client.ask(...request), NO_KEY, `${user} in MULTI: ${request.join(" ")}`);
      assert.match(await client.ask("EXEC"), /^-EXECABORT/);
    }
  }
  for (const key of ["topics:red", "topics:blue", "jobs"]) {
    assert.equal(await askText(root, "LPOP", key), "m", "nothing was taken");
  }
});

Deno.test("14: each of several keys is checked, also behind one that was allowed before", async () => {
  await using gateway = await startWith(USERS, LISTS);
  using root = await fill(gateway, "red");
  await root.ask("RPUSH", "topics:blue", "m");
  using red = await connectAs(gateway, "red");
  assert.equal(await blpop(red, "topics:red"), "topics:red m");
  assert.equal(await red.ask("BLPOP", "topics:red", "topics:blue", "1"), NO_KEY);
  assert.equal(await red.ask("LMOVE", "topics:red", "topics:blue", "LEFT", "LEFT"), NO_KEY);
});

Deno.test("15: a push takes %W, a pop %R", async () => {
  await using gateway = await startWith(USERS, LISTS);
  using _root = await fill(gateway, "red");
  using reader = await connectAs(gateway, "reader");
  using writer = await connectAs(gateway, "writer");
  for (const push of ["RPUSH", "LPUSH", "RPUSHX", "LPUSHX"]) {
    assert.equal(await reader.ask(push, "topics:red", "m"), NO_KEY);
    assert.equal(await writer.ask(push, "topics:red", "m"), ":1\r\n");
  }
  assert.equal(await reader.ask("LMOVE", "topics:red", "topics:red-2", "LEFT", "LEFT"), NO_KEY);
  assert.equal(await blpop(reader, "topics:red"), "topics:red m");
});

Deno.test("13: a list of the gateway takes the rights to what is in it", async () => {
  await using gateway = await startWith(USERS, LISTS);
  using root = await fill(gateway, "blue");
  assert.equal(await askText(root, "BLMOVE", "topics:blue", "work", "LEFT", "LEFT", 20), "m");
  using red = await connectAs(gateway, "red"); // has the key, and the group, not the topic
  for (
    const request of [
      ["LPOP", "work"],
      ["BRPOP", "work", "1"],
      ["LMPOP", "1", "work", "LEFT"],
      ["LREM", "work", "0", "m"],
      ["LRANGE", "work", "0", "-1"],
      ["LINDEX", "work", "0"],
      ["LLEN", "work"],
      ["LMOVE", "work", "topics:red", "LEFT", "LEFT"],
      ["DEL", "work"],
    ]
  ) {
    assert.equal(await red.ask(...request), NO_KEY, request.join(" "));
  }
  using reader = await connectAs(gateway, "reader"); // has not the key
  assert.equal(await reader.ask("BLMOVE", "topics:red", "work", "LEFT", "LEFT", "1"), NO_KEY);
  assert.equal(await askText(root, "LPOP", "work"), "m");
});

Deno.test("16: to take the right to its group away ends a pop that waits", async () => {
  using file = new AclFile(USERS);
  await using gateway = await startWith([], { ...LISTS, aclFile: file.path });
  using root = await fill(gateway, "red");
  using red = await connectAs(gateway, "red");
  const id = await connectionId(red);
  await blpop(red, "topics:red");
  await red.send("BRPOP", "topics:red", 0);
  await untilBlocked(root, id);
  file.write(
    USERS.map((line) =>
      line.replace("user red on >red ~topics:red* ~groups:red*", "user red on >red ~topics:red*")
    ),
  );
  assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
  assert.equal(await red.untilClosed(), NO_KEY);
});

Deno.test("17: another AUTH gives back what the user before has popped", async () => {
  await using gateway = await startWith(USERS, LISTS);
  using root = await fill(gateway, "red");
  using client = await connectAs(gateway, "red");
  assert.equal(await blpop(client, "topics:red"), "topics:red m");
  assert.equal(await askText(root, "LPOP", "topics:red"), null);
  await client.ask("AUTH", "other", "other");
  assert.equal(await blpop(root, "topics:red"), "topics:red m");
});

Deno.test("15: a command of lists is a right of its own", async () => {
  await using gateway = await startWith([...USERS, "user few on >few ~* +blpop +ping"], LISTS);
  using client = await connectAs(gateway, "few");
  assert.equal(await client.ask("LPOP", "topics:red"), noCommand("lpop"));
  assert.equal(await client.ask("LMOVE", "a", "b", "LEFT", "LEFT"), noCommand("lmove"));
  assert.equal(await client.ask("BLPOP", `topics:${uniqueName("red")}`, "0.01"), "*-1\r\n");
});
