/**
 * What the log says of failed deliveries: each line is true of what it names.
 *
 * @module
 */
import assert from "node:assert/strict";
import { KafkaError } from "../../src/kafka/client/error.ts";
import { KafkaEvents } from "../../src/telemetry/kafka_events.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import { CapturedLog } from "../support/captured_log.ts";

const TIMED_OUT = new KafkaError("Local: Message timed out", -192, "_MSG_TIMED_OUT");

Deno.test("of more topics than are told apart the log names none for the failures of the others", async () => {
  await using log = await CapturedLog.start();
  const events = new KafkaEvents(new Telemetry(0));
  const failed = (topic: string) =>
    events.deliveryFailed({ topic, partition: 0, error: TIMED_OUT, count: 1, unflushed: false });
  for (let n = 0; n < 2_500; n++) failed(`topic-${n}`);
  failed("topic-0");
  failed("topic-0");
  events.close();
  const counts = new Map<string, number>();
  for (const { properties: { topic, count } } of log.records) {
    counts.set(String(topic), (counts.get(String(topic)) ?? 0) + Number(count));
  }
  assert.equal([...counts.values()].reduce((sum, count) => sum + count), 2_502);
  for (const [topic, count] of counts) {
    if (topic !== "(more)") assert.equal(count, topic === "topic-0" ? 3 : 1, topic);
  }
  const more = "Not delivered: 1499 messages for (more)[-1], the latest for topic-2499[0]: " +
    "Local: Message timed out ((more)), from ";
  assert.equal(log.count(more), 1, log.lines.at(-1));
});

Deno.test("events of an unknown kind are one line, and one with their number", async () => {
  await using log = await CapturedLog.start();
  const telemetry = new Telemetry(0);
  const events = new KafkaEvents(telemetry);
  for (let n = 0; n < 1_000; n++) events.unknownEvent({ clientId: "w", groupId: "g" }, 0x100);
  events.unknownEvent({ clientId: "w", groupId: "g" }, 0x20);
  const line = "warning: Client g:w got an event of unknown type ";
  assert.deepEqual(log.lines, [`${line}256`, `${line}32`]);
  events.close();
  assert.deepEqual(log.lines.slice(2), [`${line}256; 999 like this since the last line`]);
  assert.equal(new Map(telemetry.registry.statFields()).get("producer.unknown.events"), 1_001);
});

Deno.test("that a new cluster is still making its topics is no warning, unless it goes on", async () => {
  await using log = await CapturedLog.start();
  const events = new KafkaEvents(new Telemetry(0));
  const text = "[thrd:main]: Failed to acquire idempotence PID from broker 127.0.0.1:9092/1: " +
    "Broker: Coordinator load in progress: retrying";
  for (let times = 0; times < 3; times++) events.clientLog({ clientId: "a" }, 4, "GETPID", text);
  events.close();
  assert.deepEqual(log.lines, [
    `info: Client a: GETPID ${text}`,
    `warning: Client a: GETPID ${text}; 2 like this since the last line`,
  ]);
});
