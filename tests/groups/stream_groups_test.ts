/**
 * Stream groups on the embedded and on a real Kafka, without commands: who gets which entry, and what is left after acks,
 * crashes and rebalances.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { StreamGroup } from "../../src/groups/stream_group.ts";
import type { StreamGroups } from "../../src/groups/stream_groups.ts";
import { MIN_ID } from "../../src/groups/stream_id.ts";
import { type TestGateway, uniqueName } from "../support/gateway.ts";
import { produceAll, testOnEachKafka } from "../support/kafka.ts";

const never = new AbortController().signal;

testOnEachKafka(
  "entries are delivered once, acked once, and not delivered again by the next gateway",
  async (start) => {
    await using gateway = await start();
    const topic = uniqueName("topic");
    const { groups } = gateway.rafka.server.state;
    await fill(gateway, topic, 100);
    assert.equal(await groups.create("g", topic, MIN_ID, { makeTopic: false }), "created");
    assert.equal(await groups.create("g", topic, MIN_ID, { makeTopic: false }), "exists");
    const group = (await groups.open("g", topic))!;
    const entries = await takeAll(groups, group, 100);
    assert.deepEqual(new Set(entries.map(({ message }) => text(message))), new Set(numbers(100)));
    assert.equal(group.pendingSummary().count, 100);
    const ids = entries.map(({ id }) => id);
    assert.equal(group.ack(ids), 100);
    assert.equal(group.ack(ids), 0);
    assert.equal((await group.info()).lag, 0);
  },
);

async function fill(gateway: TestGateway, topic: string, count: number): Promise<void> {
  using client = await gateway.connect();
  await produceAll(client, numbers(count).map((n) => [topic, n]));
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${n}`);
}

function text({ value }: { readonly value: Uint8Array | null }): string {
  return new TextDecoder().decode(value!);
}

async function takeAll(
  groups: StreamGroups,
  group: StreamGroup,
  count: number,
  consumer = "c",
): Promise<ReturnType<StreamGroup["take"]>> {
  const entries = [];
  while (entries.length < count) {
    const taken = group.take(consumer, count - entries.length, false);
    entries.push(...taken);
    if (taken.length === 0) await groups.wait([group], 10_000, never);
  }
  return entries;
}
