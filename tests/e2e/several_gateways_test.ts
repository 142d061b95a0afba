/**
 * Several gateways on one port as one service: groups over all of them, and their replacement under load.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { ack, onBrokers, TestCluster, type TestConfig } from "../support/kafka.ts";
import { kafkaBrokers } from "../support/machine.ts";
import type { Program } from "../support/program.ts";
import { ReconnectingLoad } from "../support/reconnecting_load.ts";
import { SharedPort } from "../support/shared_port.ts";
import { TestGroup, valuesOf } from "../support/stream_group.ts";

const isLinux = Deno.build.os === "linux";
const COUNT = 200;
const DEADLINE_MS = 60_000;
/** A group notices the death of a worker after 6 seconds. */
const CONFIG = { consumer: { "session.timeout.ms": 6_000, "heartbeat.interval.ms": 500 } };

/** What a worker does again and again; returns the values that it got. */
type Work = (client: TestClient, worker: string) => Promise<string[]>;

for (const kind of ["BLPOP", "XREADGROUP"]) {
  testTwo(
    `${kind}: workers of one group at two gateways get each message once, all together`,
    async (shared, programs) => {
      using producer = await shared.connect();
      const group = await TestGroup.createWith(producer, "early", "early");
      await getEachOnce(shared, programs, {
        produce: async (value) => void await group.add(producer, value, value),
        work: kind === "BLPOP" ? popping(group) : reading(group),
      });
    },
  );
}

/** A test with two gateways on one port, on a mock cluster and, if there is one, on a real Kafka. */
function testTwo(
  title: string,
  run: (shared: SharedPort, programs: readonly Program[]) => Promise<void>,
): void {
  const runOn = async (config: TestConfig): Promise<void> => {
    const [shared, ...programs] = await SharedPort.start(2, config);
    await using _ = shared;
    await run(shared, programs);
  };
  Deno.test({
    name: title,
    ignore: !isLinux,
    async fn(): Promise<void> {
      await using cluster = await TestCluster.start();
      await runOn(cluster.config(CONFIG));
    },
  });
  Deno.test({
    name: `${title} (real Kafka)`,
    ignore: !isLinux || kafkaBrokers === undefined,
    fn: () => runOn(onBrokers(kafkaBrokers!, CONFIG)),
  });
}

/** One worker at each gateway. The group is complete when each has got something. */
async function getEachOnce(
  shared: SharedPort,
  programs: readonly Program[],
  { produce, work }: { produce: (value: string) => Promise<void>; work: Work },
): Promise<void> {
  const early = new Set<Program>();
  const counted: string[] = [];
  let isDone = false;
  const working = Promise.all(programs.map(async (program) => {
    using client = await shared.connectTo(program);
    while (!isDone) {
      const values = await work(client, `worker-${program.pid}`);
      if (values.length > 0) early.add(program);
      counted.push(...values.filter(isCounted));
    }
  }));
  const values = Array.from({ length: COUNT }, (_, i) => `counted-${1_000 + i}`);
  const producing = async (): Promise<void> => {
    let number = 0;
    const bothWork = async (): Promise<boolean> => {
      await produce(`early-${number++}`);
      return early.size === programs.length;
    };
    await until(bothWork, "a message for each", DEADLINE_MS);
    for (const value of values) await produce(value);
    await until(() => new Set(counted).size === COUNT, "all messages", DEADLINE_MS);
    isDone = true;
  };
  await Promise.all([working, producing()]);
  assert.deepEqual(counted.toSorted(), values);
}

/** What comes before may move to the other worker, which joins, before it is acked. */
function isCounted(value: string): boolean {
  return value.startsWith("counted");
}

function popping({ key, name }: TestGroup): Work {
  const named = new Set<TestClient>();
  return async (client, worker) => {
    if (!named.has(client)) await client.ask("CLIENT", "SETNAME", `${name}:${worker}`);
    named.add(client);
    const message = await client.pop(key, 1);
    if (!message) return [];
    const reply = await ack(client, message);
    if (isCounted(message.value!)) assert.equal(reply, ":1\r\n");
    return [message.value!];
  };
}

function reading(group: TestGroup): Work {
  return async (client, worker) => {
    const streams = await group.read(client, worker, "COUNT", 10, "BLOCK", 500);
    const entries = streams?.get(group.key) ?? [];
    const values = valuesOf(entries);
    for (const [at, { id }] of entries.entries()) {
      const count = await group.ack(client, id);
      if (isCounted(values[at]!)) assert.equal(count, 1);
    }
    return values;
  };
}

testTwo(
  "Gateways are replaced one by one under load: no client is refused, and no message is lost",
  async (shared, programs) => {
    const load = startLoad(shared);
    await load.more(50);
    for (const program of programs) {
      program.signal("SIGTERM");
      assert.equal(await program.exited(), 0, program.log);
      assert.doesNotMatch(program.log, /Bug|Lost/);
      await shared.join();
      await load.more(50);
    }
    await load.end();
    assert.deepEqual(load.refusals, []);
  },
);

testTwo(
  "A gateway that is killed under load takes no message with it that Kafka has",
  async (shared, [first]) => {
    const load = startLoad(shared, ["WAIT", 1, 20_000]);
    await load.more(50);
    first!.signal("SIGKILL");
    await first!.exited();
    await load.more(50);
    await load.end();
  },
);

function startLoad({ port }: SharedPort, confirmation?: (string | number)[]): ReconnectingLoad {
  const [topic, group] = [uniqueName("load"), uniqueName("group")];
  return new ReconnectingLoad(4, 4, { port, topic, group, ...confirmation && { confirmation } });
}
