/**
 * What a server costs, as the bench reads it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hasRedisServer } from "../support/machine.ts";
import { MeasuredRedis } from "./redis.ts";

Deno.test({
  name: "usageOf() sees the processor time of a few commands",
  ignore: !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await MeasuredRedis.start();
    const { cpuUs } = await redis.usage();
    for (let at = 0; at < 10; at++) await redis.ask("PING");
    const usedUs = (await redis.usage()).cpuUs - cpuUs;
    assert.ok(usedUs > 0 && usedUs % 10_000 !== 0, `${usedUs} µs`);
  },
});
