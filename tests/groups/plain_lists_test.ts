/**
 * Plain lists of several gateways, and of one that is killed: nothing is lost, what is acked does not come again.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers, TestCluster, type TestConfig } from "../support/kafka.ts";
import { kafkaBrokers } from "../support/machine.ts";
import { askText, blpop, joined } from "../support/plain_list.ts";
import { Program } from "../support/program.ts";
import { TestGroup, testWithGateways, untilAcked } from "./group_support.ts";

const ROUNDS = 3;
/** Messages of a push, each with another key. */
const KEYS = 20;

/** The configuration of a list. */
function listOf(group: string): TestConfig {
  return { server: { lists: { group } } };
}

testWithGateways("while gateways come and go, no message of a list is lost", async (cluster) => {
  const [group, key] = [uniqueName("group"), `topics:${cluster.newTopic()}`];
  await using steady = await cluster.start(listOf(group));
  using client = await steady.connect();
  const pushing = new Pushing(client, key);
  const done = new Set<number>();
  await using worker = new ListWorker(await steady.connect(), key, done);
  for (let round = 0; round < ROUNDS; round++) {
    await using other = await cluster.start(listOf(group));
    await using more = new ListWorker(await other.connect(), key, done);
    await pushing.until(() => more.count > KEYS, "messages of the other gateway");
  }
  await until(() => done.size === pushing.count, "all messages", 60_000);
  assert.ok(worker.count > 0);
});

testWithGateways("a consumer with a name and plain pops share a group", async (cluster) => {
  const [group, topic] = [uniqueName("group"), cluster.newTopic()];
  await using gateway = await cluster.start(listOf(group));
  await using other = await cluster.start(listOf(group));
  using client = await gateway.connect();
  const key = `topics:${topic}`;
  const pushing = new Pushing(client, key);
  const done = new Set<number>();
  await using plain = new ListWorker(await gateway.connect(), key, done);
  using named = await other.connectAs(`${group}:named`);
  let ofNamed = 0;
  const popNamed = async (): Promise<void> => {
    const message = await named.pop(key, 0.2);
    if (!message) return;
    ofNamed++;
    done.add(Number(message.value));
    await named.ask("RPUSH", "acks", `${topic}:${message.partition}:${message.offset}`);
  };
  await pushing.until(async () => {
    await popNamed();
    return ofNamed > 0 && plain.count > 0;
  }, "messages of both");
  await until(
    async () => {
      await popNamed();
      return done.size === pushing.count;
    },
    "all messages",
    60_000,
  );
});

/** Pushes numbers to all partitions of a topic. */
class Pushing {
  readonly #client: TestClient;
  readonly #key: string;
  count = 0;

  constructor(client: TestClient, key: string) {
    this.#client = client;
    this.#key = key;
  }

  /** Pushes until a condition holds. */
  async until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    await until(
      async () => {
        for (let at = 0; at < KEYS; at++) {
          await this.#client.ask("RPUSH", `${this.#key}:${at}`, this.count++);
        }
        return await condition();
      },
      what,
      60_000,
    );
  }
}

/** A connection that pops until it ends. */
class ListWorker implements AsyncDisposable {
  readonly #client: TestClient;
  readonly #done: Promise<void>;
  /** Number of messages that it has popped. */
  count = 0;
  #ends = false;

  constructor(client: TestClient, key: string, done: Set<number>) {
    this.#client = client;
    this.#done = this.#work(key, done);
  }

  /** QUIT acks the last one. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ends = true;
    await this.#done;
    await this.#client.ask("QUIT");
    this.#client[Symbol.dispose]();
  }

  async #work(key: string, done: Set<number>): Promise<void> {
    while (!this.#ends) {
      const popped = joined(await this.#client.ask("BLPOP", key, 0.2));
      if (popped === null) continue;
      this.count++;
      done.add(Number(popped.split(" ")[1]));
    }
  }
}

Deno.test("a list that a worker has a message of keeps the gateway in the group", async () => {
  const idle = uniqueName("idle");
  await using gateway = await TestGateway.start({
    config: {
      server: {
        lists: { group: uniqueName("group") },
        keys: [{ match: idle, topic: idle, group: idle }],
        streams: { groupIdleMs: 1_000 },
      },
    },
  });
  const { groups } = gateway.rafka.server.state.principals.own;
  using client = await gateway.connect();
  const keys = [uniqueName("one"), uniqueName("two")].map((name) => `topics:${name}`);
  for (const key of keys) await client.ask("RPUSH", `${key}:k`, "a", "b");
  {
    using worker = await gateway.connect();
    assert.equal(await blpop(worker, keys[0]!), `${keys[0]} a`);
    assert.equal(await askText(client, "BLMOVE", keys[1]!, "working", "LEFT", "LEFT", 20), "a");
    await client.ask("RPUSH", idle, "later");
    assert.equal(await blpop(client, idle), `${idle} later`);
    assert.equal(await askText(client, "LPOP", idle), null); // acks it: nobody has a message of that group
    assert.equal(groups.live.length, 2);
    await until(() => groups.live.length === 1, "the group to be left that was asked last");
    assert.equal(groups.live[0]?.topics.size, 2);
    assert.equal(await askText(client, "LINDEX", "working", 0), "a");
  }
  assert.equal(await askText(client, "LPOP", "working"), "a");
  await until(() => groups.live.length === 0, "the group to be left");
  assert.equal(await blpop(client, keys[0]!), `${keys[0]} a`);
});

Deno.test("what a killed gateway has not acked comes again, what it has acked does not (mock cluster)", async () => {
  await using cluster = await TestCluster.start();
  await killed(cluster.config());
});

Deno.test({
  name: "what a killed gateway has not acked comes again, what it has acked does not (real Kafka)",
  ignore: kafkaBrokers === undefined,
  fn: () => killed(onBrokers(kafkaBrokers!, { consumer: { "session.timeout.ms": 6_000 } })),
});

async function killed(kafka: TestConfig): Promise<void> {
  const [group, topic] = [uniqueName("group"), uniqueName("topic")];
  const key = `topics:${topic}`;
  const config: TestConfig = { ...kafka, ...listOf(group) };
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connect();
  await client.ask("RPUSH", `${key}:k`, "a", "b", "c", "d");
  {
    await using other = await Program.start([], { RAFKA_CONFIG_JSON: JSON.stringify(config) });
    using worker = await other.connect();
    assert.equal(await blpop(worker, key), `${key} a`);
    assert.equal(await askText(worker, "BLMOVE", key, "working", "LEFT", "LEFT", 20), "b"); // acks a
    assert.equal(await blpop(worker, key), `${key} c`);
    await untilAcked(new TestGroup(gateway, group, topic), 1);
    other.signal("SIGKILL");
    await other.exited();
  }
  const again: string[] = [];
  for (let at = 0; at < 3; at++) again.push((await blpop(client, key))!.slice(key.length + 1));
  assert.deepEqual(again, ["b", "c", "d"]);
  assert.equal(await askText(client, "LPOP", key), null);
}
