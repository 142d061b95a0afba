/**
 * Workers that hang up while their group rebalances: it must not wait for them, and nothing that they have acked may be
 * handed out again. A busy worker, which answers no rebalance while it works, holds the group up for the others.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { ack, mustPop, produceAll, type StartGateway, testOnRealKafka } from "../support/kafka.ts";
import { readPopped } from "../support/client.ts";
import { type TestGateway, uniqueName } from "../support/gateway.ts";

/** A member that is not seen to leave holds up its group for so long. */
const SESSION_TIMEOUT_MS = 45_000;
/** How long the group may take instead. */
const SOON_MS = SESSION_TIMEOUT_MS / 3;
/** They spread over all partitions of a topic. */
const KEYS = Array.from({ length: 40 }, (_, i) => `key${i}`);

testOnRealKafka("The next worker of a group does not wait for short-lived ones", async (start) => {
  await using log = await CapturedLog.start();
  await using one = await startGateway(start);
  await using other = await startGateway(start);
  const { topic, group } = await newJobs(one);
  {
    using busy = await one.connectAs(`${group}:busy`);
    await mustPop(busy, topic);
    await Promise.all(
      KEYS.slice(0, 8).map(async (name, n) => {
        using worker = await [one, other][n % 2]!.connectAs(`${group}:${name}`);
        await worker.pop(`topics:${topic}`, 0.1 + n / 10);
      }),
    );
    await log.has("left its group", 8); // not only when the busy one is done
  }
  const startMs = performance.now();
  using next = await other.connectAs(`${group}:next`);
  assert.ok(await next.pop(`topics:${topic}`, 2 * SESSION_TIMEOUT_MS / 1_000));
  const waitedMs = performance.now() - startMs;
  assert.ok(waitedMs < SOON_MS, `waited ${Math.round(waitedMs)} ms`);
  assert.equal(log.count("could not leave its group"), 0, log.lines.join("\n"));
});

testOnRealKafka(
  "Workers that hang up as soon as they have joined are not waited for",
  async (start) => {
    await using log = await CapturedLog.start();
    await using gateway = await startGateway(start);
    const { topic, group } = await newJobs(gateway);
    const startMs = performance.now();
    for (const [n, key] of KEYS.entries()) {
      using worker = await gateway.connectAs(`${group}:${key}`);
      await worker.pop(`topics:${topic}`, n / 1_000);
    }
    using next = await gateway.connectAs(`${group}:next`);
    assert.ok(await next.pop(`topics:${topic}`, 2 * SESSION_TIMEOUT_MS / 1_000));
    const waitedMs = performance.now() - startMs;
    assert.ok(waitedMs < SOON_MS, `waited ${Math.round(waitedMs)} ms\n${log.lines.join("\n")}`);
  },
);

testOnRealKafka(
  "What a worker has acked is committed when it hangs up, while the group waits for another one",
  async (start) => {
    await using log = await CapturedLog.start();
    await using gateway = await startGateway(start, { "auto.commit.interval.ms": 3_600_000 });
    const { topic, group } = await newJobs(gateway);
    const acked = new Set<string>();
    {
      using busy = await gateway.connectAs(`${group}:busy`);
      await mustPop(busy, topic);
      using worker = await gateway.connectAs(`${group}:worker`);
      await worker.send("BLPOP", `topics:${topic}`, 0);
      await log.has(`Consumer ${group}:worker is assigned`);
      while (log.count(`${group}:busy gives up`) === 0) await busy.pop(`topics:${topic}`, 1);
      const jobs = [readPopped(await worker.reply())!];
      for (let job = jobs[0]; job; job = await worker.pop(`topics:${topic}`, 1)) jobs.push(job);
      using third = await gateway.connectAs(`${group}:third`);
      await third.send("BLPOP", `topics:${topic}`, 0);
      await worker.pop(`topics:${topic}`, 2); // it hears of the third one, and joins again
      for (const job of jobs) if (await ack(worker, job) === ":1\r\n") acked.add(job.value!);
      assert.ok(acked.size > 0, "it still has its partitions");
      worker[Symbol.dispose]();
      await log.has(`Consumer ${group}:worker left its group`); // the busy one is still busy
    }
    using next = await gateway.connectAs(`${group}:next`);
    const rest: string[] = [];
    while (rest.length < KEYS.length - acked.size) rest.push((await mustPop(next, topic)).value!);
    assert.deepEqual(rest.filter((job) => acked.has(job)), [], "handed out again");
  },
);

async function startGateway(
  start: StartGateway,
  consumer: Record<string, string | number> = {},
): Promise<TestGateway> {
  return await start({
    consumer: {
      "session.timeout.ms": SESSION_TIMEOUT_MS,
      "heartbeat.interval.ms": 100,
      ...consumer,
    },
  });
}

/** A topic with a message in each partition, and a group for it. */
async function newJobs(gateway: TestGateway): Promise<{ topic: string; group: string }> {
  const topic = uniqueName("jobs");
  using producer = await gateway.connect();
  await produceAll(producer, KEYS.map((key) => [`${topic}:${key}`, key] as const));
  return { topic, group: uniqueName("group") };
}
