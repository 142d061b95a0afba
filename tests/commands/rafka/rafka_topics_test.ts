/**
 * RAFKA TOPICS and RAFKA TOPIC …: topics are listed, described, created, changed and deleted, as far as Kafka can.
 *
 * @module
 */
import assert from "node:assert/strict";
import { isDeepStrictEqual } from "node:util";
import type { TestClient } from "../../support/client.ts";
import { TestGateway, uniqueName, until } from "../../support/gateway.ts";
import { produceAll, testOnEachKafka, testOnRealKafka } from "../../support/kafka.ts";
import { askPlain, askRecords } from "../../support/plain_reply.ts";

/** A connection with RESP3. */
async function connect(gateway: TestGateway): Promise<TestClient> {
  const client = await gateway.connect();
  await client.ask("HELLO", 3);
  return client;
}

async function refused(client: TestClient, args: (string | number)[], why: RegExp): Promise<void> {
  assert.match(await client.ask(...args), why, args.join(" "));
}

testOnEachKafka("a topic is created, listed and described with its messages", async (start) => {
  await using gateway = await start();
  using client = await connect(gateway);
  const topic = uniqueName("shown");
  assert.equal(await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 3), "+OK\r\n");
  assert.deepEqual(await askRecords(client, "RAFKA", "TOPICS", `${topic.slice(0, -1)}*`), [
    { topic, partitions: 3, replication: 1 },
  ]);
  await produceAll(client, ["a", "b", "c", "d", "e"].map((key) => [`${topic}:${key}`, "x"]));
  const described = await askPlain(client, "RAFKA", "TOPIC", "DESCRIBE", `topics:${topic}`) as {
    partitions: { partition: number; first: number; end: number; replicas: number[] }[];
  };
  assert.deepEqual(described.partitions.map(({ partition }) => partition), [0, 1, 2]);
  assert.equal(described.partitions.reduce((sum, { end, first }) => sum + end - first, 0), 5);
  assert.ok(described.partitions.every(({ replicas }) => replicas.length === 1));
});

testOnEachKafka(
  "what is wrong with a topic is said with its name and what is allowed",
  async (start) => {
    await using gateway = await start();
    using client = await gateway.connect();
    const [topic, missing] = [uniqueName("topic"), uniqueName("missing")];
    await client.ask("RAFKA", "TOPIC", "CREATE", topic);
    const rafka = (
      ...args: (string | number)[]
    ): (string | number)[] => ["RAFKA", "TOPIC", ...args];
    const exists = new RegExp(`^-ERR Topic '${topic}' already exists\r\n$`);
    await refused(client, rafka("CREATE", topic), exists);
    await refused(
      client,
      rafka("DESCRIBE", missing),
      new RegExp(`^-ERR Topic '${missing}' does not`),
    );
    await refused(
      client,
      rafka("CREATE", "no name"),
      /^-ERR Invalid topic 'no name': allowed are 1 to 249/,
    );
    const partitions = /^-ERR PARTITIONS is a whole number from 1 to 2147483647, got '0'\r\n$/;
    await refused(client, rafka("CREATE", missing, "PARTITIONS", 0), partitions);
    const replication = /^-ERR REPLICATION is a whole number from 1 to 32767, got 'x'\r\n$/;
    await refused(client, rafka("CREATE", missing, "REPLICATION", "x"), replication);
    await refused(client, rafka("CREATE", missing, "CONFIG", "retention.ms"), /^-ERR syntax error/);
    await refused(client, rafka("CREATE", missing, "CONFIG", "a", "b", "c"), /^-ERR syntax error/);
    await refused(
      client,
      rafka("CREATE", missing, "CONFIG", "a\0b", "c"),
      /^-ERR Invalid name or value/,
    );
    await refused(
      client,
      rafka("CREATE", missing, "CONFIG", "a", "\xff"),
      /^-ERR Invalid name or value/,
    );
    await refused(client, rafka("ALTER", topic, "PARTITIONS", 9, "RESET", "x"), /cannot do both/);
    await refused(client, rafka("ALTER", topic), /takes PARTITIONS, CONFIG or RESET/);
    await refused(client, rafka(), /^-ERR unknown subcommand 'TOPIC'. Try RAFKA HELP/);
    await refused(client, rafka("make"), /^-ERR unknown subcommand 'TOPIC make'. Try RAFKA HELP/);
    assert.equal(await client.ask("RAFKA", "TOPICS", missing), "*0\r\n");
  },
);

testOnRealKafka(
  "a topic is configured, grows, and is deleted; Kafka's words are passed on",
  async (start) => {
    await using gateway = await start();
    using client = await connect(gateway);
    const topic = uniqueName("changed");
    const rafka = (...args: (string | number)[]): Promise<string> =>
      client.ask("RAFKA", "TOPIC", ...args);
    const config = async (...options: string[]): Promise<unknown> =>
      (await askPlain(client, "RAFKA", "TOPIC", "DESCRIBE", topic, ...options) as {
        config: Record<string, string>;
      }).config;
    const words = ["CONFIG", "retention.ms", 3_600_000, "cleanup.policy", "compact"];
    assert.match(await rafka("CREATE", topic, "CONFIG", "no.such", 1), /^-ERR .*no\.such/);
    assert.equal(await rafka("CREATE", topic, "PARTITIONS", 2, ...words), "+OK\r\n");
    assert.deepEqual(await config(), { "cleanup.policy": "compact", "retention.ms": "3600000" });

    assert.match(
      await rafka("ALTER", topic, "CONFIG", "retention.ms", "x"),
      /^-ERR .*Not a number/,
    );
    const changes = ["CONFIG", "retention.ms", 7_200_000, "RESET", "cleanup.policy"];
    assert.equal(await rafka("ALTER", topic, ...changes), "+OK\r\n");
    await until(
      async () => isDeepStrictEqual(await config(), { "retention.ms": "7200000" }),
      "the broker to apply it",
    );
    const all = await config("WITHDEFAULTS") as Record<string, string>;
    assert.equal(all["cleanup.policy"], "delete");

    assert.match(await rafka("ALTER", topic, "PARTITIONS", 1), /^-ERR .*would not be an increase/);
    assert.equal(await rafka("ALTER", topic, "PARTITIONS", 5), "+OK\r\n");
    const [changed] = await askRecords(client, "RAFKA", "TOPICS", topic);
    assert.equal(changed!.partitions, 5);
    const missing = uniqueName("missing");
    const noTopic = `-ERR Topic '${missing}' does not exist\r\n`;
    assert.equal(await rafka("ALTER", missing, "PARTITIONS", 5), noTopic);
    assert.equal(await rafka("ALTER", missing, "RESET", "retention.ms"), noTopic);

    assert.equal(await rafka("DELETE", topic), "+OK\r\n");
    assert.equal(await rafka("DELETE", topic), `-ERR Topic '${topic}' does not exist\r\n`);
  },
);

testOnRealKafka("a topic that a worker waits for can be deleted, and made again", async (start) => {
  await using gateway = await start();
  using admin = await gateway.connect();
  const topic = uniqueName("gone");
  using worker = await gateway.connectAs(`${uniqueName("group")}:a`);
  const create = ["RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 1] as const;
  assert.equal(await admin.ask(...create), "+OK\r\n");
  await produceAll(admin, [[topic, "before"]]);
  assert.equal((await worker.pop(`topics:${topic}`, 30))!.value, "before");
  assert.equal(await admin.ask("RAFKA", "TOPIC", "DELETE", topic), "+OK\r\n");
  assert.equal(await worker.ask("BLPOP", `topics:${topic}`, 0.1), "*-1\r\n");
  assert.equal(await admin.ask(...create), "+OK\r\n");
  await produceAll(admin, [[topic, "after"]]);
  assert.equal((await worker.pop(`topics:${topic}`, 30))!.value, "after");
});

Deno.test("of the embedded Kafka, what it cannot do is an error", async () => {
  await using gateway = await TestGateway.start();
  using client = await connect(gateway);
  for (
    const [args, what] of [
      [["TOPIC", "DELETE", "t"], "delete topics"],
      [["TOPIC", "ALTER", "t", "PARTITIONS", 9], "add partitions to topics"],
      [["TOPIC", "ALTER", "t", "CONFIG", "retention.ms", 1], "configure topics"],
      [["TOPIC", "CREATE", "t", "CONFIG", "retention.ms", 1], "configure topics"],
      [["TOPIC", "CREATE", "t", "REPLICATION", 2], "replicate topics"],
      [["GROUP", "DESCRIBE", "g"], "describe groups"],
      [["GROUP", "DELETE", "g"], "delete groups"],
    ] as const
  ) {
    const error = `-ERR The embedded Kafka cannot ${what}\r\n`;
    assert.equal(await client.ask("RAFKA", ...args), error);
  }
  await client.ask("RAFKA", "TOPIC", "CREATE", "t");
  const { config } = await askPlain(client, "RAFKA", "TOPIC", "DESCRIBE", "t") as { config: null };
  assert.equal(config, null);
});

Deno.test("a topic with more partitions than streams have ids for is described and read", async () => {
  await using gateway = await TestGateway.start();
  using client = await connect(gateway);
  await client.ask("RAFKA", "TOPIC", "CREATE", "wide", "PARTITIONS", 2_049);
  const described = await askPlain(client, "RAFKA", "TOPIC", "DESCRIBE", "wide") as {
    partitions: unknown[];
  };
  assert.equal(described.partitions.length, 2_049);
  await produceAll(client, [["wide:key", "value"]]);
  assert.deepEqual(await askPlain(client, "RAFKA", "READ", "wide"), ["value"]);
  const refusal = "-ERR Topic wide has 2049 partitions, ids of streams have room for 2048\r\n";
  for (
    const request of [
      ["XLEN", "topics:wide"],
      ["XRANGE", "topics:wide", "-", "+"],
      ["XREAD", "STREAMS", "topics:wide", "0"],
      ["XGROUP", "CREATE", "topics:wide", "g", "0"],
      ["XREADGROUP", "GROUP", "g", "c", "STREAMS", "topics:wide", ">"],
      ["XINFO", "GROUPS", "topics:wide"],
    ]
  ) {
    assert.equal(await client.ask(...request), refusal, request.join(" "));
  }
});

Deno.test("internal topics are neither listed nor described, created nor deleted", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const refusal = "-ERR __internal is Kafka's own, server.internalTopics is false\r\n";
  for (const verb of ["CREATE", "DESCRIBE", "DELETE"]) {
    assert.equal(await client.ask("RAFKA", "TOPIC", verb, "__internal"), refusal);
  }
  assert.equal(await client.ask("RAFKA", "READ", "__internal"), refusal);
  assert.equal(await client.ask("RAFKA", "GROUP", "SEEK", "g", "__internal", "latest"), refusal);
  await using allowed = await TestGateway.start({ config: { server: { internalTopics: true } } });
  using operator = await connect(allowed);
  assert.equal(await operator.ask("RAFKA", "TOPIC", "CREATE", "__internal"), "+OK\r\n");
  assert.equal((await askRecords(operator, "RAFKA", "TOPICS"))[0]!.topic, "__internal");
});

Deno.test("administration can be switched off: nothing is changed, all is shown", async () => {
  await using gateway = await TestGateway.start({ config: { server: { administration: false } } });
  using client = await gateway.connect();
  for (
    const args of [
      ["TOPIC", "CREATE", "t"],
      ["TOPIC", "ALTER", "t", "PARTITIONS", "9"],
      ["TOPIC", "DELETE", "t"],
      ["GROUP", "SEEK", "g", "t", "latest"],
      ["GROUP", "DELETE", "g"],
    ]
  ) {
    const error = `-ERR RAFKA ${args[0]} ${
      args[1]
    } is switched off: server.administration is false\r\n`;
    assert.equal(await client.ask("RAFKA", ...args), error);
  }
  assert.equal(await client.ask("RAFKA", "TOPICS"), "*0\r\n");
  assert.match(await client.ask("RAFKA", "BROKERS"), /^\*1/);
});
