/**
 * Topics and partitions that are made while a worker waits: found within seconds, and with `latest`, too, nothing that
 * was produced meanwhile is missing.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPopped, type TestClient } from "../support/client.ts";
import { type TestGateway, uniqueName } from "../support/gateway.ts";
import { mustPop, produceAll, testOnRealKafka } from "../support/kafka.ts";
import { CapturedLog } from "../support/captured_log.ts";

/** How soon a topic is found: it is looked for every 5 s, and then the group has to agree on its partitions. */
const SOON_MS = 12_000;
/** They spread over all partitions of a topic. */
const VALUES = Array.from({ length: 20 }, (_, i) => `value ${i}`);

for (const reset of ["earliest", "latest"]) {
  testOnRealKafka(
    `What is produced to a topic that is made later is handed out within seconds (${reset})`,
    async (start) => {
      await using log = await CapturedLog.start();
      await using gateway = await start();
      const [known, later] = [uniqueName("known"), uniqueName("later")];
      const topics = `topics:${known},${later}:{"auto.offset.reset":"${reset}"}`;
      await findsAll(gateway, log, { known, later, topics, reset });
    },
  );

  testOnRealKafka(
    `So is what is produced to one that a regular expression matches (${reset})`,
    async (start) => {
      await using log = await CapturedLog.start();
      await using gateway = await start();
      const prefix = uniqueName("pattern");
      const topics = `topics:^${prefix}:{"auto.offset.reset":"${reset}"}`;
      const [known, later] = [`${prefix}-known`, `${prefix}-later`];
      await findsAll(gateway, log, { known, later, topics, reset });
    },
  );
}

testOnRealKafka("A topic that was there before is read from its end with latest", async (start) => {
  await using log = await CapturedLog.start();
  await using gateway = await start();
  const prefix = uniqueName("old");
  using producer = await gateway.connect();
  await produceAll(producer, [[`${prefix}-a`, "old"]]);
  const group = uniqueName("group");
  using worker = await gateway.connectAs(`${group}:worker`);
  await worker.send("BLPOP", `topics:^${prefix}:{"auto.offset.reset":"latest"}`, 0);
  await log.has(`Consumer ${group}:worker is assigned ${prefix}-a[`);
  await untilFetching(worker, producer, `${prefix}-a`);
});

/** A worker that waits for both gets all of what is produced to the later one. */
async function findsAll(
  gateway: TestGateway,
  log: CapturedLog,
  { known, later, topics, reset }: Record<"known" | "later" | "topics" | "reset", string>,
): Promise<void> {
  const group = uniqueName("group");
  using producer = await gateway.connect();
  await produceAll(producer, [[known, "old"]]);
  using worker = await gateway.connectAs(`${group}:worker`);
  const assigned = `Consumer ${group}:worker is assigned ${known}[`;
  if (reset === "earliest") {
    assert.equal((await mustPop(worker, topics.slice("topics:".length))).value, "old");
  } else {
    while (log.count(assigned) === 0) assert.equal(await worker.pop(topics, 1), undefined);
  }
  await log.has(assigned);
  const startMs = performance.now();
  await produceAll(producer, VALUES.map((value) => [`${later}:${value}`, value] as const));
  const got: string[] = [];
  for (const _ of VALUES) got.push((await mustPop(worker, topics.slice("topics:".length))).value!);
  const tookMs = performance.now() - startMs;
  assert.deepEqual(got.sort(), [...VALUES].sort());
  assert.ok(tookMs < SOON_MS, `took ${Math.round(tookMs)} ms`);
}

/** Produces until the worker that waits gets something, which must be new. */
async function untilFetching(
  worker: TestClient,
  producer: TestClient,
  topic: string,
): Promise<void> {
  const reply = worker.reply(60_000);
  let answered = false;
  void reply.then(() => answered = true);
  while (!answered) await produceAll(producer, [[topic, "new"]]);
  assert.equal(readPopped(await reply)?.value, "new");
}
