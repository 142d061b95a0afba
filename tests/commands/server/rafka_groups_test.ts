/**
 * RAFKA GROUPS and INFO: the stream groups of a gateway, who waits for them, and what holds them up.
 *
 * @module
 */
import assert from "node:assert/strict";
import { until } from "../../support/gateway.ts";
import { produceAll, testOnEachKafka } from "../../support/kafka.ts";
import { TestGroup } from "../../groups/group_support.ts";

testOnEachKafka(
  "RAFKA GROUPS says who waits, what is pending and who holds a partition up",
  async (start) => {
    await using gateway = await start({ server: { streams: { maxPending: 2 } } });
    const test = new TestGroup(gateway);
    await test.create();
    using client = await gateway.connect();
    assert.equal(await client.ask("RAFKA", "GROUPS"), "*0\r\n");
    await produceAll(client, [0, 1, 2].map((n) => [`${test.topic}:key`, `${n}`]));
    using waiting = await gateway.connect();
    const key = `topics:${test.topic}`;
    await client.ask("XREADGROUP", "GROUP", test.name, "slow", "COUNT", 5, "STREAMS", key, ">");
    const read = ["XREADGROUP", "GROUP", test.name, "next", "BLOCK", 0, "STREAMS", key, ">"];
    await waiting.send(...read);
    const { live } = test.groups;
    await until(() => live[0]!.topics.get(test.topic)!.waiting.count === 1, "a reader that waits");

    await client.ask("HELLO", 3);
    const reply = await client.ask("RAFKA", "GROUPS");
    for (const [name, value] of Object.entries({ consumers: 2, waiting: 1, pending: 2, lag: 3 })) {
      assert.match(reply, new RegExp(`${name}\\r\\n:${value}\\r\\n`), name);
    }
    assert.match(
      reply,
      /held-up\r\n\*1\r\n%3\r\n\$9\r\npartition\r\n:\d\r\n\$8\r\nconsumer\r\n\$4\r\nslow\r\n/,
    );
    assert.match(await client.ask("INFO", "kafka"), /stream_groups:1\r\nstream_pending:2\r\n/);
  },
);
