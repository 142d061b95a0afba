/**
 * Consumers of a group whose offsets another broker has from now on.
 *
 * @module
 */
import assert from "node:assert/strict";
import { receive, TestKafka, textOf } from "../../support/kafka_environment.ts";

/** Number of the request in the Kafka protocol. */
const OFFSET_FETCH = 9;
/** What a broker answers, by its name in the Kafka protocol. */
const NOT_COORDINATOR = 16;

Deno.test("a consumer goes on where the group is, though the first broker that it asks is not its coordinator any more", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  await kafka.fill(topic, ["a", "b"]);
  const first = kafka.newConsumer({ topics: [topic], groupId: "g" });
  await receive(first, 1);
  first.ack(topic, 0, 0n);
  await first.close();
  kafka.mock.failRequests(OFFSET_FETCH, [NOT_COORDINATOR]);
  const second = kafka.newConsumer({ topics: [topic], groupId: "g" });
  assert.deepEqual((await receive(second, 1)).map(textOf), ["b"]);
});
