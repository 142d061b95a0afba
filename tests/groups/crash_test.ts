/**
 * A gateway that is killed, and what the next one delivers: exactly what was not acked, when acks were committed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { onBrokers, TestCluster, type TestConfig } from "../support/kafka.ts";
import { kafkaBrokers } from "../support/machine.ts";
import type { Work, WorkDone } from "./crashing_worker.ts";
import { TestGroup, untilAcked, valuesOf } from "./group_support.ts";
import { signalProcess } from "../support/signal_process.ts";

const COUNT = 20_000;
/** When so long nothing comes, that was all. */
const END_MS = 3_000;
/** The shortest that a broker allows. */
const REAL_CONSUMER = { "session.timeout.ms": 6_000 };

Deno.test("of 20,000 entries acked in random order, a crash brings back those that were not acked (mock cluster)", async () => {
  await using cluster = await TestCluster.start();
  const topic = uniqueName("topic");
  cluster.mock.createTopic(topic);
  await crash(cluster.config(), topic);
});

Deno.test({
  name:
    "of 20,000 entries acked in random order, a crash brings back those that were not acked (real Kafka)",
  ignore: kafkaBrokers === undefined,
  fn: () => crash(onBrokers(kafkaBrokers!, { consumer: REAL_CONSUMER }), uniqueName("topic")),
});

async function crash(config: TestConfig, topic: string): Promise<void> {
  await using gateway = await TestGateway.start({ config });
  const test = new TestGroup(gateway, undefined, topic);
  await test.create();
  await test.fill(COUNT);
  const { acked, kept } = await killedWorker(test, {
    config,
    group: test.name,
    topic,
    count: COUNT,
    keptOfHundred: 3,
    seed: 17,
  });
  assert.equal(acked.length + kept.length, COUNT);
  const again = valuesOf(await test.take(kept.length));
  assert.deepEqual(again, kept, "0 missing, 0 again");
  assert.deepEqual(valuesOf(await test.take(1, "c", END_MS)), []);
}

/** What a worker has done before it was killed: its acks are committed by then. */
async function killedWorker(test: TestGroup, work: Work): Promise<WorkDone> {
  const script = new URL("crashing_worker.ts", import.meta.url).pathname;
  const worker = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--allow-all", "--no-check", script, JSON.stringify(work)],
    stdout: "piped",
  }).spawn();
  let printed = "";
  for await (const text of worker.stdout.pipeThrough(new TextDecoderStream())) {
    printed += text;
    if (printed.endsWith("\n")) break;
  }
  const done: WorkDone = JSON.parse(printed);
  await untilAcked(test, done.acked.length);
  signalProcess(worker, "SIGKILL");
  await worker.status;
  return done;
}
