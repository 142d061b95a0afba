/**
 * A topic that is deleted and created again while workers pop from it: all messages of the new one are delivered, also
 * those at offsets that were read, and acked, of the old one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../../support/captured_log.ts";
import type { PoppedMessage, TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName } from "../../support/gateway.ts";
import {
  ack,
  mustPop,
  onBrokers,
  produceAll,
  quit,
  type StartGateway,
  testOnRealKafka,
} from "../../support/kafka.ts";
import { hasKafkaTool, KafkaCluster } from "../../support/kafka_cluster.ts";
import { blpop } from "../../support/plain_list.ts";
import {
  createOld,
  createTopic,
  NEW_VALUES,
  OLD_VALUES,
  READ_COUNT,
  recreate,
} from "../../support/recreated_topic.ts";

/** Makes a worker join its group, and get what is produced from then on. */
async function join(
  producer: TestClient,
  worker: TestClient,
  topic: string,
  topics: string,
): Promise<void> {
  do await produceAll(producer, [[topic, "old"]]); while (!await worker.pop(`topics:${topics}`, 1));
}

/** Pops all new messages, each once, but for old ones that are still on their way. */
async function popNew(worker: TestClient, topics: string): Promise<PoppedMessage[]> {
  const popped: PoppedMessage[] = [];
  while (popped.length < NEW_VALUES.length) {
    const message = await mustPop(worker, topics);
    if (!message.value!.startsWith("old")) popped.push(message);
  }
  assert.deepEqual(popped.map(({ value }) => value), NEW_VALUES);
  return popped;
}

for (
  const [what, json, consumer] of [
    ["", "", {}],
    [", with rafka.acks each", ':{"rafka.acks":"each"}', {}],
    [", with auto.offset.reset latest", "", { "auto.offset.reset": "latest" }],
  ] as const
) {
  testOnRealKafka(
    `a topic that is created again is read from its first message${what}`,
    async (start) => {
      await using log = await CapturedLog.start();
      await using gateway = await start({ consumer });
      using admin = await gateway.connect();
      using worker = await gateway.connectAs(`${uniqueName("group")}:a`);
      const topic = await createTopic(admin);
      const topics = topic + json;
      await join(admin, worker, topic, topics);
      await produceAll(admin, OLD_VALUES.map((value) => [topic, value]));
      for (let last = ""; last !== OLD_VALUES[READ_COUNT - 1];) {
        const message = await mustPop(worker, topics);
        assert.equal(await ack(worker, message), ":1\r\n");
        last = message.value!;
      }
      await recreate(admin, topic, start);
      for (const message of await popNew(worker, topics)) {
        assert.equal(await ack(worker, message), ":1\r\n");
      }
      await log.has(`topic ${topic} was deleted and created again`);
    },
  );
}

testOnRealKafka(
  "what is acked of a topic moves nothing of the one that is created again",
  async (start) => {
    await using gateway = await start();
    using admin = await gateway.connect();
    const group = uniqueName("group");
    const topic = await createOld(admin);
    {
      using worker = await gateway.connectAs(`${group}:a`);
      const old: PoppedMessage[] = [];
      while (old.length < READ_COUNT) old.push(await mustPop(worker, topic));
      assert.equal(await ack(worker, old.at(-2)!), ":1\r\n");
      await recreate(admin, topic, start);
      let message = await mustPop(worker, topic);
      while (message.value!.startsWith("old")) message = await mustPop(worker, topic);
      assert.equal(message.value, NEW_VALUES[0]);
      const late = await ack(worker, old.at(-1)!);
      assert.ok(late.includes("since the topic was deleted and created again"), late);
      await quit(worker);
      await gateway.untilSessions(1);
    }
    using next = await gateway.connectAs(`${group}:b`);
    await popNew(next, topic);
  },
);

testOnRealKafka(
  "a plain list that is created again is popped from its first message",
  async (start) => {
    await using gateway = await start({ server: { lists: { group: uniqueName("group") } } });
    using admin = await gateway.connect();
    using worker = await gateway.connect();
    const topic = await createOld(admin);
    const key = `topics:${topic}`;
    for (let n = 0; n < READ_COUNT; n++) assert.equal(await blpop(worker, key), `${key} old ${n}`);
    await recreate(admin, topic, start);
    const popped: (string | null)[] = [];
    while (popped.length < NEW_VALUES.length) {
      const value = await blpop(worker, key);
      if (!value?.startsWith(`${key} old`)) popped.push(value);
    }
    assert.deepEqual(popped, NEW_VALUES.map((value) => `${key} ${value}`));
  },
);

Deno.test({
  name: "a topic that is created again is read, too, after its leader had changed",
  ignore: !hasKafkaTool,
  fn: async () => {
    await using cluster = await KafkaCluster.start();
    const start: StartGateway = (config) =>
      TestGateway.start({ config: onBrokers(cluster.bootstrapServers, config) });
    await using gateway = await start();
    using admin = await gateway.connect();
    using worker = await gateway.connectAs(`${uniqueName("group")}:a`);
    const topic = await createTopic(admin);
    await cluster.run("restart", "1"); // the broker leads it anew
    await produceAll(admin, OLD_VALUES.map((value) => [topic, value]));
    for (const value of OLD_VALUES) assert.equal((await mustPop(worker, topic)).value, value);
    await recreate(admin, topic, start);
    await popNew(worker, topic);
  },
});
