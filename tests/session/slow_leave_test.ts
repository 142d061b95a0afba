/**
 * A connection that is gone while its consumer takes long to leave its group: nobody has to wait for that.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, until } from "../support/gateway.ts";
import { ack, mustPop, TestCluster } from "../support/kafka.ts";
import { CapturedLog } from "../support/captured_log.ts";

/** Each answer of the cluster takes so long: a commit and leaving are two. */
const SLOW_MS = 4_000;

Deno.test("A name is free soon, and acks are committed, while the consumer still leaves its group", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  const config = cluster.config({ consumer: { "auto.commit.interval.ms": 3_600_000 } });
  await using gateway = await TestGateway.start({ config });
  {
    using first = await gateway.connectAs("group:worker");
    for (const value of ["one", "two"]) await first.ask("RPUSHX", "topics:t:key", value);
    assert.equal(await ack(first, await mustPop(first, "t")), ":1\r\n");
    cluster.mock.setRoundTripMs(SLOW_MS);
  }
  const startMs = performance.now();
  using second = await gateway.connectAs("group:worker");
  const waitedMs = performance.now() - startMs;
  assert.ok(waitedMs < SLOW_MS - 1_000, `waited ${Math.round(waitedMs)} ms`);
  assert.equal(log.count("its group in"), 0, "it has not left");
  cluster.mock.setRoundTripMs(0);
  await until(() => log.count("Consumer group:worker left its group in") === 1, "the departure");
  assert.equal((await mustPop(second, "t")).value, "two");
});
