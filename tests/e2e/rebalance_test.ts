/**
 * Several workers of one group: how they share its partitions, and what happens to acks when partitions move.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  ack,
  mustPop,
  PATIENCE_SECONDS,
  produceAll,
  testOnEachKafka,
  testOnRealKafka,
} from "../support/kafka.ts";
import { type PoppedMessage, readPopped, type TestClient } from "../support/client.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { kcatUncommitted } from "../support/kcat.ts";
import { kafkaBrokers } from "../support/machine.ts";
import { CapturedLog } from "../support/captured_log.ts";

/** Of a topic that is made by itself, on any Kafka that these tests run on. */
const MOST_PARTITIONS = 4;
/** They spread over the partitions of a topic so that each of two workers gets some. */
const KEYS = Array.from({ length: 40 }, (_, i) => `key${i}`);

testOnEachKafka(
  "Two consumers of a group share its messages: each message once, some for both",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("shared");
    const group = uniqueName("group");
    using producer = await gateway.connect();
    using clientA = await gateway.connectAs(`${group}:a`);
    using clientB = await gateway.connectAs(`${group}:b`);
    await produceAll(producer, forEachKey(topic, "warm-up"));
    await using a = new Worker(clientA, topic);
    await using b = new Worker(clientB, topic);
    // until the group has both
    for (let rounds = 2; !(a.has("warm-up") && b.has("warm-up")); rounds++) {
      await produceAll(producer, forEachKey(topic, "warm-up"));
      await until(
        () => a.count("warm-up") + b.count("warm-up") >= rounds * KEYS.length,
        "all warm-up messages",
      );
    }
    await produceAll(producer, forEachKey(topic, "job"));
    await until(() => a.count("job") + b.count("job") >= KEYS.length, "all jobs");

    const jobs = [...a.messages, ...b.messages].map(({ value }) => value!)
      .filter((value) => value.startsWith("job"));
    assert.deepEqual(jobs.sort(), KEYS.map((key) => `job ${key}`).sort());
    assert.ok(a.has("job") && b.has("job"), "both got some");
    const [ofA, ofB] = [a, b].map((worker) => new Set(worker.partitions("job")));
    assert.ok(ofA!.isDisjointFrom(ofB!), "no partition had two consumers");
  },
);

// the embedded Kafka expires members too soon to tell
testOnRealKafka(
  "A worker that has no partitions leaves its group when it goes: nobody waits for it",
  async (start) => {
    await using log = await CapturedLog.start();
    const consumer = { "session.timeout.ms": 300_000, "heartbeat.interval.ms": 100 };
    await using gateway = await start({ consumer });
    const topic = uniqueName("small");
    const group = uniqueName("group");
    using producer = await gateway.connect();
    await produceAll(producer, [[topic, "message"]]);
    const workers = Array.from({ length: MOST_PARTITIONS + 1 }, (_, n) => `${group}:${n}`);
    const waiting = await Promise.all(workers.map(async (name) => {
      const client = await gateway.connectAs(name);
      await client.send("BLPOP", `topics:${topic}`, 0);
      return client;
    }));
    await log.has("is assigned no partitions");
    for (const client of waiting) client[Symbol.dispose]();
    await gateway.untilSessions(1);
    using last = await gateway.connectAs(`${group}:last`);
    assert.equal((await mustPop(last, topic)).value, "message");
  },
);

// a mock cluster refuses commits while a group rebalances, which brings acked messages again
testOnRealKafka(
  "What was acked is committed before its partition moves to a consumer that joins",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("moving");
    const group = uniqueName("group");
    using producer = await gateway.connect();
    using clientA = await gateway.connectAs(`${group}:a`);
    using clientB = await gateway.connectAs(`${group}:b`);
    await produceAll(producer, forEachKey(topic, "first"));
    // no commit by the clock: in this test only the rebalance commits
    const neverByTime = JSON.stringify({ "auto.commit.interval.ms": 3_600_000 });
    await using a = new Worker(clientA, `${topic}:${neverByTime}`);
    await until(() => a.count("first") === KEYS.length, "the first messages");
    await until(() => a.ackedCount === KEYS.length, "their acks");

    await using b = new Worker(clientB, `${topic}:${neverByTime}`);
    while (!b.has("second")) {
      await produceAll(producer, forEachKey(topic, "second"));
      assert.ok(!b.has("first"), "b was handed a message that a had acked");
    }
    assert.ok(!b.has("first"), "b was handed a message that a had acked");
    assert.equal(a.count("first"), KEYS.length, "a was not handed its own again either");
  },
);

testOnRealKafka(
  "An ack is committed while a rebalance waits for its worker, however long that takes",
  async (start) => {
    await using log = await CapturedLog.start();
    const consumer = { "heartbeat.interval.ms": 100, "auto.commit.interval.ms": 200 };
    await using gateway = await start({ consumer });
    const topic = uniqueName("slow");
    const group = uniqueName("group");
    using producer = await gateway.connect();
    await produceAll(producer, forEachKey(topic, "job"));
    using a = await gateway.connectAs(`${group}:a`);
    const jobs: PoppedMessage[] = [];
    for (const _ of KEYS) jobs.push(await mustPop(a, topic));
    using b = await gateway.connectAs(`${group}:b`);
    await b.send("BLPOP", `topics:${topic}`, 0);
    await log.has(`Consumer ${group}:b is assigned no partitions`); // a is to give some up first
    for (const job of jobs) assert.equal(await ack(a, job), ":1\r\n");
    const uncommitted = async () => (await kcatUncommitted(kafkaBrokers!, topic, group)).length;
    await until(async () => await uncommitted() === 0, "the commit");
  },
);

testOnRealKafka("A worker that another one has replaced is told each time", async (start) => {
  await using gateway = await start();
  const topic = uniqueName("fenced");
  const group = uniqueName("group");
  using producer = await gateway.connect();
  await produceAll(producer, [[topic, "message"]]);
  const target = `topics:${topic}:{"group.instance.id":"same"}`;
  using a = await gateway.connectAs(`${group}:a`);
  using b = await gateway.connectAs(`${group}:b`);
  assert.ok(await a.pop(target, PATIENCE_SECONDS));
  await b.send("BLPOP", target, 0);
  const fenced = /^-CONS Poll Fatal consumer error: Broker: Static consumer fenced/;
  for (let times = 0; times < 2; times++) {
    assert.match(await a.ask("BLPOP", target, PATIENCE_SECONDS), fenced);
  }
});

testOnEachKafka(
  "A worker that joins takes some partitions; the other keeps its own, and what it works on there",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("moved");
    const group = uniqueName("group");
    using producer = await gateway.connect();
    await produceAll(producer, forEachKey(topic, "held"));
    using a = await gateway.connectAs(`${group}:a`);
    const held: PoppedMessage[] = [];
    for (const _ of KEYS) held.push(await mustPop(a, topic));
    await a.send("BLPOP", `topics:${topic}`, 0); // has nothing to get until there is something new

    using b = await gateway.connectAs(`${group}:b`);
    const taken = await mustPop(b, topic);
    assert.ok(held.some(({ value }) => value === taken.value), "b is handed what a did not ack");
    await produceAll(producer, forEachKey(topic, "new"));
    const kept = readPopped(await a.reply())!;
    assert.match(kept.value!, /^new /, "a is not handed again what it works on");

    const { partition, offset } = taken;
    assert.equal(
      await ack(a, taken),
      `-CONS Cannot ack ${topic}:${partition}:${offset}, the message will be handed out again: ` +
        `partition ${partition} of '${topic}' is not assigned to this consumer any more, ` +
        `it was lost in a rebalance\r\n`,
    );
    assert.equal(await ack(b, taken), ":1\r\n");
    assert.equal(await ack(a, kept), ":1\r\n");
  },
);

testOnRealKafka("With group.protocol consumer the broker assigns the partitions", async (start) => {
  await using gateway = await start();
  const topic = uniqueName("broker-assigns");
  using producer = await gateway.connect();
  await produceAll(producer, forEachKey(topic, "job"));
  using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
  const message = await mustPop(consumer, `${topic}:{"group.protocol":"consumer"}`);
  assert.equal(await ack(consumer, message), ":1\r\n");
});

testOnRealKafka(
  "A worker whose assignor the others of its group do not know is told what to do",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("mixed");
    const group = uniqueName("group");
    using producer = await gateway.connect();
    await produceAll(producer, forEachKey(topic, "job"));
    using old = await gateway.connectAs(`${group}:old`);
    await mustPop(old, `${topic}:{"partition.assignment.strategy":"range,roundrobin"}`);
    using newcomer = await gateway.connectAs(`${group}:newcomer`);
    assert.equal(
      await newcomer.ask("BLPOP", `topics:${topic}`, PATIENCE_SECONDS),
      "-CONS Poll JoinGroup failed: Broker: Inconsistent group protocol: the others in group " +
        `'${group}' have another partition.assignment.strategy or group.protocol: ` +
        "configure theirs, or stop them all before this one starts\r\n",
    );
  },
);

testOnEachKafka("An ack for a partition that a consumer never had is an error", async (start) => {
  await using gateway = await start();
  const topic = uniqueName("acked");
  using producer = await gateway.connect();
  await produceAll(producer, forEachKey(topic, "job"));
  using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
  const message = await mustPop(consumer, topic);
  for (const wrong of [{ partition: 4_711 }, { topic: uniqueName("other") }]) {
    assert.match(
      await ack(consumer, { ...message, ...wrong }),
      /^-CONS Cannot ack .+: partition \d+ of '.+' is not assigned to this consumer\r\n$/,
    );
  }
  assert.equal(await ack(consumer, message), ":1\r\n");
});

function forEachKey(topic: string, prefix: string): [target: string, value: string][] {
  return KEYS.map((key) => [`${topic}:${key}`, `${prefix} ${key}`]);
}

/** Takes and acks messages until its end. */
class Worker implements AsyncDisposable {
  readonly messages: PoppedMessage[] = [];
  readonly #client: TestClient;
  readonly #working: Promise<void>;
  #acked = 0;
  #ending = false;

  constructor(client: TestClient, topics: string) {
    this.#client = client;
    this.#working = this.#work(topics);
  }

  get ackedCount(): number {
    return this.#acked;
  }

  count(prefix: string): number {
    return this.#of(prefix).length;
  }

  has(prefix: string): boolean {
    return this.count(prefix) > 0;
  }

  partitions(prefix: string): number[] {
    return this.#of(prefix).map(({ partition }) => partition);
  }

  #of(prefix: string): PoppedMessage[] {
    return this.messages.filter(({ value }) => value!.startsWith(prefix));
  }

  async #work(topics: string): Promise<void> {
    while (!this.#ending) {
      const message = await this.#client.pop(`topics:${topics}`, 0.5);
      if (!message) continue;
      this.messages.push(message);
      assert.equal(await ack(this.#client, message), ":1\r\n");
      this.#acked++;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending = true;
    await this.#working;
  }
}
