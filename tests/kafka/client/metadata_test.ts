/**
 * What a cluster says of its topics.
 *
 * @module
 */
import assert from "node:assert/strict";
import { RD_KAFKA_PRODUCER } from "../../../src/ffi/constants.ts";
import { KafkaClient } from "../../../src/kafka/client/kafka_client.ts";
import { KafkaError } from "../../../src/kafka/client/error.ts";
import { topicNames } from "../../../src/kafka/client/metadata.ts";
import { DEADLINE_MS, TestKafka } from "../../support/kafka_environment.ts";

Deno.test("a cluster without topics has no names", async () => {
  await using kafka = await TestKafka.start();
  await using client = newClient(kafka);
  assert.deepEqual(await topicNames(client, DEADLINE_MS), []);
});

Deno.test("the names of all topics come sorted, those made since the last time too", async () => {
  await using kafka = await TestKafka.start();
  await using client = newClient(kafka);
  for (const name of ["b", "a.1", "a", "_c"]) kafka.mock.createTopic(name, 2);
  assert.deepEqual(await topicNames(client, DEADLINE_MS), ["_c", "a", "a.1", "b"]);
  kafka.mock.createTopic("a.0");
  assert.deepEqual(await topicNames(client, DEADLINE_MS), ["_c", "a", "a.0", "a.1", "b"]);
});

Deno.test("when no broker answers in time, it is an error", async () => {
  await using kafka = await TestKafka.start();
  kafka.mock.setBrokerUp(1, false);
  await using client = newClient(kafka);
  await assert.rejects(topicNames(client, 200), (error) => {
    assert.ok(error instanceof KafkaError);
    return error.codeName === "_TRANSPORT" || error.codeName === "_TIMED_OUT";
  });
  kafka.mock.setBrokerUp(1, true);
  assert.deepEqual(await topicNames(client, DEADLINE_MS), []);
});

function newClient(kafka: TestKafka): KafkaClient & AsyncDisposable {
  const client = new KafkaClient(kafka.environment, {
    type: RD_KAFKA_PRODUCER,
    settings: kafka.settings,
    name: { clientId: "metadata" },
    events: 0,
    onEvent: () => {},
  });
  return Object.assign(client, { [Symbol.asyncDispose]: () => client.close() });
}
