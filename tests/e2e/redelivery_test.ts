/**
 * Clients that lose patience: they drop the connection in the middle of a BLPOP, come back with the same name, and
 * send it again, while messages are produced. Whatever moment the drop hits, every message is read by somebody, and
 * nothing that was not acked is committed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { connectionId, untilListed } from "../support/client_list.ts";
import { holdUpEventLoop, type TestGateway, uniqueName } from "../support/gateway.ts";
import { ack, counter, mustPop, testOnEachKafka } from "../support/kafka.ts";
import { chooseSeed, encodeRequest, SEED_VARIABLE, SeededRandom } from "../support/wire.ts";

const GROUPS = 10;
const ROUNDS = 10;
/** The longest that a client waits before it drops: long enough for the embedded Kafka to form a group. */
const MAX_WAIT_MS = 800;

const seed = chooseSeed();

testOnEachKafka(
  `Clients that drop BLPOP at any moment lose no message, ${SEED_VARIABLE}=${seed}`,
  async (startGateway) => {
    await using gateway = await startGateway({ server: { producerPool: 0 } });
    const before = { ...gateway.library.handles.open };
    const groups = Array.from({ length: GROUPS }, (_, n) => new Group(gateway, seed + n));
    await Promise.all(groups.map((group) => group.run()));
    await gateway.untilSessions(0);
    assert.deepEqual(gateway.library.handles.open, before);

    using client = await gateway.connect();
    const reads = groups.reduce((sum, { reads }) => sum + reads, 0);
    const consumed = await counter(client, "consumer.consumed.messages");
    assert.ok(consumed >= reads, `${consumed} messages counted, ${reads} read`);
    const acked = await counter(client, "consumer.acked.messages");
    assert.equal(acked, groups.reduce((sum, { acks }) => sum + acks, 0));
  },
);

/** A group with one worker at a time, and a topic of its own whose messages are all in one partition. */
class Group {
  /** Messages that the workers have read. */
  reads = 0;
  /** Messages that the workers have acked. */
  acks = 0;
  readonly #gateway: TestGateway;
  readonly #random: SeededRandom;
  readonly #name = uniqueName("group");
  readonly #topic = uniqueName("redelivery");
  #produced = 0;
  readonly #read = new Set<number>();
  #done = 0;

  constructor(gateway: TestGateway, seed: number) {
    this.#gateway = gateway;
    this.#random = new SeededRandom(seed);
  }

  async run(): Promise<void> {
    using producer = await this.#gateway.connect();
    using clock = await this.#gateway.connectAs(`${uniqueName("clock")}:a`);
    for (let round = 0; round < ROUNDS; round++) {
      using worker = await this.#gateway.connectAs(`${this.#name}:worker`);
      if (round % 3 !== 1) await this.#work(worker, producer);
      await this.#dropDuringBlpop(worker, producer, clock);
    }
    await this.#readWhatIsLeft(producer); // the same: two connections have no order between them
  }

  /** Reads all that there is; acks some of it, perhaps all, perhaps nothing. */
  async #work(worker: TestClient, producer: TestClient): Promise<void> {
    await this.#produce(producer);
    const first = this.#done;
    const ackUntil = first + this.#random.below(this.#produced - first + 1);
    for (let offset = first; offset < this.#produced; offset++) {
      const message = await mustPop(worker, this.#topic);
      assert.equal(message.offset, offset, "the first that is not acked, then one after the other");
      assert.equal(message.value, `value-${offset}`);
      this.#read.add(offset);
      this.reads++;
      if (offset >= ackUntil) continue;
      assert.equal(await ack(worker, message), ":1\r\n");
      this.acks++;
      this.#done = offset + 1;
    }
  }

  /** Does not read what comes; with a reply that is unread, the drop is a reset. */
  async #dropDuringBlpop(
    worker: TestClient,
    producer: TestClient,
    clock: TestClient,
  ): Promise<void> {
    const id = await connectionId(worker);
    const unread = this.#random.below(2) === 0 ? encodeRequest(["PING"]) : "";
    await worker.write(unread + encodeRequest(["BLPOP", `topics:${this.#topic}`, "0"]));
    const moment = this.#random.below(4);
    if (moment > 0) await untilListed(producer, { id, cmd: "blpop" });
    if (moment === 1) {
      await clock.pop("topics:clock", (1 + this.#random.below(MAX_WAIT_MS)) / 1_000);
    }
    if (moment === 2) await this.#produce(producer);
    for (let turn = this.#random.below(8); turn > 0; turn--) await producer.ask("PING");
    worker[Symbol.dispose]();
    if (moment === 2) holdUpEventLoop(this.#random.below(10)); // the message comes with the drop
    if (moment === 3) await this.#produce(producer);
  }

  async #readWhatIsLeft(producer: TestClient): Promise<void> {
    using last = await this.#gateway.connectAs(`${this.#name}:last`);
    await this.#work(last, producer);
    assert.equal(this.#read.size, this.#produced, "each message was read by somebody");
  }

  async #produce(producer: TestClient): Promise<void> {
    const value = `value-${this.#produced++}`;
    assert.equal(await producer.ask("RPUSHX", `topics:${this.#topic}:key`, value), ":1\r\n");
  }
}
