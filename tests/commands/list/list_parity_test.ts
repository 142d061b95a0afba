/**
 * Lists of connections without a name, compared with a real redis-server 7.0 in RESP2 and in RESP3.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { hasRedisServer } from "../../support/machine.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { play } from "../play_row.ts";
import { LIST_ROWS } from "./list_parity_rows.ts";

/** Where we differ from redis-server on purpose. */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [/^a RPUSH <q> 1 2; a (B?RPOP|LMPOP 1 <q> RIGHT)/, "a topic has one end to read from"],
  [/^a LPUSH <q> 1 2;/, "a topic has one end to write to"],
  [/^a! RPUSH <q> 1; a! RPUSH <q> 2/, "a push answers the number of its messages"],
  [
    /(inf|1e300|99999999999999999999)( 1 <q> LEFT)?$/,
    "Redis takes what it cannot count for negative",
  ],
  [/LINDEX <q> (x|1\.5)$/, "an empty topic is there: the index is looked at"],
  [/^a (RPUSHX|rpushx)( <q>)?$/, "the first Rafka's text"],
];

/**
 * Rows whose pops may find some of what was pushed, and the next ones the rest: what is at hand. Some time they find all.
 */
const AT_HAND = /RPUSH <q> [1x] [2x]/;

/** What stands for the names in rows. */
type Names = Readonly<Record<"<q>" | "<r>" | "<none>" | "<kept>", string>>;

for (const protocol of [2, 3]) {
  Deno.test({
    name: `Lists are those of redis-server in RESP${protocol}`,
    ignore: !hasRedisServer,
    async fn(test): Promise<void> {
      await using redis = await RedisServer.start(1024 * 1024);
      const group = uniqueName("group");
      await using gateway = await TestGateway.start({
        config: { server: { lists: { group } } },
      });
      const name = uniqueName("row");
      const names: Names = {
        "<q>": `topics:${name}-q`,
        "<r>": `topics:${name}-r`,
        "<none>": `topics:${name}-none`,
        "<kept>": `${name}-kept`,
      };
      const { admin } = gateway.rafka.server.state.principals.own.cluster;
      const topics = [`${name}-q`, `${name}-r`];
      for (const topic of topics) await admin.createTopic(topic, { partitions: 1 });
      using flushing = await TestClient.connect(redis.port);
      for (const row of LIST_ROWS) {
        await test.step(row.slice(0, 100), async () => {
          await flushing.ask("FLUSHALL");
          const theirs = await play(redis.port, protocol, row, names);
          let ours: typeof theirs;
          let plays = AT_HAND.test(row) ? 20 : 1;
          do {
            ours = await play(gateway.port, protocol, row, names);
            await empty(gateway, names, group);
          } while (--plays > 0 && !isDeepStrictEqual(ours, theirs));
          const difference = DIFFERENCES.find(([pattern]) => pattern.test(row));
          if (difference === undefined) assert.deepEqual(ours, theirs);
          else assert.notDeepEqual(ours, theirs, `no difference any more: ${difference[1]}`);
        });
      }
    },
  });
}

/** Takes what a row has left behind, or what its connections give back. */
async function empty(gateway: TestGateway, names: Names, group: string): Promise<void> {
  using client = await gateway.connect();
  await client.ask("DEL", names["<kept>"]);
  for (const key of [names["<q>"], names["<r>"]]) {
    await until(async () => {
      while (await client.ask("LPOP", key, 1_000) !== "*-1\r\n");
      if (await client.ask("LLEN", key) !== ":0\r\n") return false; // it was not at hand yet
      return /^(\*4\r\n:0|-NOGROUP)/.test(await client.ask("XPENDING", key, group));
    }, `${key} to be empty`);
  }
}
