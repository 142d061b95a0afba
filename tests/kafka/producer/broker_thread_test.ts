/**
 * What the threads that send messages do while there is nothing to send.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../../support/gateway.ts";
import { threadTimesMs } from "../../support/resources.ts";
import { DEADLINE_MS, TestKafka, toBytes } from "../../support/kafka_environment.ts";

const BROKER_THREAD = /^rdk:broker/;
const ANSWER_MS = 1_500;
const SETTINGS = { "enable.idempotence": true, "linger.ms": 0, "batch.num.messages": 1 };

Deno.test({
  name:
    "a producer that waits for Kafka's answers takes no processor time, though messages are ready",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    await using kafka = await TestKafka.start();
    const topic = kafka.newTopic();
    const producer = kafka.newProducer(SETTINGS);
    producer.produce(topic, toBytes("connects"), null);
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    kafka.mock.setRoundTripMs(ANSWER_MS);
    // five messages of a partition may be under way, in requests of their own
    for (let n = 0; n < 20; n++) producer.produce(topic, toBytes(`message ${n}`), null);
    const before = await threadTimesMs(Deno.pid, BROKER_THREAD);
    await until(() => kafka.observer.deliveredCount >= 6, "the first five answers", DEADLINE_MS);
    const takenMs = (await threadTimesMs(Deno.pid, BROKER_THREAD)) - before;
    assert.ok(takenMs < ANSWER_MS / 20, `${takenMs} ms in ${ANSWER_MS} ms`);
  },
});
