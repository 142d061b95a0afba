/**
 * What the log says of a worker after a rebalance: all partitions that it has, not only those that have changed hands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import type { TestClient } from "../support/client.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { quit, testOnEachKafka } from "../support/kafka.ts";

/** The lines of a worker. */
const LINE = /^info: Consumer \S+:(\w) (is assigned|gives up|keeps) (.*)$/;

testOnEachKafka(
  "After each rebalance the log names all partitions that a worker has",
  async (start) => {
    await using log = await CapturedLog.start();
    await using gateway = await start();
    const [topic, group] = [uniqueName("topic"), uniqueName("group")];
    using admin = await gateway.connect();
    await admin.ask("RAFKA", "TOPIC", "CREATE", topic, "PARTITIONS", 4);
    using first = await gateway.connectAs(`${group}:a`);
    await poll(first, topic, () => partitionsOf(log, "a", topic).length === 4);
    using second = await gateway.connectAs(`${group}:b`);
    const isShared = (): boolean =>
      partitionsOf(log, "a", topic).length === 2 && partitionsOf(log, "b", topic).length === 2;
    await poll(second, topic, () => true);
    await Promise.all([poll(first, topic, isShared), poll(second, topic, isShared)]);
    const all = [...partitionsOf(log, "a", topic), ...partitionsOf(log, "b", topic)];
    assert.deepEqual(all.sort(), [0, 1, 2, 3]);
    await quit(second);
    await poll(first, topic, () => partitionsOf(log, "a", topic).length === 4);
  },
);

/** Rebalances are served while a worker asks for messages. */
async function poll(worker: TestClient, topic: string, isDone: () => boolean): Promise<void> {
  await until(async () => {
    assert.equal(await worker.ask("BLPOP", `topics:${topic}`, 0.1), "*-1\r\n");
    return isDone();
  }, "the rebalance");
}

/** The partitions that the last line of a worker says it has. */
function partitionsOf(log: CapturedLog, worker: string, topic: string): number[] {
  const last = log.lines.map((line) => LINE.exec(line)).filter((match) => match?.[1] === worker)
    .at(-1);
  const [, , , text = ""] = last ?? [];
  const held = /\(it has (.*) now\)/.exec(text)?.[1] ?? text;
  const [, list = ""] = new RegExp(`^${topic}\\[([\\d,]+)\\]$`).exec(held) ?? [];
  return list === "" ? [] : list.split(",").map(Number);
}
