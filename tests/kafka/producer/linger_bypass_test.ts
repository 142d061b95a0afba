/**
 * A message that is alone does not wait for `linger.ms`, one among others does.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Flushable, LingerBypass } from "../../../src/kafka/producer/linger_bypass.ts";
import { until } from "../../support/gateway.ts";
import { DEADLINE_MS, somebody, TestKafka, toBytes } from "../../support/kafka_environment.ts";

const LONG = { "linger.ms": 900_000, "message.timeout.ms": 0 };

for (const shared of [false, true]) {
  Deno.test(`a message that is alone is delivered at once (${shared ? "shared" : "leased"})`, async () => {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const options = { shared, idleMs: 0, maxIdle: 0 };
    const lease = kafka.newProducers(options, LONG).lease(undefined, somebody);
    lease.produce(topic, toBytes("connects"), null);
    assert.equal(await lease.flush(DEADLINE_MS), 0);
    for (let n = 2; n <= 5; n++) {
      lease.produce(topic, toBytes("alone"), null);
      await until(() => kafka.observer.deliveredCount === n, "the delivery of one message");
    }
  });
}

Deno.test("of many producers one at a time is hurried: the messages of the others wait for company", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producers = kafka.newProducers({ shared: false, idleMs: 0, maxIdle: 0 }, LONG);
  const leases = Array.from({ length: 5 }, () => producers.lease(undefined, somebody));
  for (const lease of leases) {
    lease.produce(topic, toBytes("connects"), null);
    assert.equal(await lease.flush(DEADLINE_MS), 0);
  }
  for (const lease of leases) lease.produce(topic, toBytes("one of five"), null);
  await until(() => kafka.observer.deliveredCount >= 6, "the delivery of one message");
  // a flush of before that still ends may have taken one more along
  assert.ok(producers.outstanding >= 3, `${producers.outstanding} wait`);
  for (const lease of leases) assert.equal(await lease.flush(DEADLINE_MS), 0);
});

Deno.test("a message that is produced while the flush of the one before it ends is flushed, too", async () => {
  const flushes: (() => void)[] = [];
  const producer: Flushable = {
    outstanding: { messages: 1, settledCount: 0, idle: () => Promise.resolve() },
    closed: false,
    flushNow: () => new Promise<void>((resolve) => flushes.push(resolve)),
  };
  const bypass = new LingerBypass();
  bypass.offer(producer);
  bypass.offer(producer);
  assert.equal(flushes.length, 1);
  flushes[0]!();
  await until(() => flushes.length === 2, "the second flush");
});
