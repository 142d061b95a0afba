/**
 * Properties 13 to 18 for RAFKA's commands about Kafka: each has its right, and shows only what the asker may see.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { kafkaBrokers } from "../support/machine.ts";
import { askPlain } from "../support/plain_reply.ts";
import { connectAs, NO_KEY, noCommand, startWith } from "./users.ts";

const USERS = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red ~topics:red* %R~topics:shared ~groups:red* +@all -@admin -@dangerous",
  "user chief on >chief ~topics:red* ~groups:red* +@all",
  "user clerk on >clerk ~topics:red* ~groups:red* -@all +rafka|topic",
];

Deno.test("15: changing Kafka takes the administrator's right, looking does not", async () => {
  await using gateway = await startWith(USERS);
  using red = await connectAs(gateway, "red");
  for (
    const [right, ...args] of [
      ["topic|create", "TOPIC", "CREATE", "red"],
      ["topic|alter", "TOPIC", "ALTER", "red", "PARTITIONS", "9"],
      ["topic|delete", "TOPIC", "DELETE", "red"],
      ["group|seek", "GROUP", "SEEK", "red", "red", "latest"],
      ["group|delete", "GROUP", "DELETE", "red"],
      ["brokers", "BROKERS"],
    ]
  ) {
    assert.equal(await red.ask("RAFKA", ...args), noCommand(`rafka|${right}`), right);
  }
  using chief = await connectAs(gateway, "chief");
  assert.equal(await chief.ask("RAFKA", "TOPIC", "CREATE", "red"), "+OK\r\n");
  assert.equal(await chief.ask("RAFKA", "TOPIC", "CREATE", "blue"), NO_KEY);
  using clerk = await connectAs(gateway, "clerk");
  assert.equal(await clerk.ask("RAFKA", "TOPIC", "CREATE", "red2"), "+OK\r\n");
  assert.equal(await clerk.ask("RAFKA", "BROKERS"), noCommand("rafka|brokers"));
});

Deno.test("13, 18: topics and groups of others are neither shown nor read, however they are named", async () => {
  await using gateway = await startWith(USERS);
  using root = await connectAs(gateway, "root");
  for (const topic of ["red", "blue", "shared"]) {
    assert.equal(await root.ask("RPUSHX", `topics:${topic}`, topic), ":1\r\n");
    assert.equal(await root.ask("DUMP", "20000"), ":0\r\n");
    await root.ask("RAFKA", "GROUP", "SEEK", "red", topic, "earliest");
  }
  await root.ask("RAFKA", "GROUP", "SEEK", "blue", "shared", "earliest");
  using red = await connectAs(gateway, "red");
  const topics = await askPlain(red, "RAFKA", "TOPICS") as unknown[][];
  assert.deepEqual(topics.map(([, name]) => name), ["red", "shared"]);
  const lags = await askPlain(red, "RAFKA", "GROUP", "LAG", "red") as unknown[][];
  assert.deepEqual([...new Set(lags.map(([, name]) => name))], ["red", "shared"]);
  assert.deepEqual(await askPlain(red, "RAFKA", "READ", "shared"), ["shared"]);
  for (
    const args of [
      ["READ", "blue"],
      ["READ", "topics:blue"],
      ["READ", "topic:blue", "COUNT", "1"],
      ["TOPIC", "DESCRIBE", "blue"],
      ["TOPIC", "DESCRIBE", "topics:blue"],
      ["GROUP", "LAG", "blue"],
      ["GROUP", "LAG", "red", "blue"],
      ["GROUP", "LAG", "blue", "red"],
      ["GROUP", "DESCRIBE", "blue"],
    ]
  ) {
    assert.equal(await red.ask("RAFKA", ...args), NO_KEY, args.join(" "));
  }
  using chief = await connectAs(gateway, "chief");
  assert.equal(await chief.ask("RAFKA", "GROUP", "SEEK", "red", "blue", "latest"), NO_KEY);
  assert.equal(await chief.ask("RAFKA", "GROUP", "SEEK", "blue", "red", "latest"), NO_KEY);
  assert.equal(await chief.ask("RAFKA", "GROUP", "DELETE", "blue"), NO_KEY);
  using worker = await connectAs(gateway, "root");
  assert.equal(await worker.ask("CLIENT", "SETNAME", "blue:1"), "+OK\r\n");
  await worker.ask("BLPOP", "topics:shared", "0.1");
  assert.equal(await red.ask("RAFKA", "GROUPS"), "*0\r\n");
  assert.match(await root.ask("RAFKA", "GROUPS"), /^\*1\r\n.*blue/s);
});

Deno.test({
  name: "18: of a group's topics only those are shown that the asker has a right to (real Kafka)",
  ignore: kafkaBrokers === undefined,
  async fn(): Promise<void> {
    const [red, blue] = [uniqueName("red"), uniqueName("blue")];
    const config = onBrokers(kafkaBrokers!, { server: { users: USERS } });
    await using gateway = await TestGateway.start({ config });
    using root = await connectAs(gateway, "root");
    for (const topic of [red, blue]) {
      assert.equal(await root.ask("RAFKA", "TOPIC", "CREATE", topic), "+OK\r\n");
      assert.match(await root.ask("RAFKA", "GROUP", "SEEK", red, topic, "latest"), /^\*/);
    }
    using worker = await connectAs(gateway, "root");
    assert.equal(await worker.ask("CLIENT", "SETNAME", `${red}:1`), "+OK\r\n");
    await until(async () => {
      await worker.ask("BLPOP", `topics:${red},${blue}`, "0.1");
      return (await root.ask("RAFKA", "GROUP", "DESCRIBE", red)).includes(blue);
    }, "the worker has partitions");
    using client = await connectAs(gateway, "red");
    for (const verb of ["LAG", "DESCRIBE"]) {
      const [all, shown] = await Promise.all(
        [root, client].map((one) => one.ask("RAFKA", "GROUP", verb, red)),
      );
      assert.ok(all!.includes(blue), verb);
      assert.ok(shown!.includes(`\r\n${red}\r\n`), verb);
      assert.ok(!shown!.includes(blue), verb);
    }
  },
});
