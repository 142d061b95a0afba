/**
 * Wake-ups: one socket for all queues of a process, which nobody else can take the place of.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Library } from "../../../src/ffi/library.ts";
import { libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import { KafkaClient, type KafkaEnvironment } from "../../../src/kafka/client/kafka_client.ts";
import { RD_KAFKA_PRODUCER } from "../../../src/ffi/constants.ts";
import { QueueEvents, type QueueEventsOptions } from "../../../src/kafka/client/queue_events.ts";
import { until } from "../../support/gateway.ts";
import {
  DEADLINE_MS,
  RecordingObserver,
  TestKafka,
  toBytes,
} from "../../support/kafka_environment.ts";

const AF_INET = 2;
const SOCK_STREAM = 1;
const MSG_DONTWAIT = Deno.build.os === "linux" ? 0x40 : 0x80;

Deno.test("one socket wakes any number of clients, each for its own queue", async () => {
  await using kafka = await TestKafka.start();
  const topic = kafka.newTopic();
  const producers = Array.from({ length: 30 }, () => kafka.newProducer());
  for (let round = 0; round < 3; round++) {
    for (const producer of producers) producer.produce(topic, toBytes("x"), null);
    const left = await Promise.all(producers.map((producer) => producer.flush(DEADLINE_MS)));
    assert.deepEqual(left, producers.map(() => 0));
  }
  assert.equal(kafka.environment.library.handles.open["wake-up channel"], 1);
});

testOfEachChannel(
  "a queue wakes whoever registered it, and nobody after that was undone",
  async (how) => {
    const library = openLibrary(libraryCandidates(undefined));
    const queueEvents = await QueueEvents.open(library, how);
    const client = newFailingClient({ library, queueEvents, observer: new RecordingObserver() });
    const queue = library.symbols.rd_kafka_queue_get_main(client.pointer);
    let calls = 0;
    const registration = queueEvents.register(queue, () => calls++);
    await until(() => calls > 0, "a wake-up");
    registration.unregister();
    drain(library, queue);
    const callsBefore = calls;
    await until(() => drain(library, queue), "an event that wakes nobody");
    assert.equal(calls, callsBefore);
    library.symbols.rd_kafka_queue_destroy(queue);
    await client.close();
    await queueEvents.close();
    assert.deepEqual(library.handles.open, {});
  },
);

Deno.test("whoever connects to the port before librdkafka's end is turned away", async () => {
  const library = openLibrary(libraryCandidates(undefined));
  const strangers: number[] = [];
  const queueEvents = await QueueEvents.open(
    withBeforeConnect(library, (address) => {
      const fd = library.symbols.socket(AF_INET, SOCK_STREAM, 0);
      assert.equal(library.symbols.connect(fd, address, address.byteLength), 0);
      strangers.push(fd);
    }),
    { loopback: true },
  );
  const client = newFailingClient({ library, queueEvents, observer: new RecordingObserver() });
  const queue = library.symbols.rd_kafka_queue_get_main(client.pointer);
  let woken = false;
  const registration = queueEvents.register(queue, () => woken = true);
  await until(() => woken, "a wake-up, as if there were no stranger");
  const libc = Deno.dlopen(library.path, {
    recv: { parameters: ["i32", "buffer", "usize", "i32"], result: "isize" },
  });
  const [stranger] = strangers;
  const receives = (): bigint => libc.symbols.recv(stranger!, new Uint8Array(1), 1n, MSG_DONTWAIT);
  await until(() => receives() === 0n, "the end of the stranger's connection");
  libc.close();
  library.symbols.close(stranger!);
  registration.unregister();
  library.symbols.rd_kafka_queue_destroy(queue);
  await client.close();
  await queueEvents.close();
});

Deno.test("when no socket can be had the error says so, and nothing is left open", async () => {
  const library = openLibrary(libraryCandidates(undefined));
  const full: Library = { ...library, symbols: { ...library.symbols, socket: () => -1 } };
  await assert.rejects(
    QueueEvents.open(full, { loopback: true }),
    /Cannot make the wake-up socket: too many open files/,
  );
  assert.deepEqual(library.handles.open, {});
});

Deno.test("without a loopback interface the error says so, and nothing is left open", async () => {
  const library = openLibrary(libraryCandidates(undefined));
  const down: Library = { ...library, symbols: { ...library.symbols, connect: () => -1 } };
  await assert.rejects(QueueEvents.open(down, { loopback: true }), /is the loopback interface up/);
  assert.deepEqual(library.handles.open, {});
});

testOfEachChannel("closing it twice is closing it once", async (how) => {
  const library = openLibrary(libraryCandidates(undefined));
  const queueEvents = await QueueEvents.open(library, how);
  await Promise.all([queueEvents.close(), queueEvents.close()]);
  await queueEvents.close();
  assert.deepEqual(library.handles.open, {});
});

/** The same test with a pipe and with a TCP connection. */
function testOfEachChannel(title: string, run: (how: QueueEventsOptions) => Promise<void>): void {
  for (const loopback of [false, true]) {
    Deno.test(`${title} (${loopback ? "loopback" : "pipe"})`, () => run({ loopback }));
  }
}

/** A client whose main queue gets an event now and then: nobody listens where it connects to. */
function newFailingClient(environment: KafkaEnvironment): KafkaClient {
  const client = new KafkaClient(environment, {
    type: RD_KAFKA_PRODUCER,
    settings: { "bootstrap.servers": "127.0.0.1:1", "reconnect.backoff.max.ms": 100 },
    name: { clientId: "nowhere" },
    events: 0,
    onEvent: () => {},
  });
  return client;
}

/** Whether there was anything in the queue. */
function drain(library: Library, queue: Deno.PointerValue): boolean {
  let found = false;
  for (;;) {
    const event = library.symbols.rd_kafka_queue_poll(queue, 0);
    if (event === null) return found;
    library.symbols.rd_kafka_event_destroy(event);
    found = true;
  }
}

/** The library, with something that happens just before a connect. */
function withBeforeConnect(
  library: Library,
  before: (address: Uint8Array<ArrayBuffer>) => void,
): Library {
  const { symbols } = library;
  const connect: typeof symbols.connect = (fd, address, byteLength) => {
    before(address as Uint8Array<ArrayBuffer>);
    return symbols.connect(fd, address, byteLength);
  };
  return { ...library, symbols: { ...symbols, connect } };
}
