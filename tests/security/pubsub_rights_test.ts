/**
 * Properties 13, 14, 16, 17 and 18 for channels.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../support/gateway.ts";
import { AclFile, connectAs, NO_KEY, startWith } from "./users.ts";

const USERS = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red ~topics:red* &red* &topics:* &p* +@all -@admin",
  "user reader on >reader %R~topics:red* &topics:* +@all -@admin",
  "user none on >none ~* +@all",
];
const NO_CHANNEL =
  "-NOPERM this user has no permissions to access one of the channels used as arguments\r\n";

Deno.test("13: a channel takes its pattern, and a topic its right, whatever it is called", async () => {
  await using gateway = await startWith(USERS, {
    keys: [{ match: "red-alias", topic: "blue" }, { match: "red:*", topic: "red-$1" }],
  });
  using red = await connectAs(gateway, "red");
  assert.equal(await red.ask("PUBLISH", "red.1", "m"), ":0\r\n");
  assert.equal(await red.ask("PUBLISH", "topics:red", "m"), ":1\r\n");
  assert.equal(await red.ask("PUBLISH", "topics:red:topics:blue", "m"), ":1\r\n");
  assert.equal(await red.ask("PUBLISH", "red:1", "m"), ":1\r\n");
  for (
    const [request, want] of [
      [["PUBLISH", "blue", "m"], NO_CHANNEL],
      [["SPUBLISH", "blue", "m"], NO_CHANNEL],
      [["SUBSCRIBE", "blue"], NO_CHANNEL],
      [["SUBSCRIBE", "red", "blue"], NO_CHANNEL],
      [["SSUBSCRIBE", "blue"], NO_CHANNEL],
      [["PSUBSCRIBE", "*"], NO_CHANNEL],
      [["PSUBSCRIBE", "red.*"], NO_CHANNEL], // a pattern is one of the rules', as in Redis
      [["PUBLISH", "topics:blue", "m"], NO_KEY],
      [["PUBLISH", "topics:blue:topics:red", "m"], NO_KEY],
      [["PUBLISH", "red-alias", "m"], NO_KEY],
      [["SUBSCRIBE", "topics:blue"], NO_KEY],
      [["SUBSCRIBE", "red-alias"], NO_KEY],
      [["SSUBSCRIBE", "topics:blue"], NO_KEY],
      [["PSUBSCRIBE", "topics:*"], NO_KEY], // not every topic
    ] as const
  ) {
    assert.equal(await red.ask(...request), want, request.join(" "));
  }
  assert.match(await red.ask("PSUBSCRIBE", "red*"), /^\*3\r\n\$10\r\npsubscribe/);
  using reader = await connectAs(gateway, "reader");
  assert.equal(await reader.ask("PUBLISH", "topics:red", "m"), NO_KEY);
  assert.match(await reader.ask("SUBSCRIBE", "topics:red"), /^\*3/);
  using none = await connectAs(gateway, "none");
  assert.equal(await none.ask("SUBSCRIBE", "x"), NO_CHANNEL);
  assert.equal(await none.ask("RPUSH", "topics:any", "m"), ":1\r\n");
});

Deno.test("14, 18: PUBSUB shows the channels that the user may subscribe to", async () => {
  await using gateway = await startWith(USERS);
  using root = await connectAs(gateway, "root");
  await root.ask("SUBSCRIBE", "red", "blue", "topics:blue", "topics:red");
  for (let at = 0; at < 3; at++) await root.reply();
  await root.ask("PSUBSCRIBE", "secret*", "red*");
  await root.reply();
  using red = await connectAs(gateway, "red");
  const channels = await red.ask("PUBSUB", "CHANNELS");
  assert.ok(channels.includes("topics:red") && !channels.includes("blue"), channels);
  assert.equal(
    await red.ask("PUBSUB", "NUMSUB", "red", "blue"),
    "*4\r\n$3\r\nred\r\n:1\r\n$4\r\nblue\r\n:0\r\n",
  );
  assert.equal(await red.ask("PUBSUB", "NUMPAT"), ":1\r\n");
});

Deno.test("16: to take away a channel, a topic or the command ends the subscriptions", async () => {
  const before = "user red on >red ~topics:red* &* +@all";
  using file = new AclFile(["user root on >root ~* &* +@all", before]);
  await using gateway = await TestGateway.start({
    config: { server: { aclFile: file.path } },
    timeouts: { loginFailureMs: 1 },
  });
  using root = await connectAs(gateway, "root");
  for (
    const [subscribe, after, isLost] of [
      [["SUBSCRIBE", "red"], "user red on >red ~topics:red* &blue +@all", true],
      [["PSUBSCRIBE", "r*"], "user red on >red ~topics:red* &red +@all", true],
      [["SSUBSCRIBE", "red"], "user red on >red ~topics:red* +@all", true],
      [["SUBSCRIBE", "topics:red"], "user red on >red ~topics:blue &* +@all", true],
      [["PSUBSCRIBE", "topics:red*"], "user red on >red ~topics:red1 &* +@all", true],
      [["SUBSCRIBE", "topics:red"], "user red on >red ~topics:red &* +@all -subscribe", true],
      [["SUBSCRIBE", "topics:red"], "user red off", true],
      [["SUBSCRIBE", "topics:red"], "user red on >red ~topics:red &topics:* +@all", false],
    ] as const
  ) {
    file.write(["user root on >root ~* &* +@all", before]);
    assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
    using red = await connectAs(gateway, "red");
    assert.match(await red.ask(...subscribe), /^\*3/, subscribe.join(" "));
    file.write(["user root on >root ~* &* +@all", after]);
    assert.equal(await root.ask("ACL", "LOAD"), "+OK\r\n");
    if (isLost) await red.untilClosed();
    else assert.equal(await red.ask("PING"), "*2\r\n$4\r\npong\r\n$0\r\n\r\n");
  }
});

Deno.test("17: another AUTH ends the subscriptions of the user before, and says so", async () => {
  await using gateway = await startWith(USERS);
  using client = await connectAs(gateway, "root");
  await client.ask("HELLO", "3");
  await client.ask("SUBSCRIBE", "secret");
  await client.send("AUTH", "red", "red");
  assert.equal(await client.reply(), ">3\r\n$11\r\nunsubscribe\r\n$6\r\nsecret\r\n:0\r\n");
  assert.equal(await client.reply(), "+OK\r\n");
  using root = await connectAs(gateway, "root");
  assert.equal(await root.ask("PUBLISH", "secret", "m"), ":0\r\n");
  assert.equal(await client.ask("PUBLISH", "secret", "m"), NO_CHANNEL);
  assert.equal(await client.ask("ACL", "WHOAMI"), "$3\r\nred\r\n");
});
