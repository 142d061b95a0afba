/**
 * Tracing goes through: `traceparent` and whatever other headers a message has are those that its producer gave it, on
 * every way through the gateway.
 *
 * @see https://www.w3.org/TR/trace-context/
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { TestCluster, testOnEachKafka } from "../support/kafka.ts";
import { kcatMessages, kcatProduce } from "../support/kcat.ts";
import { hasKcat } from "../support/machine.ts";
import { askPlain, askRecords } from "../support/plain_reply.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const HEADERS = [
  ...["traceparent", TRACEPARENT],
  ...["tracestate", "congo=t61rcWkgMzE,rojo=00f067aa0ba902b7"],
  ...["baggage", "user=1", "baggage", "user=2"], // names may repeat
];

testOnEachKafka(
  "headers given to XADD arrive on every way that a message is read",
  async (start) => {
    await using gateway = await start();
    using client = await gateway.connect();
    const [topic, group] = [uniqueName("traced"), uniqueName("group")];
    const key = `topics:${topic}`;
    await client.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 1);
    await client.ask("XGROUP", "CREATE", key, group, 0);
    const id = await askPlain(client, "XADD", key, "*", "value", "v", ...HEADERS);
    const entry = [id, ["value", "v", ...HEADERS]];
    assert.deepEqual(await askPlain(client, "XRANGE", key, "-", "+"), [entry]);
    assert.deepEqual(await askPlain(client, "XREAD", "STREAMS", key, 0), [[key, [entry]]]);
    const read = ["XREADGROUP", "GROUP", group, "c", "BLOCK", 20_000, "STREAMS", key, ">"];
    assert.deepEqual(await askPlain(client, ...read), [[key, [entry]]]);
    await client.ask("HELLO", 3);
    const [message] = await askRecords(client, "RAFKA", "READ", topic, "WITHMETA");
    assert.deepEqual(message!.headers, HEADERS);
    using worker = await gateway.connectAs(`${uniqueName("group")}:a`);
    const popped = await askPlain(worker, "BLPOP", `${key}:{"rafka.fields":["headers"]}`, 30);
    assert.deepEqual((popped as unknown[]).slice(8), ["headers", HEADERS]);
  },
);

Deno.test({
  name: "headers go from another Kafka client through a worker to another Kafka client",
  ignore: !hasKcat,
  async fn(): Promise<void> {
    await using cluster = await TestCluster.start();
    await using gateway = await TestGateway.start({ config: cluster.config() });
    using worker = await gateway.connect();
    const brokers = cluster.mock.bootstrapServers;
    await kcatProduce(brokers, "in", "v", [`traceparent=${TRACEPARENT}`, "other=1"]);
    const [[, fields]] = await askPlain(worker, "XRANGE", "topics:in", "-", "+") as [
      [string, string[]],
    ];
    await worker.ask("XADD", "topics:out", "*", ...fields);
    const [message] = await kcatMessages(brokers, "out");
    assert.equal(message!.headers, `traceparent=${TRACEPARENT},other=1`);
    assert.equal(message!.value, "v");
  },
});
