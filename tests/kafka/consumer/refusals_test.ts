/**
 * What Kafka refuses to a consumer: its worker is told each time, as long as it is so, and no longer.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Consumer } from "../../../src/kafka/consumer/consumer.ts";
import { until } from "../../support/gateway.ts";
import { receive, TestKafka, textOf } from "../../support/kafka_environment.ts";

/** Of the Kafka protocol. */
const [API_KEY_FETCH, API_KEY_FIND_COORDINATOR] = [1, 10];
const [TOPIC_AUTHORIZATION_FAILED, GROUP_AUTHORIZATION_FAILED] = [29, 30];
const never = new AbortController().signal;

Deno.test("who may not use its group is told each time, until it may", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a"]);
  kafka.mock.failRequests(API_KEY_FIND_COORDINATOR, Array(6).fill(GROUP_AUTHORIZATION_FAILED));
  const consumer = kafka.newConsumer({ topics: [topic] });
  await tells(consumer, "GROUP_AUTHORIZATION_FAILED");
  await tells(consumer, "GROUP_AUTHORIZATION_FAILED");
  assert.throws(() => consumer.poll(1), { codeName: "GROUP_AUTHORIZATION_FAILED" });
  assert.deepEqual(await goesOn(consumer), ["a"]);
  assert.deepEqual(kafka.observer.refusals, [
    "its group GROUP_AUTHORIZATION_FAILED",
    "its group accepted",
  ]);
});

Deno.test("who may not read a topic is told, until a fetch is allowed, also where there is nothing to get", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const consumer = kafka.newConsumer({ topics: [topic] });
  await kafka.fill(topic, ["a"]);
  await receive(consumer);
  kafka.mock.failRequests(API_KEY_FETCH, Array(3).fill(TOPIC_AUTHORIZATION_FAILED));
  await tells(consumer, "TOPIC_AUTHORIZATION_FAILED");
  assert.deepEqual(await goesOn(consumer), []);
  const name = `${topic}[0]`;
  assert.deepEqual(kafka.observer.refusals, [
    `${name} TOPIC_AUTHORIZATION_FAILED`,
    `${name} accepted`,
  ]);
});

Deno.test("with auto.offset.reset=error a group without an offset is told each time, and what to do", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a"]);
  const settings = { "auto.offset.reset": "error" };
  const consumer = kafka.newConsumer({ topics: [topic], groupId: "g", settings });
  for (let times = 0; times < 3; times++) {
    await assert.rejects(consumer.receive(1, 20_000, never), {
      codeName: "_AUTO_OFFSET_RESET",
      message: new RegExp(
        `^no previously committed offset available: Local: No offset stored \\(${topic}\\[0\\]\\): ` +
          "auto.offset.reset is error: stop the workers of group 'g' and set its offset",
      ),
    });
  }
  assert.deepEqual(kafka.observer.refusals, [`${topic}[0] _AUTO_OFFSET_RESET`]);
});

/** A wait for messages that ends with this error. */
async function tells(consumer: Consumer, codeName: string): Promise<void> {
  await assert.rejects(consumer.receive(1, 20_000, never), { codeName });
}

/** The first reply that is no error. */
async function goesOn(consumer: Consumer): Promise<(string | undefined)[]> {
  let texts: (string | undefined)[] | undefined;
  await until(async () => {
    texts = await consumer.receive(1, 1_000, never).then(
      (messages) => messages.map(textOf),
      () => undefined,
    );
    return texts !== undefined;
  }, "an end of the errors");
  return texts!;
}
