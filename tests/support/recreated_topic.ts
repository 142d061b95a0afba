/**
 * A topic that is deleted and created again while it is read.
 *
 * @module
 */
import assert from "node:assert/strict";
import { encode, type TestClient } from "./client.ts";
import { uniqueName, until } from "./gateway.ts";
import { produceAll, type StartGateway } from "./kafka.ts";

/** How many messages of the old topic are read. */
export const READ_COUNT = 10;
/** Messages of the new topic: more than were read of the old one. */
export const NEW_VALUES: readonly string[] = Array.from({ length: 30 }, (_, n) => `new ${n}`);
/** Messages of the old topic. */
export const OLD_VALUES: readonly string[] = Array.from(
  { length: 20 },
  (_, n) => `old ${n}`,
);

/** Creates a topic with one partition. */
export async function createTopic(client: TestClient): Promise<string> {
  const topic = uniqueName("recreated");
  assert.equal(await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 1), "+OK\r\n");
  return topic;
}

/** The same, with the old messages. */
export async function createOld(client: TestClient): Promise<string> {
  const topic = await createTopic(client);
  await produceAll(client, OLD_VALUES.map((value) => [topic, value]));
  return topic;
}

/**
 * Deletes it, creates it again at once, with the new messages.
 *
 * @param start starts a gateway whose producer has not written to the old topic: one that has may be refused
 */
export async function recreate(
  client: TestClient,
  topic: string,
  start: StartGateway,
): Promise<void> {
  const remove = encode(["RAFKA", "TOPIC", "DELETE", topic]);
  const create = encode(["RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 1]);
  await client.write(remove);
  await client.write(create);
  assert.equal(await client.reply(), "+OK\r\n");
  assert.equal(await client.reply(), "+OK\r\n");
  // until its broker has the new topic, Kafka takes messages into the old one, and deletes them with it
  const isThere = async (): Promise<boolean> =>
    await client.ask("XLEN", `topics:${topic}`) === ":0\r\n";
  await until(isThere, "the new topic");
  await using gateway = await start();
  using producer = await gateway.connect();
  await produceAll(producer, NEW_VALUES.map((value) => [topic, value]));
}
