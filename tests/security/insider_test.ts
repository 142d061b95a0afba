/**
 * Properties 13 to 18 together: a user with few rights sends anything, in any order, and what is another's stays unseen
 * and as it was.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { CapturedLog } from "../support/captured_log.ts";
import type { TestClient } from "../support/client.ts";
import { type TestGateway, until } from "../support/gateway.ts";
import { chooseSeed, encodeRequest, SEED_VARIABLE, SeededRandom } from "../support/wire.ts";
import { requestOf } from "./requests.ts";
import { connectAs, startWith } from "./users.ts";

const PIPELINES = 60;
const REQUESTS = 40;
/** Commands that may wait do so for no longer. */
const PATIENCE_MS = 300;
const seed = chooseSeed();

const USERS = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red ~topics:red* ~groups:red* ~lock:red* +@all",
  "user few on >few %R~topics:red ~groups:red* +@all -@admin -@dangerous",
];

/** Of blue, whom no attacker is. */
const HIDDEN = /hidden|blue-group|blue-client|blue-topic-2/;

const KEYS = [
  "topics:blue-topic",
  "topic:blue-topic",
  "topics:blue-topic:k",
  "topics:blue-topic:{}",
  "topics:red,blue-topic",
  "topics:^blue-.*",
  "topics:red,^.*",
  "topics:*",
  "topics:b*",
  "t*",
  "topics:re[d]*",
  "logs:blue-topic",
  "lock:blue",
  "blue-topic",
  "topics:red",
  "topics:red:k",
  "lock:red",
  "stats",
  "acks",
];

/** Between them, so that state that one user leaves is another's. */
function interludes(user: string): string[][] {
  return [
    ["MULTI"],
    ["EXEC"],
    ["DISCARD"],
    ["RESET"],
    ["AUTH", user, user],
    ["AUTH", "red", "red"],
    ["AUTH", "root", "wrong"],
    ["HELLO", "3", "AUTH", user, user],
    ["HELLO", "2", "SETNAME", "blue-group:x"],
    ["CLIENT", "SETNAME", "red-group:a"],
    ["CLIENT", "SETNAME", "blue-group:a"],
    ["RPUSHX", "acks", "blue-topic:0:0"],
    ["CLIENT", "TRACKING", "ON"],
    ["MONITOR"],
  ];
}

for (const user of ["red", "few"]) {
  Deno.test(`18: ${user} sends anything in any order, and blue's is neither shown nor changed, ${SEED_VARIABLE}=${seed}`, async () => {
    await using log = await CapturedLog.start();
    await using gateway = await startWith(USERS, {
      keys: [{ match: "logs:*", topic: "$1" }],
      outputLimitBytes: 10_000_000,
    });
    using root = await connectAs(gateway, "root");
    const asking = await prepare(gateway, root);
    const before = await stateOfBlue(root);
    const random = new SeededRandom(seed);
    for (let at = 0; at < PIPELINES; at++) {
      const requests = [["AUTH", user, user], ...pipeline(random, user)];
      const replies = await repliesTo(gateway, requests);
      const shown = withoutEchoes(replies).split("\n").filter((line) => HIDDEN.test(line));
      assert.deepEqual(shown, [], JSON.stringify(requests));
    }
    await until(() => gateway.rafka.server.sessionCount === 2, "the attackers to be gone");
    assert.equal(await stateOfBlue(root), before);
    assert.equal(log.count("Bug"), 0, log.lines.filter((line) => line.includes("Bug")).join());
    asking[Symbol.dispose]();
  });
}

/** A stream with a pending entry, a lock, a consumer that waits. */
async function prepare(gateway: TestGateway, root: TestClient): Promise<TestClient> {
  for (
    const request of [
      ["XGROUP", "CREATE", "topics:blue-topic", "blue-group", "0", "MKSTREAM"],
      ["XADD", "topics:blue-topic", "*", "value", "hidden"],
      ["XREADGROUP", "GROUP", "blue-group", "c", "STREAMS", "topics:blue-topic", ">"],
      ["XGROUP", "CREATE", "topics:red", "red-group", "0", "MKSTREAM"],
      ["XADD", "topics:blue-topic-2", "*", "value", "hidden"],
      ["SET", "lock:blue", "hidden", "NX"],
    ]
  ) {
    assert.doesNotMatch(await root.ask(...request), /^-/, request.join(" "));
  }
  const asking = await connectAs(gateway, "root");
  await asking.ask("CLIENT", "SETNAME", "blue-client:1");
  await asking.send("BLPOP", "topics:blue-nothing", 0);
  return asking;
}

async function stateOfBlue(root: TestClient): Promise<string> {
  const replies = [];
  for (
    const request of [
      ["XRANGE", "topics:blue-topic", "-", "+"],
      ["XRANGE", "topics:blue-topic-2", "-", "+"],
      ["XPENDING", "topics:blue-topic", "blue-group"],
      ["GET", "lock:blue"],
      ["KEYS", "topics:blue*"],
    ]
  ) {
    replies.push(await root.ask(...request));
  }
  const names = (await root.ask("CLIENT", "LIST")).match(/name=blue-client:1 .* cmd=blpop/);
  return [...replies, names !== null].join("\n");
}

function pipeline(random: SeededRandom, user: string): string[][] {
  return Array.from({ length: REQUESTS }, () => {
    if (random.below(3) === 0) return random.pick(interludes(user));
    const { name, arguments: specs = [] } = random.pick(commands);
    if (["QUIT", "CLIENT REPLY", "CLIENT KILL"].includes(name)) return ["PING"];
    const values = {
      key: random.pick(KEYS),
      group: random.pick(["blue-group", "red-group"]),
      number: random.pick(["0", "1", "100"]),
      text: random.pick(["x", "*", "blue-topic", "^blue", ">", "0"]),
    };
    return requestOf(name, specs, values, random.below(2) === 0);
  });
}

/** All that is answered, until it waits. */
async function repliesTo(gateway: TestGateway, requests: string[][]): Promise<string> {
  using client = await gateway.connect();
  await client.write(requests.map(encodeRequest).join(""));
  let replies = "";
  for (;;) {
    const reply = await client.reply(PATIENCE_MS).catch(() => undefined);
    if (reply === undefined) return replies;
    replies += reply;
  }
}

/** Errors, MONITOR, ACL LOG and CLIENT LIST repeat what was sent: names that the attacker has chosen are no finds. */
function withoutEchoes(replies: string): string {
  return replies.split(/\r?\n/).filter((line) =>
    !/ user=(red|few) |^-|^\+\d+\.\d+ |^(topics:|logs:|groups:|lock:)?blue-group$/.test(line)
  ).join("\n");
}
