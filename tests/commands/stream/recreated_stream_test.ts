/**
 * A topic that is deleted and created again while it is read as a stream, or subscribed to: all entries of the new one
 * are delivered, also those at offsets that were read of the old one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../../support/captured_log.ts";
import { uniqueName, until } from "../../support/gateway.ts";
import { produceAll, testOnRealKafka } from "../../support/kafka.ts";
import {
  createOld,
  createTopic,
  NEW_VALUES,
  OLD_VALUES,
  READ_COUNT,
  recreate,
} from "../../support/recreated_topic.ts";
import { TestGroup } from "../../support/stream_group.ts";
import { readWireReply } from "../../support/wire_reply.ts";
import { entriesIn, readIn } from "./stream_client.ts";

const isOld = (value: string | undefined): boolean => value?.startsWith("old") ?? false;
const valueOf = ({ fields }: { readonly fields: readonly string[] | null }): string => fields![1]!;

testOnRealKafka(
  "a group goes on at the first entry of a stream that is created again",
  async (start) => {
    await using log = await CapturedLog.start();
    await using gateway = await start();
    using client = await gateway.connect();
    const topic = await createOld(client);
    const group = TestGroup.of(topic, uniqueName("group"));
    assert.equal(await client.ask("XGROUP", "CREATE", group.key, group.name, 0), "+OK\r\n");
    const old = await group.take(client, "a", READ_COUNT);
    assert.equal(await group.ack(client, ...old.slice(0, -2).map(({ id }) => id)), READ_COUNT - 2);
    await recreate(client, topic, start);
    const read: string[] = [];
    while (read.length < NEW_VALUES.length) {
      const [entry] = await group.take(client, "a", 1);
      if (!isOld(valueOf(entry!))) read.push(valueOf(entry!));
    }
    assert.deepEqual(read, NEW_VALUES);
    await log.has(`topic ${topic} was deleted and created again`);
    assert.equal(await group.ack(client, ...old.map(({ id }) => id)), 0, "they are no more");
    assert.equal((await group.pending(client)).length, NEW_VALUES.length);
  },
);

testOnRealKafka(
  "what a group commits while nobody reads is of the stream that was created again",
  async (start) => {
    await using log = await CapturedLog.start();
    const [name, key] = [uniqueName("group"), "topics:"];
    await using other = await start();
    using client = await other.connect();
    const topic = await createOld(client);
    const group = TestGroup.of(topic, name);
    assert.equal(await client.ask("XGROUP", "CREATE", `${key}${topic}`, name, 0), "+OK\r\n");
    {
      await using gateway = await start();
      using worker = await gateway.connect();
      const old = await group.take(worker, "a", READ_COUNT);
      await recreate(client, topic, start);
      await log.has(`topic ${topic} was deleted and created again`);
      assert.equal(await group.ack(worker, ...old.map(({ id }) => id)), 0, "they are no more");
    }
    const entries = await group.take(client, "b", NEW_VALUES.length);
    assert.deepEqual(entries.map(valueOf), NEW_VALUES);
  },
);

for (const [how, block] of [["at once", []], ["and waits", ["BLOCK", 500]]] as const) {
  testOnRealKafka(
    `XREAD goes on at the first entry of a stream that is created again, if it reads ${how}`,
    async (start) => {
      await using gateway = await start();
      using client = await gateway.connect();
      const topic = await createOld(client);
      let last = "0";
      const next = async (): Promise<string | undefined> => {
        const command = ["XREAD", "COUNT", 1, ...block, "STREAMS", `topics:${topic}`, last];
        const [entry] = readIn(await client.ask(...command));
        last = entry?.id ?? last;
        return entry && valueOf(entry);
      };
      for (const value of OLD_VALUES.slice(0, READ_COUNT)) assert.equal(await next(), value);
      await recreate(client, topic, start);
      const read: (string | undefined)[] = [];
      await until(async () => {
        const value = await next();
        if (value !== undefined && !isOld(value)) read.push(value);
        return read.length === NEW_VALUES.length;
      }, "the new entries");
      assert.deepEqual(read, NEW_VALUES);
    },
  );
}

testOnRealKafka("pages of XRANGE go on in a stream that is created again", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  const topic = await createOld(client);
  const page = async (after: string): Promise<{ id: string; value: string }[]> => {
    const command = ["XRANGE", `topics:${topic}`, after, "+", "COUNT", READ_COUNT];
    return entriesIn(await client.ask(...command))
      .map((entry) => ({ id: entry.id, value: valueOf(entry) }));
  };
  const old = await page("-");
  assert.deepEqual(old.map(({ value }) => value), OLD_VALUES.slice(0, READ_COUNT));
  await recreate(client, topic, start);
  const read = await page(`(${old.at(-1)!.id}`);
  assert.deepEqual(read.map(({ value }) => value), NEW_VALUES.slice(0, READ_COUNT));
});

testOnRealKafka("subscribers get all messages of a topic that is created again", async (start) => {
  await using gateway = await start();
  using client = await gateway.connect();
  using subscriber = await gateway.connect();
  const topic = await createTopic(client);
  await subscriber.ask("SUBSCRIBE", `topics:${topic}`);
  await produceAll(client, OLD_VALUES.slice(0, READ_COUNT).map((value) => [topic, value]));
  const next = async (): Promise<string> => {
    const message = readWireReply(await subscriber.reply());
    assert.ok("items" in message);
    const value = message.items[2]!;
    return "text" in value ? value.text! : assert.fail(JSON.stringify(message));
  };
  for (const value of OLD_VALUES.slice(0, READ_COUNT)) assert.equal(await next(), value);
  await recreate(client, topic, start);
  for (const value of NEW_VALUES) assert.equal(await next(), value);
});
