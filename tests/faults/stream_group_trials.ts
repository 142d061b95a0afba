/**
 * What may happen to a stream's group beside broken brokers: each step by step, on a topic of its own.
 *
 * @module
 */
import { resourcesOf } from "../support/resources.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";
import { pause } from "./load.ts";
import { differences, StreamClient } from "./stream_client.ts";
import { newTopic, numbered, startGateway } from "./stream_gateway.ts";
import { streamMembers } from "./stream_members_trial.ts";
import { COMMIT_MS } from "./stream_stage.ts";

const MIB = 1024 * 1024;

/** Each time, the gateway is killed right after the acks, or a moment after them. */
const killedAfterAck: ClusterTrial = {
  name: "stream-killed-after-ack",
  what: "the gateway is killed (SIGKILL) right after XACK, and 1 s after XACK",
  short: false,
  async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const figures: Record<string, number> = {};
    for (const waitMs of [0, COMMIT_MS]) {
      let [acked, again] = [0, 0];
      for (let round = 0; round < (full ? 5 : 2); round++) {
        const topic = await newTopic(cluster, "killed", 4);
        const first = await startGateway(cluster);
        await using _first = first;
        using client = await StreamClient.connect(first.port, topic);
        const ids = await client.add(numbered(200));
        await client.create();
        const entries = await client.readAll(200);
        const odd = entries.filter((_, at) => at % 2 === 1);
        for (const entry of odd) acked += await client.ack([entry]);
        await pause(waitMs);
        first.signal("SIGKILL");
        await first.exited();
        await using second = await startGateway(cluster);
        using other = await StreamClient.connect(second.port, topic);
        await other.until("everything", 40_000, async () => {
          const more = await other.read(1_000, 1_000);
          entries.push(...more);
          return await other.lag() === await other.pending();
        });
        const rest = entries.slice(200).map(({ entryId }) => entryId);
        const oddIds = new Set(odd.map(({ entryId }) => entryId));
        const expected = ids.filter((id) => !oddIds.has(id));
        problems.push(
          ...differences(`entries ${waitMs} ms after the ack`, expected, rest).filter((problem) =>
            waitMs > 0 || !problem.includes("too many")
          ),
        );
        again += rest.filter((id) => oddIds.has(id)).length;
      }
      figures[`acked, killed after ${waitMs} ms`] = acked;
      figures[`again after ${waitMs} ms`] = again;
    }
    return { figures, problems };
  },
};

/** A worker that acks nothing gets no more than that. */
const bounded: ClusterTrial = {
  name: "stream-max-pending",
  what: "a worker reads and never acks, up to server.streams.maxPending",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "bounded", 2);
    const config = { server: { streams: { maxPending: 100 } } };
    await using program = await startGateway(cluster, config);
    using client = await StreamClient.connect(program.port, topic);
    const ids = await client.add(numbered(600));
    await client.create();
    const entries = await client.readAll(600, 5_000);
    if (entries.length > 200) {
      problems.push(`${entries.length} were handed out, 200 may be pending`);
    }
    if (entries.length < 100) problems.push(`only ${entries.length} were handed out`);
    if (!program.log.includes("worker")) problems.push("the log does not say who holds it up");
    const first = entries.length;
    while (entries.length < 600) {
      const acked = await client.ack(entries);
      const more = await client.readAll(600 - entries.length, 5_000);
      if (more.length === 0) {
        problems.push(`nothing comes after ${entries.length}, ${acked} of which were just acked`);
        break;
      }
      entries.push(...more);
    }
    await client.ack(entries);
    problems.push(...differences("entries", ids, entries.map(({ entryId }) => entryId)));
    if (await client.lag() !== 0) problems.push(`the lag is ${await client.lag()} and not 0`);
    return { figures: { entries: entries.length, "at first": first }, problems };
  },
};

/** Groups that are used once. */
const many: ClusterTrial = {
  name: "stream-groups",
  what: "many groups read a topic once, each with one worker",
  short: false,
  async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "many", 1);
    const config = { server: { streams: { groupIdleMs: 5_000 } } };
    await using program = await startGateway(cluster, config);
    using writer = await StreamClient.connect(program.port, topic);
    const ids = await writer.add(numbered(5));
    const before = await resourcesOf(program.pid);
    const count = full ? 2_000 : 200;
    let refused = 0;
    let most = before;
    for (let at = 0; at < count; at += 20) {
      await Promise.all(Array.from({ length: 20 }, async (_, more) => {
        const group = `${topic}-${at + more}`;
        using client = await StreamClient.connect(program.port, topic, group);
        try {
          await client.create();
          const entries = await client.readAll(5);
          problems.push(...differences("entries", ids, entries.map(({ entryId }) => entryId)));
          if (await client.ack(entries) !== 5) problems.push("not all acks are counted");
        } catch (error) {
          refused++;
          problems.push(String(error));
        }
      }));
      const now = await resourcesOf(program.pid);
      if (now.threads > most.threads) most = now;
    }
    await writer.until("rest", 60_000, async () => {
      return (await resourcesOf(program.pid)).threads <= before.threads + 10;
    }).catch((error) => problems.push(String(error)));
    const after = await resourcesOf(program.pid);
    return {
      figures: {
        groups: count,
        refused,
        "threads before": before.threads,
        "at most": most.threads,
        "when all are idle": after.threads,
        "MiB before": Math.round(before.memoryBytes / MIB),
        "MiB at most": Math.round(most.memoryBytes / MIB),
        "MiB then": Math.round(after.memoryBytes / MIB),
      },
      problems,
    };
  },
};

/** All of them. */
export const streamGroupTrials: readonly ClusterTrial[] = [
  killedAfterAck,
  bounded,
  many,
  streamMembers,
];
