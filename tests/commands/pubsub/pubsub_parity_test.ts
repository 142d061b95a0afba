/**
 * All that connections are sent in pub/sub, compared with a real redis-server 7.0 in RESP2 and in RESP3.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { hasRedisServer } from "../../support/machine.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { play } from "../play_row.ts";
import { PUBSUB_ROWS } from "./pubsub_parity_rows.ts";

/** Where we differ from redis-server on purpose. */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [
    /^r SUBSCRIBE x; r~MULTI; r~PUBLISH/,
    "a message comes before the array of EXEC, not inside of it",
  ],
];

for (const protocol of [2, 3]) {
  Deno.test({
    name: `Pub/sub is that of redis-server in RESP${protocol}`,
    ignore: !hasRedisServer,
    async fn(test): Promise<void> {
      await using redis = await RedisServer.start(1024 * 1024);
      await using gateway = await TestGateway.start();
      for (const row of PUBSUB_ROWS) {
        await test.step(row.slice(0, 100), async () => {
          const theirs = await play(redis.port, protocol, row);
          const ours = await play(gateway.port, protocol, row);
          const difference = DIFFERENCES.find(([pattern]) => pattern.test(row));
          if (difference === undefined) assert.deepEqual(ours, theirs);
          else assert.notDeepEqual(ours, theirs, `no difference any more: ${difference[1]}`);
        });
      }
    },
  });
}
