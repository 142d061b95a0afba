/**
 * Workers without the right for their group or their topic: each BLPOP says so, the log once, and when the right is
 * granted they go on by themselves.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readPopped, type TestClient } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { onBrokers, produceAll } from "../support/kafka.ts";
import { CapturedLog } from "../support/captured_log.ts";

const GROUP = "group";
/** How soon a granted right is found. */
const SOON_MS = 12_000;

/** A right that a worker lacks, and how it shows. */
interface Case {
  readonly what: string;
  /** What is granted before, and what later: each to the kafka tool's `acls --add`. */
  readonly before: (topic: string) => string[][];
  readonly later: (topic: string) => string[];
  readonly error: RegExp;
  readonly refused: (topic: string) => string;
}

const readGroup = ["--group", GROUP, "--operation", "Read"];
const readTopic = (topic: string): string[] => ["--topic", topic, "--operation", "Read"];
const describeTopic = (topic: string): string[] => ["--topic", topic, "--operation", "Describe"];

const CASES: readonly Case[] = [{
  what: "for its group",
  before: (topic) => [readTopic(topic)],
  later: () => readGroup,
  error: /^-CONS Poll .*Group authorization failed\.?\r\n$/,
  refused: () => "its group",
}, {
  what: "for its topic",
  before: () => [readGroup],
  later: readTopic,
  error: /^-CONS Poll Subscribed topic not available: .*: Broker: Topic authorization failed\r\n$/,
  refused: (topic) => `topic ${topic}`,
}, {
  what: "to read its topic, which it may describe",
  before: (topic) => [readGroup, describeTopic(topic)],
  later: readTopic,
  error:
    /^-CONS Poll Fetch from broker 1 failed: Broker: Topic authorization failed \(topic-\w+\[0\]\)\r\n$/,
  refused: (topic) => `${topic}[0]`,
}];

Deno.test({
  name: "rights that a worker lacks",
  ignore: !hasKafkaTool,
  async fn(t): Promise<void> {
    await using kafka = await KafkaCluster.start(
      "--sasl",
      ...["--set", "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer"],
      ...["--set", "super.users=User:ANONYMOUS"],
    );
    for (const one of CASES) {
      await t.step(
        `a worker without the right ${one.what} is told each time`,
        () => play(kafka, one),
      );
    }
  },
});

async function play(kafka: KafkaCluster, { before, later, error, refused }: Case): Promise<void> {
  await using log = await CapturedLog.start();
  await using free = await TestGateway.start({ config: onBrokers(kafka.bootstrapServers) });
  await using gateway = await TestGateway.start({
    config: onBrokers(kafka.env.KAFKA_BOOTSTRAP_SASL!, {
      general: {
        "security.protocol": "sasl_plaintext",
        "sasl.mechanisms": "PLAIN",
        "sasl.username": kafka.env.KAFKA_SASL_USER!,
        "sasl.password": kafka.env.KAFKA_SASL_PASSWORD!,
      },
    }),
  });
  const topic = uniqueName("topic");
  using producer = await free.connect();
  await produceAll(producer, [[topic, "job"]]);
  await change(kafka, "--remove", readGroup);
  for (const right of before(topic)) await change(kafka, "--add", right);
  using worker = await gateway.connectAs(`${GROUP}:${uniqueName("worker")}`);
  const pop = (): Promise<string> => worker.ask("BLPOP", `topics:${topic}`, 10);
  await until(async () => error.test(await pop()), "the broker to know the rights");
  for (let times = 0; times < 3; times++) assert.match(await pop(), error);
  const line = `gets nothing of ${refused(topic)}, each BLPOP is answered so`;
  assert.equal(log.count(line), 1, log.lines.join("\n"));
  await change(kafka, "--add", later(topic));
  const grantedMs = performance.now();
  await popsDespiteErrors(worker, topic);
  assert.ok(performance.now() - grantedMs < SOON_MS, `${performance.now() - grantedMs} ms`);
  await log.has(`is not refused ${refused(topic)} any more`);
  assert.equal(log.count(line), 1, log.lines.join("\n"));
}

async function popsDespiteErrors(worker: TestClient, topic: string): Promise<void> {
  await until(async () => {
    const reply = await worker.ask("BLPOP", `topics:${topic}`, 1);
    return !reply.startsWith("-CONS Poll") && readPopped(reply)?.value === "job";
  }, "a message");
}

async function change(kafka: KafkaCluster, how: string, right: readonly string[]): Promise<void> {
  const force = how === "--remove" ? ["--force"] : [];
  await kafka.run("acls", how, ...force, "--allow-principal", "User:alice", ...right);
}
