/**
 * A group that reads what open transactions have written, and what is behind it: isolation.level is read_uncommitted.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { toBytes } from "../support/kafka_environment.ts";
import { hasKcat, kafkaBrokers } from "../support/machine.ts";
import { numbers, TestGroup, untilAcked, valuesOf } from "./group_support.ts";

/** Nothing more comes. */
const END_MS = 1_000;

Deno.test({
  name: "acks behind an open transaction outlive the gateway, and count in the lag (real Kafka)",
  ignore: kafkaBrokers === undefined || !hasKcat,
  async fn(): Promise<void> {
    const config = onBrokers(kafkaBrokers!, {
      consumer: { "isolation.level": "read_uncommitted" },
    });
    const topic = uniqueName("topic");
    const name = uniqueName("group");
    const first = await TestGateway.start({ config });
    await using _first = first;
    const { admin } = first.rafka.server.state.principals.own.cluster;
    await admin.createTopic(topic, { partitions: 1 });
    await using transaction = await OpenTransaction.begin(topic, "0");
    const test = new TestGroup(first, name, topic);
    const end = async (): Promise<bigint | undefined> =>
      (await admin.listOffsets(topic, 1, "latest", { isolationLevel: "read_uncommitted" }))[0];
    await until(async () => await end() === 1n, "the message of the transaction");
    await test.create();
    await test.fill(9, 1);
    const entries = await test.take(10);
    assert.deepEqual(valuesOf(entries), numbers(10));
    const group = await test.open();
    assert.equal(group.ack(entries.slice(1).map(({ id }) => id)), 9);
    assert.equal((await group.info()).lag, 1);
    await untilAcked(test, 9);
    await first[Symbol.asyncDispose]();

    await using second = await TestGateway.start({ config });
    const again = test.at(second);
    assert.deepEqual(valuesOf(await again.take(1)), [0]);
    assert.deepEqual(valuesOf(await again.take(1, "c", END_MS)), []);
    await transaction.end();
  },
});

/** A transaction of kcat, which ends with its input. */
class OpenTransaction implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #input: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;

  private constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.#input = process.stdin.getWriter();
  }

  /** One message, whose transaction stays open. */
  static async begin(topic: string, value: string): Promise<OpenTransaction> {
    const process = new Deno.Command("kcat", {
      args: ["-P", "-b", kafkaBrokers!, "-t", topic, "-X", `transactional.id=${topic}`],
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    const transaction = new OpenTransaction(process);
    await transaction.#input.write(toBytes(`${value}\n`));
    return transaction;
  }

  /** Commits. */
  async end(): Promise<void> {
    await this.#input.close();
    await this.#process.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // it has ended
    }
    await this.#process.status;
  }
}
