/**
 * Rafka's own build of librdkafka packs messages and delivery reports; with any other one they are read part by part.
 * Either way gives the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Library, libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import { OWN_SYMBOLS } from "../../../src/ffi/own_symbols.ts";
import type { MessageHeader } from "../../../src/kafka/client/message.ts";
import type { DeliveredMessage } from "../../../src/kafka/producer/report_requests.ts";
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
