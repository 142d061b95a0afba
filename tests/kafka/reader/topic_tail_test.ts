/**
 * The readers of the ends of topics: new partitions, errors, and their own end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Cluster } from "../../../src/kafka/cluster.ts";
import type { Message } from "../../../src/kafka/client/message.ts";
import { TAIL_READS, TAIL_WINDOW } from "../../../src/kafka/reader/reader_settings.ts";
import type { TopicTail } from "../../../src/kafka/reader/topic_tail.ts";
import { TopicTails } from "../../../src/kafka/reader/topic_tails.ts";
import { until } from "../../support/gateway.ts";
import { DEADLINE_MS, TestKafka, textOf, toBytes } from "../../support/kafka_environment.ts";

/** Its number in the Kafka protocol. */
const FETCH = 1;
const TOPIC_AUTHORIZATION_FAILED = 29;
const ALL = { maxCount: Infinity, maxBytes: Infinity };

interface Tailing {
  readonly kafka: TestKafka;
  readonly tails: TopicTails;
  /** What `countPartitions` says. */
  partitions: number;
}

async function withTails(
  options: { readonly maxTails?: number; readonly idleMs?: number; readonly lookMs?: number },
  run: (tailing: Tailing) => Promise<void>,
): Promise<void> {
  await using kafka = await TestKafka.start();
  const { settings } = kafka;
  const cluster = new Cluster(kafka.environment, { producer: settings, consumer: settings });
  const tailing: Tailing = {
    kafka,
    partitions: 1,
    tails: new TopicTails({
      maxTails: options.maxTails ?? 10,
      idleMs: options.idleMs ?? 60_000,
      tail: {
        newReader: (sink) => cluster.newReader(TAIL_READS, sink),
        countPartitions: () => Promise.resolve(tailing.partitions),
        lookMs: options.lookMs ?? 60_000,
        window: TAIL_WINDOW,
        inOrder: (messages: readonly Message[]) => messages,
      },
    }),
  };
  try {
    await run(tailing);
  } finally {
    await tailing.tails.close();
    await cluster.close();
  }
}

/** Waits for messages behind these positions. */
async function receive(
  { tails }: Tailing,
  tail: TopicTail,
  positions: readonly bigint[],
): Promise<Message[]> {
  const signal = AbortSignal.timeout(DEADLINE_MS);
  for (;;) {
    const messages = tail.window.after(positions, ALL);
    if (messages.length > 0) return messages;
    signal.throwIfAborted();
    await tails.wait(tail, DEADLINE_MS, signal);
    if (tail.failure) throw tail.failure;
  }
}

Deno.test("a topic has one tail, which begins where it is told to", () =>
  withTails({}, async (tailing) => {
    const { kafka, tails } = tailing;
    const topic = kafka.newTopic();
    await kafka.fill(topic, ["0", "1", "2"]);
    const tail = tails.open(topic, [1n]);
    assert.equal(tails.open(topic, [3n]), tail);
    assert.deepEqual((await receive(tailing, tail, [1n])).map(textOf), ["1", "2"]);
    await kafka.fill(topic, ["3"]);
    assert.deepEqual((await receive(tailing, tail, [3n])).map(textOf), ["3"]);
  }));

Deno.test("a new partition is found, and read from its beginning", () =>
  withTails({ lookMs: 20 }, async (tailing) => {
    const { kafka, tails } = tailing;
    const topic = kafka.newTopic(2);
    const producer = kafka.newProducer();
    for (let n = 0; n < 20; n++) producer.produce(topic, toBytes("value"), toBytes(`${n}`));
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const tail = tails.open(topic, [1_000n]); // as if there was only the first
    tailing.partitions = 2;
    const [message] = await receive(tailing, tail, [1_000n]);
    assert.deepEqual([message!.partition, message!.offset], [1, 0n]);
  }));

Deno.test("a refused topic fails who waits for it, and the next one begins anew", () =>
  withTails({}, async (tailing) => {
    const { kafka, tails } = tailing;
    const topic = kafka.newTopic();
    await kafka.fill(topic, ["0"]);
    kafka.mock.failRequests(FETCH, [TOPIC_AUTHORIZATION_FAILED]);
    const tail = tails.open(topic, [0n]);
    await assert.rejects(receive(tailing, tail, [0n]), {
      codeName: "TOPIC_AUTHORIZATION_FAILED",
      message: new RegExp(`^${topic}\\[0\\]: `),
    });
    assert.equal(tails.find(topic), undefined);
    const next = tails.open(topic, [0n]);
    assert.notEqual(next, tail);
    assert.deepEqual((await receive(tailing, next, [0n])).map(textOf), ["0"]);
  }));

Deno.test("a tail that nobody waits for ends; one that is waited for does not", () =>
  withTails({ idleMs: 100 }, async ({ kafka, tails }) => {
    const [idle, used] = [kafka.newTopic(), kafka.newTopic()];
    tails.open(idle, [0n]);
    const waiting = new AbortController();
    const wait = tails.wait(tails.open(used, [0n]), DEADLINE_MS, waiting.signal);
    await until(() => tails.count === 1, "the end of the idle one");
    assert.ok(tails.find(used));
    waiting.abort();
    await wait;
    await until(() => tails.count === 0, "the end of the other");
    await until(() => kafka.environment.library.handles.clients.reader === 0, "the last reader");
  }));

Deno.test("one too many takes the place of an idle one, else it is refused", () =>
  withTails({ maxTails: 2 }, async ({ kafka, tails }) => {
    const [first, second, third] = [kafka.newTopic(), kafka.newTopic(), kafka.newTopic()];
    const waiting = new AbortController();
    const waits = [tails.wait(tails.open(first, [0n]), DEADLINE_MS, waiting.signal)];
    tails.open(second, [0n]);
    const tail = tails.open(third, [0n]);
    assert.equal(tails.find(second), undefined);
    waits.push(tails.wait(tail, DEADLINE_MS, waiting.signal));
    assert.throws(() => tails.open(second, [0n]), /server\.streams\.maxReaders/);
    waiting.abort();
    await Promise.all(waits);
  }));
