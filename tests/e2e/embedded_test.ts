/**
 * `--dev`: Kafka inside of the program, quick enough to be played with. Times are medians of several tries, printed,
 * and held to three times what is promised, since a test machine may be busy.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { mustPop, produceAll } from "../support/kafka.ts";
import { Program, runProgram } from "../support/program.ts";

const FIRST_MESSAGE_MS = 300;
const LATENCY_MS = 20;
const SLACK = 3;

Deno.test(`A first BLPOP gives its message within ${FIRST_MESSAGE_MS} ms`, async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  await checkMedian("first message", FIRST_MESSAGE_MS, 9, async () => {
    const topic = uniqueName("first");
    await produceAll(producer, [[topic, "value"]]);
    using consumer = await gateway.connectAs(`${topic}:worker`);
    return await timeMs(() => mustPop(consumer, topic));
  });
});

Deno.test("A topic appears when a BLPOP is the first to use it", async () => {
  await using gateway = await TestGateway.start();
  using producer = await gateway.connect();
  await checkMedian("first message of a new topic", FIRST_MESSAGE_MS, 9, async () => {
    const topic = uniqueName("new");
    using consumer = await gateway.connectAs(`${topic}:worker`);
    return await timeMs(async () => {
      await consumer.send("BLPOP", `topics:${topic}`, 30);
      await produceAll(producer, [[topic, "value"]]);
      assert.match(await consumer.reply(), /value/);
    });
  });
});

Deno.test(`A message is handed out within ${LATENCY_MS} ms of its RPUSHX`, async () => {
  await using gateway = await TestGateway.start();
  const topic = uniqueName("latency");
  using producer = await gateway.connect();
  using consumer = await gateway.connectAs(`${topic}:worker`);
  await produceAll(producer, [[topic, "value"]]);
  await mustPop(consumer, topic);
  await checkMedian("latency", LATENCY_MS, 101, () =>
    timeMs(async () => {
      await consumer.send("BLPOP", `topics:${topic}`, 30);
      await producer.ask("RPUSHX", `topics:${topic}`, "value");
      assert.match(await consumer.reply(), /value/);
    }));
});

Deno.test("The start says that Kafka is embedded and that the data is gone at exit", async () => {
  await using program = await Program.start(["--dev"]);
  assert.match(program.log, /Kafka is embedded at 127\.0\.0\.1:\d+: all data is gone at exit/);
  await program.logged(`Try: redis-cli -p ${program.port} rpushx topics:greetings hello`);
});

Deno.test("Embedded Kafka is never chosen silently", async () => {
  const { code, stderr } = await runProgram(["--port", "0"], { RAFKA_CONFIG_JSON: "{}" });
  assert.equal(code, 2);
  assert.match(stderr, /'bootstrap\.servers' is not set: .* --dev for an embedded Kafka/);
});

async function checkMedian(
  what: string,
  promisedMs: number,
  tries: number,
  measureMs: () => Promise<number>,
): Promise<void> {
  const timesMs = [];
  for (let i = 0; i < tries; i++) timesMs.push(await measureMs());
  const medianMs = timesMs.sort((a, b) => a - b)[tries >> 1]!;
  // deno-lint-ignore no-console
  console.log(`${what}: median ${medianMs.toFixed(1)} ms of ${tries}, promised ${promisedMs} ms`);
  assert.ok(medianMs <= promisedMs * SLACK, `${what} took ${medianMs} ms`);
}

async function timeMs(action: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await action();
  return performance.now() - start;
}
