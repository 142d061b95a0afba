/**
 * XGROUP DESTROY while others look at the group, read with it or make it again: they find a group or none, and no error
 * of the moment.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, until } from "../../support/gateway.ts";
import { TestCluster, testOnEachKafka } from "../../support/kafka.ts";
import { TestGroup } from "../../support/stream_group.ts";

const ROUNDS = 5;
/** OffsetCommit in Kafka's protocol. */
const OFFSET_COMMIT = 8;
/** Why a commit of a member is refused while others come or go. */
const OVERTAKEN = { UNKNOWN_MEMBER_ID: 25, ILLEGAL_GENERATION: 22, REBALANCE_IN_PROGRESS: 27 };

/** What looks at a group, and what it says without one. */
const LOOKS: readonly [request: (group: TestGroup) => string[], without: RegExp][] = [
  [({ key }) => ["XINFO", "GROUPS", key], /^\*0\r\n$/],
  [({ key }) => ["XINFO", "STREAM", key, "FULL"], /groups\r\n\*0\r\n$/],
  [({ key, name }) => ["XINFO", "CONSUMERS", key, name], /^-NOGROUP/],
  [({ key, name }) => ["XPENDING", key, name], /^-NOGROUP/],
  [({ key, name }) => ["XAUTOCLAIM", key, name, "b", "0", "0"], /^-NOGROUP/],
];

async function inUse(client: TestClient, group: TestGroup): Promise<void> {
  await group.add(client, "value");
  assert.equal((await group.take(client, "alice", 1)).length, 1);
}

testOnEachKafka("who looks at a group that is destroyed finds it, or none", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  using other = await gateway.connect();
  const group = await TestGroup.create(client);
  for (const [request, without] of LOOKS) {
    for (let round = 0; round < ROUNDS; round++) {
      await inUse(client, group);
      let isOver = false;
      const looking = (async () => {
        for (;;) {
          const was = isOver;
          const reply = await other.ask(...request(group));
          if (reply.startsWith("-")) assert.match(reply, without);
          if (was) return assert.match(reply, without);
        }
      })();
      assert.equal(await client.ask("XGROUP", "DESTROY", group.key, group.name), ":1\r\n");
      isOver = true;
      await looking;
      assert.equal(await client.ask("XGROUP", "CREATE", group.key, group.name, "$"), "+OK\r\n");
    }
  }
});

testOnEachKafka(
  "of two streams that are read, one may lose the group while the other is joined",
  async (start) => {
    await using gateway = await start();
    using client = await gateway.connect();
    using other = await gateway.connect();
    const group = await TestGroup.create(client);
    await inUse(client, group);
    const joined = group.sameName(await TestGroup.create(client));
    await client.ask("XGROUP", "CREATE", joined.key, joined.name, "0");
    const [reply, destroyed] = await Promise.all([
      client.ask(
        "XREADGROUP",
        "GROUP",
        group.name,
        "a",
        "STREAMS",
        group.key,
        joined.key,
        ">",
        ">",
      ),
      other.ask("XGROUP", "DESTROY", group.key, group.name),
    ]);
    assert.equal(destroyed, ":1\r\n");
    assert.equal(
      reply,
      `-NOGROUP No such key '${group.key}' or consumer group '${group.name}' in XREADGROUP with GROUP option\r\n`,
    );
  },
);

for (const [name, code] of Object.entries(OVERTAKEN)) {
  Deno.test(`a group with members is made though one of them comes or goes: ${name}`, async () => {
    await using kafka = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: kafka.config() });
    using client = await gateway.connect();
    const group = await TestGroup.createWith(client, "value", "key");
    await group.take(client, "alice", 1); // the gateway is a member, for another topic
    kafka.mock.createTopic("other");
    const notAlone = OVERTAKEN.UNKNOWN_MEMBER_ID; // to who is no member
    kafka.mock.failRequests(OFFSET_COMMIT, [notAlone, code]);
    const create = ["XGROUP", "CREATE", "topics:other", group.name, "0"];
    assert.equal(await client.ask(...create), "+OK\r\n");
    await client.ask("XADD", "topics:other", "*", "field", "hello");
    const read = ["XREADGROUP", "GROUP", group.name, "alice", "BLOCK", "20000"];
    assert.match(await client.ask(...read, "STREAMS", "topics:other", ">"), /hello/);
  });
}

testOnEachKafka("a group that is destroyed is made again at once", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const group = await TestGroup.create(client);
  const other = group.sameName(await TestGroup.create(client));
  assert.equal(await client.ask("XGROUP", "CREATE", other.key, other.name, "0"), "+OK\r\n");
  await inUse(client, other); // so that it has a member all the time
  for (let round = 0; round < ROUNDS; round++) {
    await inUse(client, group);
    const replies = ["DESTROY", "CREATE"].map((what) =>
      client.ask("XGROUP", what, group.key, group.name, ...what === "CREATE" ? ["$"] : [])
    );
    assert.deepEqual(await Promise.all(replies), [":1\r\n", "+OK\r\n"]);
  }
  await until(() => gateway.rafka.server.state.liveGroups.length === 1, "one member");
});
