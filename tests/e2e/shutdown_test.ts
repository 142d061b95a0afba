/**
 * SIGTERM under load, as operators send it: the program as a process, a real Kafka, kcat as the witness.
 *
 * @module
 */
import assert from "node:assert/strict";
import { BareMachine } from "../support/bare_machine.ts";
import { ConfigFile } from "../support/config_file.ts";
import { TestClient } from "../support/client.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { lastingPort } from "../support/lasting_port.ts";
import { onBrokers, TestCluster } from "../support/kafka.ts";
import { kcatRecords, kcatUncommitted } from "../support/kcat.ts";
import { hasBareMachine, hasKcat, kafkaBrokers } from "../support/machine.ts";
import { Program } from "../support/program.ts";

const PRODUCERS = 20;
const CONSUMERS = 5;
/** Number of the request in the Kafka protocol, and of an error that is not tried again. */
const PRODUCE = 0;
const MESSAGE_TOO_LARGE = 10;
const STEPS = ["Shutdown 1/4", "Shutdown 2/4", "Shutdown 3/4", "Shutdown 4/4", "complete"];

/** What the clients of one run were told. */
interface Journal {
  /** Values whose RPUSHX was answered with 1. */
  readonly produced: string[];
  /** By partition, the highest offset whose ack was answered with 1. */
  readonly acked: Map<number, number>;
  /** How the last BLPOP of each consumer was answered. */
  readonly lastReplies: string[];
}

Deno.test({
  name:
    "SIGTERM under load loses nothing that was answered, and ends in order within 10 s (real Kafka)",
  ignore: kafkaBrokers === undefined || !hasKcat,
  async fn(): Promise<void> {
    using file = new ConfigFile(onBrokers(kafkaBrokers!));
    await stopUnderLoad(await Program.start(["--config", file.path]));
  },
});

Deno.test({
  name:
    "SIGTERM under load loses nothing that was answered (real Kafka; compiled, nothing else installed)",
  ignore: kafkaBrokers === undefined || !hasKcat || !hasBareMachine,
  async fn(): Promise<void> {
    using machine = await BareMachine.create();
    machine.writeFile("config.json", JSON.stringify(onBrokers(kafkaBrokers!)));
    await stopUnderLoad(await Program.start(["--config", "config.json"], {}, machine.launch));
  },
});

Deno.test("A connection that closes as the shutdown begins keeps nothing running once its message is delivered", async () => {
  await using cluster = await TestCluster.start();
  using file = new ConfigFile(cluster.config());
  await using program = await Program.start(["--config", file.path]);
  {
    using client = await program.connect();
    assert.equal(await client.ask("RPUSHX", "topics:t", "connects"), ":1\r\n");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    cluster.mock.setBrokerUp(1, false);
    assert.equal(await client.ask("RPUSHX", "topics:t", "in flight"), ":1\r\n");
  }
  program.signal("SIGTERM");
  await program.logged("Shutdown 4/4: closing 1 connections");
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await program.exited(), 0, program.log);
  assert.match(program.log, /Shutdown is complete/);
  assert.doesNotMatch(program.log, /Bug|Lost/);
});

async function stopUnderLoad(started: Program): Promise<void> {
  await using program = started;
  const [topic, group] = [uniqueName("shutdown"), uniqueName("group")];
  const journal: Journal = { produced: [], acked: new Map(), lastReplies: [] };
  const load = startLoad(program.port, topic, group, journal);
  await program.logged("is assigned"); // the consumers are at work
  await load.underWay;
  const start = performance.now();
  program.signal("SIGTERM");
  assert.equal(await program.exited(), 0, program.log);
  assert.ok(performance.now() - start < 10_000, "the shutdown took more than 10 s");
  await load.ended;

  const positions = STEPS.map((step) => program.log.indexOf(step));
  assert.ok(positions.every((at) => at > 0), program.log);
  assert.deepEqual(positions, positions.toSorted((a, b) => a - b), "the order of the steps");
  assert.doesNotMatch(program.log, /Bug/);
  assert.ok(
    journal.lastReplies.every((reply) => reply === "-CONS Server shutdown\r\n" || reply === ""),
    JSON.stringify(journal.lastReplies),
  );
  await verify(topic, group, journal);
}

/** Everything produced is in the topic; everything acked is behind the group's committed offsets. */
async function verify(topic: string, group: string, { produced, acked }: Journal): Promise<void> {
  assert.ok(produced.length > 1_000 && acked.size > 0, `${produced.length} ${acked.size}`);
  const inKafka = new Set((await kcatRecords(kafkaBrokers!, topic)).map(({ value }) => value));
  assert.deepEqual(produced.filter((value) => !inKafka.has(value)), []);
  for (const { partition, offset } of await kcatUncommitted(kafkaBrokers!, topic, group)) {
    const highest = acked.get(partition) ?? -1;
    assert.ok(offset > highest, `partition ${partition}: ${offset} again, acked up to ${highest}`);
  }
}

/** Clients at work until their connection ends. */
interface Load {
  /** Each consumer has acked something and enough was produced. */
  readonly underWay: Promise<unknown>;
  readonly ended: Promise<unknown>;
}

function startLoad(port: number, topic: string, group: string, journal: Journal): Load {
  const working = Promise.withResolvers<void>();
  const note = (): void => {
    if (journal.produced.length > 2_000 && journal.acked.size > 0) working.resolve();
  };
  const clients = [
    ...Array.from({ length: PRODUCERS }, (_, i) => produce(port, topic, `p${i}`, journal, note)),
    ...Array.from(
      { length: CONSUMERS },
      (_, i) => consume(port, topic, `${group}:c${i}`, journal, note),
    ),
  ];
  return { underWay: working.promise, ended: Promise.all(clients) };
}

async function produce(
  port: number,
  topic: string,
  name: string,
  journal: Journal,
  note: () => void,
): Promise<void> {
  using client = await TestClient.connect(port);
  for (let number = 0;; number++) {
    const value = `${name}-${number}`;
    const reply = await askUntilClosed(client, "RPUSHX", `topics:${topic}:${name}`, value);
    if (reply !== ":1\r\n") return;
    journal.produced.push(value);
    note();
  }
}

async function consume(
  port: number,
  topic: string,
  name: string,
  journal: Journal,
  note: () => void,
): Promise<void> {
  using client = await TestClient.connect(port);
  await client.ask("CLIENT", "SETNAME", name);
  for (;;) {
    const reply = await askUntilClosed(client, "BLPOP", `topics:${topic}`, 30);
    const [partition, offset] = /partition\r\n:(\d+)\r\n\$6\r\noffset\r\n:(\d+)/.exec(reply)
      ?.slice(1).map(Number) ?? [];
    if (partition === undefined || offset === undefined) {
      journal.lastReplies.push(reply);
      return;
    }
    const ack = `${topic}:${partition}:${offset}`;
    if (await askUntilClosed(client, "RPUSH", "acks", ack) !== ":1\r\n") continue;
    journal.acked.set(partition, Math.max(offset, journal.acked.get(partition) ?? -1));
    note();
  }
}

/** The reply, "" when the connection ended instead. */
async function askUntilClosed(client: TestClient, ...args: (string | number)[]): Promise<string> {
  try {
    await client.send(...args);
    return await client.reply(40_000);
  } catch {
    return "";
  }
}

Deno.test("SIGINT ends the program like SIGTERM", async () => {
  await using program = await Program.start(["--dev"]);
  using client = await program.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
  program.signal("SIGINT");
  assert.equal(await client.untilClosed(), "");
  assert.equal(await program.exited(), 0, program.log);
  assert.match(program.log, /Shutdown is complete/);
});

Deno.test("A second signal ends the program at once, with code 1", async () => {
  using file = new ConfigFile(onBrokers("127.0.0.1:1")); // nobody is there: the flush takes its 5 s
  await using program = await Program.start(["--config", file.path]);
  using client = await program.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
  program.signal("SIGTERM");
  await program.logged("Shutdown 4/4");
  assert.equal(await endAtOnce(program), 1, program.log);
  assert.match(program.log, /error .*Lost: 1 messages that are not delivered/);
});

Deno.test("A second signal does not take the failures with it that are not logged yet", async () => {
  await using cluster = await TestCluster.start();
  using file = new ConfigFile(cluster.config());
  await using program = await Program.start(["--config", file.path]);
  using client = await program.connect();
  await client.ask("RPUSHX", "topics:t:key", "so that the partition is known");
  assert.equal(await client.ask("WAIT", 1, 0), ":1\r\n");
  for (let n = 0; n < 3; n++) { // the first is logged at once, the others are summed up
    cluster.mock.failRequests(PRODUCE, [MESSAGE_TOO_LARGE]);
    await client.ask("RPUSHX", "topics:t:key", "refused");
    assert.equal(await client.ask("WAIT", 1, 0), ":0\r\n");
  }
  cluster.mock.setBrokerUp(1, false);
  await client.ask("RPUSHX", "topics:t:key", "late", "late, too");
  program.signal("SIGTERM");
  await program.logged("Shutdown 4/4");
  assert.equal(await endAtOnce(program), 1, program.log);
  assert.match(
    program.log,
    /Not delivered: 2 messages for t\[\d\], Broker: Message size too large/,
  );
  assert.match(program.log, /Lost: 2 messages that are not delivered/);
});

Deno.test("After kill -9 a gateway starts again on the same port", async () => {
  const port = String(lastingPort());
  await using killed = await Program.start(["--dev", "--port", port]);
  using client = await killed.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  killed.signal("SIGKILL");
  await killed.exited();
  await using program = await Program.start(["--dev", "--port", port]);
  using again = await program.connect();
  assert.equal(await again.ask("RPUSHX", "topics:t", "value"), ":1\r\n");
});

/** Sends SIGTERM until the program has ended; its exit code. */
async function endAtOnce(program: Program): Promise<number> {
  let exited = false;
  const code = program.exited().finally(() => exited = true);
  // what comes within a moment is the same Ctrl-C, passed on twice; the flush would take 5 s
  await until(
    () => {
      if (!exited) program.signal("SIGTERM");
      return exited;
    },
    "the end",
    4_000,
  );
  return await code;
}
