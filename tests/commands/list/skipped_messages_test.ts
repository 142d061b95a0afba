/**
 * Messages that Kafka deletes before they are handed out: counted and logged, once. The embedded Kafka keeps 5 MB of a
 * partition, which is its retention.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../../support/gateway.ts";
import { ack, counter, mustPop, produceAll, TestCluster } from "../../support/kafka.ts";
import type { TestClient } from "../../support/client.ts";
import { CapturedLog } from "../../support/captured_log.ts";

/** Little is fetched ahead. */
const FETCH_LITTLE = {
  "queued.min.messages": 1,
  "queued.max.messages.kbytes": 1,
  "fetch.message.max.bytes": 1_000,
};
const COUNTER = "consumer.skipped.messages";

Deno.test("Messages that are deleted between two BLPOPs are counted and logged, with the offsets", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({ consumer: FETCH_LITTLE }),
  });
  using producer = await gateway.connect();
  using worker = await gateway.connectAs("group:worker");
  await produceAll(producer, [["t:key", "first"]]);
  const first = await mustPop(worker, "t");
  await outgrow(producer, "t:key");
  const skipped = await popAcrossTheGap(worker, first.offset);
  assert.ok(skipped > 0);
  assert.equal(
    await counter(producer, COUNTER),
    skipped,
    "counted before the message is handed out",
  );
  assert.match(await producer.ask("INFO", "kafka"), new RegExp(`\r\nskipped:${skipped}\r\n`));
  const lines = log.lines.filter((line) => line.includes("are skipped"));
  const said =
    /^warning: Group group: (\d+) messages of t\[\d\] are skipped, .* it goes on from (\d+) at (\d+): /;
  assert.equal(lines.length, 1, log.lines.join("\n"));
  const [, count, from, to] = said.exec(lines[0]!)!.map(Number);
  assert.equal(count, skipped);
  assert.equal(to! - from!, skipped);
});

Deno.test("Messages that are deleted while a group has no worker are counted once, however many come then", async () => {
  await using log = await CapturedLog.start();
  await using cluster = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: cluster.config({ consumer: FETCH_LITTLE }),
  });
  using producer = await gateway.connect();
  await produceAll(producer, [["t:key", "first"], ["t:key", "second"]]);
  {
    using worker = await gateway.connectAs("group:first");
    assert.equal(await ack(worker, await mustPop(worker, "t")), ":1\r\n");
  }
  await log.has("group:first left its group");
  await outgrow(producer, "t:key");
  let skipped = 0;
  for (const name of ["second", "third"]) {
    using worker = await gateway.connectAs(`group:${name}`);
    skipped = (await mustPop(worker, "t")).offset - 1; // the first message is acked
    assert.equal(await counter(producer, COUNTER), skipped);
    worker[Symbol.dispose]();
    await log.has(`group:${name} left its group`);
  }
  assert.equal(await counter(producer, COUNTER), skipped);
  assert.equal(log.count("are skipped"), 1);
});

/** More than a partition keeps. */
async function outgrow(producer: TestClient, target: string): Promise<void> {
  const value = "x".repeat(100_000);
  await produceAll(producer, Array.from({ length: 100 }, () => [target, value] as const));
}

/** How many messages are between the last one before a gap, and the first one behind it. */
async function popAcrossTheGap(worker: TestClient, lastOffset: number): Promise<number> {
  for (let last = lastOffset;;) {
    const { offset } = await mustPop(worker, "t");
    if (offset !== last + 1) return offset - last - 1;
    last = offset;
  }
}
