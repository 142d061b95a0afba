/**
 * A machine with few threads, or few open files: librdkafka ends the process when it can't make a thread, and takes the
 * files that new connections need. Who is too many is told so instead.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "../support/client.ts";
import { ConfigFile } from "../support/config_file.ts";
import { TestCluster } from "../support/kafka.ts";
import { canLimitPids, PidLimit } from "../support/pid_limit.ts";
import { type Launcher, Program, withOpenFiles } from "../support/program.ts";

const PIDS = 200;
/** Sixty consumers would take more. */
const FILES = 400;
/** More than there are threads for. */
const CLIENTS = 60;

for (const brokers of [1, 3]) {
  Deno.test({
    name:
      `With ${PIDS} threads, ${brokers} brokers and ${CLIENTS} BLPOPs the gateway lives, and some are refused`,
    ignore: !canLimitPids(),
    async fn(): Promise<void> {
      await using gateway = await LimitedGateway.start(brokers);
      for (const refusal of await gateway.refusedWorkers()) {
        assert.match(
          refusal,
          /^-CONS Failed to register Consumer 'group-\d+:worker\|t' for Client 'group-\d+:worker': there are \d+ consumers.*pids\.max.* 200.*server\.maxConsumers/,
        );
      }
      using producer = await gateway.program.connect();
      assert.equal(await producer.ask("RPUSHX", "topics:t:key", "value"), ":1\r\n");
      assert.equal(await producer.ask("WAIT", 1, 20_000), ":1\r\n");
      assert.equal(await producer.ask("DBSIZE"), ":1\r\n");
    },
  });

  Deno.test({
    name:
      `With ${PIDS} threads, ${brokers} brokers and ${CLIENTS} producers the gateway lives, and some are refused`,
    ignore: !canLimitPids(),
    async fn(): Promise<void> {
      await using gateway = await LimitedGateway.start(brokers);
      const clients = await gateway.connectAll();
      const replies: string[] = [];
      for (const client of clients) {
        replies.push(await client.ask("RPUSHX", "topics:t:key", "value"));
      }
      const { producers, max_producers } = await gateway.info();
      assert.equal(replies.filter((reply) => reply === ":1\r\n").length, producers);
      assert.equal(producers, max_producers);
      for (const reply of replies.slice(producers!)) {
        assert.match(
          reply,
          /^-PROD there are \d+ producers.*pids\.max.* 200.*server\.maxProducers/,
        );
      }
      for (const client of clients.slice(0, producers)) {
        assert.equal(await client.ask("WAIT", 1, 20_000), ":1\r\n");
      }
      using worker = await gateway.program.connect();
      await worker.ask("CLIENT", "SETNAME", "group:worker");
      assert.equal((await worker.pop("topics:t", 20))?.value, "value");

      for (const client of clients.splice(0)) client[Symbol.dispose]();
      using named = await gateway.program.connect();
      await named.ask("CLIENT", "SETNAME", "another name"); // the idle producers have none
      assert.equal(await named.ask("RPUSHX", "topics:t:key", "value"), ":1\r\n");
      assert.equal(await named.ask("WAIT", 1, 20_000), ":1\r\n");
    },
  });
}

Deno.test({
  name:
    `With ${FILES} open files and ${CLIENTS} BLPOPs the gateway takes new clients, and some are refused`,
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    await using gateway = await LimitedGateway.start(1, withOpenFiles(FILES));
    for (const refusal of await gateway.refusedWorkers()) {
      assert.match(
        refusal,
        /^-CONS Failed to register Consumer .* `ulimit -n` \(open files\) is 400 /,
      );
    }
    using producer = await gateway.program.connect();
    assert.equal(await producer.ask("RPUSHX", "topics:t:key", "value"), ":1\r\n");
    assert.equal(await producer.ask("WAIT", 1, 20_000), ":1\r\n");
    assert.doesNotMatch(gateway.program.log, /Too many open files/);
  },
});

/** A gateway that may have few threads or files. */
class LimitedGateway implements AsyncDisposable {
  readonly program: Program;
  readonly #stack: AsyncDisposableStack;

  private constructor(program: Program, stack: AsyncDisposableStack) {
    this.program = program;
    this.#stack = stack;
  }

  static async start(brokerCount: number, launcher?: Launcher): Promise<LimitedGateway> {
    const stack = new AsyncDisposableStack();
    const cluster = stack.use(await TestCluster.start(brokerCount));
    cluster.mock.createTopic("t");
    const file = stack.use(new ConfigFile(cluster.config()));
    const limited = launcher ?? stack.use(new PidLimit(PIDS)).launcher;
    const program = stack.use(await Program.start(["--config", file.path], {}, limited));
    await program.logged("There may be ");
    return new LimitedGateway(program, stack);
  }

  async connectAll(): Promise<TestClient[]> {
    const clients = await Promise.all(
      Array.from({ length: CLIENTS }, () => this.program.connect()),
    );
    return clients.map((client) => this.#stack.use(client));
  }

  /** All but the first of many workers, with a group each, are told why; the others consume. */
  async refusedWorkers(): Promise<string[]> {
    const clients = await this.connectAll();
    for (const [i, client] of clients.entries()) {
      await client.ask("CLIENT", "SETNAME", `group-${i}:worker`);
      await client.send("BLPOP", "topics:t", 0);
    }
    await this.program.logged("joins its group");
    const { consumers, max_consumers } = await this.info();
    assert.equal(consumers, max_consumers);
    await this.program.logged("is assigned", consumers);
    return await Promise.all(clients.slice(consumers).map((client) => client.reply()));
  }

  /** The numbers of INFO kafka. */
  async info(): Promise<Record<string, number>> {
    using client = await this.program.connect();
    const lines = readText(await client.ask("INFO", "kafka")).split("\r\n");
    return Object.fromEntries(lines.map((line) => line.split(":")).map(([k, v]) => [k, Number(v)]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
