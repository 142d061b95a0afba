/**
 * Rafka's own build of librdkafka packs messages and delivery reports, and writes replies; with any other one they are
 * read part by part. Either way gives the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { messageReply } from "../../../src/commands/list/message_reply.ts";
import { type Library, libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import { OWN_SYMBOLS } from "../../../src/ffi/own_symbols.ts";
import type { MessageHeader } from "../../../src/kafka/client/message.ts";
import { TakenMessages } from "../../../src/kafka/client/taken_messages.ts";
import type { Consumer } from "../../../src/kafka/consumer/consumer.ts";
import type { DeliveredMessage } from "../../../src/kafka/producer/report_requests.ts";
import { encodeReply } from "../../../src/resp/reply_writer.ts";
import { until } from "../../support/gateway.ts";
import { DEADLINE_MS, receive, TestKafka, toBytes } from "../../support/kafka_environment.ts";

type Bytes = Uint8Array<ArrayBuffer>;

interface Sent {
  readonly value: Bytes | null;
  readonly key: Bytes | null;
  readonly headers: readonly MessageHeader[];
}

const EMPTY = new Uint8Array(0);
const LARGE = new Uint8Array(300_000).fill(7);
const SENT_MS = 1_700_000_000_000;

const SENT: readonly Sent[] = [
  { value: toBytes("value"), key: toBytes("key"), headers: [] },
  { value: null, key: toBytes("tombstone"), headers: [[toBytes("h"), null]] },
  { value: EMPTY, key: EMPTY, headers: [[EMPTY, EMPTY], [toBytes("naïve"), LARGE]] },
  { value: LARGE, key: null, headers: [] }, // larger than what is packed at a time
  ...Array.from({ length: 3_000 }, (_, n): Sent => ({
    value: new Uint8Array(n % 200).fill(n),
    key: n % 3 === 0 ? null : toBytes(`key ${n}`),
    headers: n % 5 === 0 ? [[toBytes("n"), toBytes(`${n}`)], [toBytes("n"), null]] : [],
  })),
];

/** The library as every librdkafka is. */
function withoutOwnSymbols(library: Library): Library {
  const none = Object.keys(OWN_SYMBOLS).map((name) => [name, null]);
  return { ...library, symbols: { ...library.symbols, ...Object.fromEntries(none) } };
}

const own = openLibrary(libraryCandidates(undefined));

for (const [name, library] of [["own build", own], ["any", withoutOwnSymbols(own)]] as const) {
  Deno.test(`delivery reports and messages are read as they are (${name})`, async () => {
    await using kafka = await TestKafka.start(1, library);
    const topic = kafka.newTopic();
    const producer = kafka.newProducers({ shared: true, idleMs: 0, maxIdle: 0 }, {
      "linger.ms": 50,
    }).lease(undefined, { id: "somebody" });
    const deliveries: DeliveredMessage[] = [];
    for (const [n, { value, key, headers }] of SENT.entries()) {
      const listener = {
        delivered: (message: DeliveredMessage) => void deliveries.push(message),
        failed: (error: Error) => assert.fail(error.message),
      };
      const timestampMs = SENT_MS + n;
      assert.ok(producer.produce(topic, value, key, { headers, timestampMs, listener }));
    }
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    assert.deepEqual(
      deliveries,
      SENT.map((_, offset) => ({
        partition: 0,
        offset,
        timestampMs: SENT_MS + offset,
        timestampType: "CreateTime",
      })),
    );

    const whole = kafka.newConsumer({ topics: [topic], withMetadata: true });
    assert.deepEqual(
      await receive(whole, SENT.length),
      SENT.map(({ value, key, headers }, n) => ({
        topic,
        partition: 0,
        offset: BigInt(n),
        value,
        metadata: { key, headers, timestampMs: SENT_MS + n, timestampType: "CreateTime" },
      })),
    );
    const bare = kafka.newConsumer({ topics: [topic] });
    assert.deepEqual(
      await receive(bare, SENT.length),
      SENT.map(({ value }, n) => ({ topic, partition: 0, offset: BigInt(n), value })),
    );
  });
}

for (const [name, library] of [["own build", own], ["any", withoutOwnSymbols(own)]] as const) {
  Deno.test(`messages of several partitions are replied with as they are, up to a number of bytes (${name})`, async () => {
    await using kafka = await TestKafka.start(1, library);
    const topic = kafka.newTopic(3);
    const producer = kafka.newProducers({ shared: true, idleMs: 0, maxIdle: 0 }).lease(undefined, {
      id: "somebody",
    });
    for (const { value, key } of SENT) assert.ok(producer.produce(topic, value, key));
    assert.equal(await producer.flush(DEADLINE_MS), 0);
    const messages = await receive(kafka.newConsumer({ topics: [topic] }), SENT.length);

    const consumer = kafka.newConsumer({ topics: [topic] });
    const { parts, ranges } = await takeAll(consumer, SENT.length);
    const replies = [...parts].map((part) =>
      part instanceof Uint8Array ? part : encodeReply(messageReply(new Map(), part), 2)
    );
    for (const partition of new Set(messages.map(({ partition }) => partition))) {
      const ofIt = messages.filter((message) => message.partition === partition);
      const wanted = ofIt.map((message) => encodeReply(messageReply(new Map(), message), 2));
      assert.ok(holdsInOrder(Buffer.concat(replies), wanted), `replies of partition ${partition}`);
      const offsets = ranges.filter((range) => range.partition === partition)
        .flatMap(({ first, last, count }) => {
          assert.equal(last - first + 1n, BigInt(count));
          return Array.from({ length: count }, (_, n) => first + BigInt(n));
        });
      assert.deepEqual(offsets, ofIt.map(({ offset }) => offset));
    }
    const byteLength = replies.reduce((sum, reply) => sum + reply.byteLength, 0);
    const all = messages.map((message) => encodeReply(messageReply(new Map(), message), 2));
    assert.equal(byteLength, all.reduce((sum, reply) => sum + reply.byteLength, 0));
    const last = messages.at(-1)!;
    consumer.ack(topic, last.partition, last.offset);
  });
}

/** As many messages as there are, in batches whose last message alone may be far beyond a limit. */
async function takeAll(consumer: Consumer, count: number): Promise<TakenMessages> {
  const all = new TakenMessages();
  await until(() => {
    const taken = consumer.pollReplies(1_000, 10_000);
    const sizes = taken.parts.map((part) =>
      part instanceof Uint8Array ? part.byteLength : part.value?.byteLength ?? 0
    );
    const last = taken.parts.at(-1) instanceof Uint8Array ? 400 : sizes.at(-1) ?? 0;
    const limited = sizes.reduce((sum, bytes) => sum + bytes, 0) - last;
    assert.ok(limited <= 15_000, `${limited} bytes before the last message`);
    all.parts.push(...taken.parts);
    for (const range of taken.ranges) all.addRange(range);
    return all.count === count;
  }, "all messages");
  return all;
}

/** Whether bytes hold all of these, one somewhere behind the other. */
function holdsInOrder(bytes: Buffer, parts: readonly Uint8Array[]): boolean {
  let at = 0;
  return parts.every((part) => {
    const found = bytes.indexOf(part, at);
    at = found + part.byteLength;
    return found >= 0;
  });
}
