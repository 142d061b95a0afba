/**
 * What may happen to the entries of a stream beside broken brokers: each step by step, on a topic of its own.
 *
 * @module
 */
import { resourcesOf } from "../support/resources.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";
import { pause } from "./load.ts";
import { differences, FIRST_MS, partitionsOf, StreamClient } from "./stream_client.ts";
import { newTopic, numbered, startGateway } from "./stream_gateway.ts";
import { COMMIT_MS } from "./stream_stage.ts";

const MIB = 1024 * 1024;

/** The group reads partitions that come later, from their beginning. */
const grown: ClusterTrial = {
  name: "stream-grown",
  what: "a topic gets more partitions while a group reads it as a stream",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const topic = await newTopic(cluster, "grown", 2);
    const metadata = { "topic.metadata.refresh.interval.ms": 2_000 };
    await using program = await startGateway(cluster, { consumer: metadata, producer: metadata });
    using client = await StreamClient.connect(program.port, topic);
    const ids = await client.add(numbered(50));
    await client.create();
    const entries = await client.readAll(50);
    await cluster.addPartitions(topic, 6);
    const startMs = performance.now();
    while (partitionsOf(ids.map((entryId) => ({ entryId }))).size < 6) {
      if (performance.now() - startMs > 60_000) throw new Error("XADD never uses new partitions");
      ids.push(...await client.add(numbered(20)));
      await pause(200);
    }
    const usedMs = performance.now() - startMs;
    await client.until("new partitions", 60_000, async () => {
      entries.push(...await client.read(1_000, 500));
      return entries.length >= ids.length;
    });
    const problems = differences("entries", ids, entries.map(({ entryId }) => entryId));
    if (await client.ack(entries) !== ids.length) problems.push("not all acks are counted");
    if (await client.lag() !== 0) problems.push(`the lag is ${await client.lag()} and not 0`);
    return {
      figures: {
        entries: ids.length,
        "new partitions are used after": `${(usedMs / 1_000).toFixed(1)} s`,
        "and read after": `${((performance.now() - startMs) / 1_000).toFixed(1)} s`,
      },
      problems,
    };
  },
};

/** What is gone is not pending any more, and does not hold up the rest. */
const pruned: ClusterTrial = {
  name: "stream-pruned",
  what: "retention passes entries that are pending, and some that were never read",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "pruned", 1);
    // else those that the gateway holds are handed out on
    await using program = await startGateway(cluster, { server: { streams: { pendingBytes: 0 } } });
    using client = await StreamClient.connect(program.port, topic);
    await client.add(numbered(100));
    await client.create();
    const entries = await client.readAll(40);
    await client.ack(entries.slice(20, 30));
    await cluster.deleteRecords(topic, new Map([[0, 25]]));
    const gone = entries.slice(0, 20).map(({ entryId }) => entryId);
    const kept = entries.slice(30).map(({ entryId }) => entryId);
    const history = await client.history();
    const nil = history?.filter(({ fields }) => fields === undefined) ?? [];
    const whole = history?.filter(({ fields }) => fields !== undefined) ?? [];
    problems.push(
      ...differences("kept entries of a history", kept, whole.map(({ entryId }) => entryId)),
    );
    const { entries: claimed, deleted } = await client.claimAll(0);
    problems.push(
      ...differences("claimed entries", kept, claimed.map(({ entryId }) => entryId)),
    );
    const strange = [...nil.map(({ entryId }) => entryId), ...deleted]
      .filter((id) => !gone.includes(id));
    if (strange.length > 0) problems.push(`${strange.length} are called deleted and are not`);
    if (await client.pending() !== kept.length) {
      problems.push(`${await client.pending()} are pending and not ${kept.length}`);
    }
    if (await client.ack(claimed) !== kept.length) problems.push("not all acks are counted");
    const rest = await client.readAll(60);
    if (await client.ack(rest) !== 60) problems.push(`${rest.length} of 60 came then`);
    if (await client.lag() !== 0) problems.push(`the lag is ${await client.lag()} and not 0`);
    await pause(COMMIT_MS + 250);
    const committed = (await cluster.committedOf(client.group, topic)).get(0)?.offset;
    if (committed !== 100) problems.push(`${committed} is committed and not 100`);
    return {
      figures: {
        pending: entries.length - 10,
        deleted: gone.length,
        "named in time": deleted.length,
      },
      problems,
    };
  },
};

/** Values of 10 MB. */
const large: ClusterTrial = {
  name: "stream-large",
  what: "entries of 10 MB are added, read, claimed, and read again",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "large", 1);
    await cluster.setTopic(topic, "max.message.bytes", 12_000_000);
    const config = {
      producer: { "message.max.bytes": 12_000_000 },
      consumer: { "fetch.message.max.bytes": 12_000_000 },
    };
    await using program = await startGateway(cluster, config);
    using client = await StreamClient.connect(program.port, topic);
    const values = ["a", "b", "c"].map((letter) => letter.repeat(10_000_000));
    const ids = await client.add(values);
    await client.create();
    const same = (
      what: string,
      entries: readonly { entryId: string; fields: readonly string[] | undefined }[],
    ): void => {
      problems.push(...differences(what, ids, entries.map(({ entryId }) => entryId)));
      const isSame = entries.every(({ entryId, fields }) => {
        return fields?.[1] === values[ids.indexOf(entryId)];
      });
      if (!isSame) problems.push(`${what} have other values`);
    };
    const entries: Awaited<ReturnType<typeof client.read>> = [];
    for (const _ of values) entries.push(...await client.read(1, FIRST_MS));
    same("entries", entries);
    for (let round = 0; round < 2; round++) {
      same("claimed entries", (await client.claimAll(0)).entries);
    }
    same("entries of a history", await client.history() ?? []);
    if (await client.ack(entries) !== values.length) problems.push("not all acks are counted");
    const { memoryBytes } = await resourcesOf(program.pid);
    return { figures: { MiB: Math.round(memoryBytes / MIB) }, problems };
  },
};

/** All of them. */
export const streamTrials: readonly ClusterTrial[] = [grown, pruned, large];
