/**
 * What may happen to a stream and its group beside broken brokers: each step by step, on a topic of its own.
 *
 * @module
 */
import { uniqueName } from "../support/gateway.ts";
import { ack, onBrokers, type TestConfig } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import { resourcesOf } from "../support/resources.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";
import { pause } from "./load.ts";
import { differences, FIRST_MS, partitionsOf, StreamClient } from "./stream_client.ts";
import { nameOf } from "./stream_handouts.ts";
import { placeIn } from "./stream_replies.ts";
import { COMMIT_MS } from "./stream_stage.ts";

const MIB = 1024 * 1024;
/** A killed member is missed after its session. */
const SESSION = { "session.timeout.ms": 6_000, "heartbeat.interval.ms": 1_000 };

/** A gateway on the cluster. */
function start(cluster: Cluster, config: TestConfig = {}): Promise<Program> {
  const whole = onBrokers(cluster.bootstrapServers, {
    ...config,
    consumer: { ...SESSION, ...config.consumer },
  });
  return Program.start([], { RAFKA_CONFIG_JSON: JSON.stringify(whole) });
}

function numbered(count: number, what = "value"): string[] {
  return Array.from({ length: count }, (_, number) => `${what} ${number}`);
}

async function newTopic(cluster: Cluster, name: string, partitions: number): Promise<string> {
  const topic = uniqueName(name);
  await cluster.createTopic(topic, partitions);
  return topic;
}

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
        const first = await start(cluster);
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
        await using second = await start(cluster);
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

/** The group reads partitions that come later, from their beginning. */
const grown: ClusterTrial = {
  name: "stream-grown",
  what: "a topic gets more partitions while a group reads it as a stream",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const topic = await newTopic(cluster, "grown", 2);
    const metadata = { "topic.metadata.refresh.interval.ms": 2_000 };
    await using program = await start(cluster, { consumer: metadata, producer: metadata });
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
  short: true,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "pruned", 1);
    await using program = await start(cluster);
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

/** A worker that acks nothing gets no more than that. */
const bounded: ClusterTrial = {
  name: "stream-max-pending",
  what: "a worker reads and never acks, up to server.streams.maxPending",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "bounded", 2);
    const config = { server: { streams: { maxPending: 100 } } };
    await using program = await start(cluster, config);
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

/** Values of 10 MB. */
const large: ClusterTrial = {
  name: "stream-large",
  what: "entries of 10 MB are added, read, claimed and ranged over",
  short: false,
  async run(cluster: Cluster): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "large", 1);
    await cluster.setTopic(topic, "max.message.bytes", 12_000_000);
    const config = {
      producer: { "message.max.bytes": 12_000_000 },
      consumer: { "fetch.message.max.bytes": 12_000_000 },
    };
    await using program = await start(cluster, config);
    using client = await StreamClient.connect(program.port, topic);
    const values = ["a", "b", "c", "d", "e"].map((letter) => letter.repeat(10_000_000));
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
    for (let round = 0; round < 3; round++) {
      same("claimed entries", (await client.claimAll(0)).entries);
    }
    same("entries of a history", await client.history() ?? []);
    if (await client.ack(entries) !== values.length) problems.push("not all acks are counted");
    const { memoryBytes } = await resourcesOf(program.pid);
    return { figures: { MiB: Math.round(memoryBytes / MIB) }, problems };
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
    await using program = await start(cluster, config);
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

/** A BLPOP worker is another member of the same Kafka group: partitions move between it and the stream. */
const mixed: ClusterTrial = {
  name: "stream-mixed",
  what: "BLPOP workers join the group of a stream, and leave it, while its workers read",
  short: false,
  async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
    const problems: string[] = [];
    const topic = await newTopic(cluster, "mixed", 4);
    await using program = await start(cluster);
    await using other = await start(cluster);
    using writer = await StreamClient.connect(program.port, topic, undefined, "writer");
    using reader = await StreamClient.connect(program.port, topic);
    await writer.create();
    const ids: string[] = [];
    const seen: string[] = [];
    const acked = new Map<string, number>();
    let [again, popped, ended] = [0, 0, false];
    const note = (id: string): void => {
      const ackedAtMs = acked.get(id);
      if (ackedAtMs !== undefined) {
        again++;
        problems.push(`${id} was acked ${Math.round(performance.now() - ackedAtMs)} ms ago`);
      }
      seen.push(id);
    };
    const writing = (async (): Promise<void> => {
      while (!ended) ids.push(...await writer.add(numbered(10)));
    })();
    const reading = (async (): Promise<void> => {
      for (let isDone = false; !isDone;) {
        const entries = await reader.read(10, 500);
        for (const entry of entries) {
          note(placeName(entry.entryId));
          if (await reader.ack([entry]) === 1) {
            acked.set(placeName(entry.entryId), performance.now());
          }
        }
        isDone = ended && entries.length === 0 && await reader.lag() === 0;
      }
    })();
    for (let round = 0; round < (full ? 4 : 2); round++) {
      using client = await other.connect();
      await client.ask("CLIENT", "SETNAME", `${reader.group}:pops-${round}`);
      const endMs = performance.now() + 8_000;
      while (performance.now() < endMs) {
        const message = await client.pop(`topics:${topic}`, 1);
        if (!message) continue;
        popped++;
        const name = nameOf(message);
        note(name);
        if (await ack(client, message) === ":1\r\n") acked.set(name, performance.now());
      }
      await client.ask("QUIT");
      await pause(5_000);
    }
    ended = true;
    await writing;
    await withDeadline(60_000, reading);
    const places = ids.map(placeName);
    problems.push(...differences("entries", places, [...new Set(seen)]));
    return {
      figures: { entries: ids.length, popped, "again though acked": again },
      problems: problems.slice(0, 10),
    };
  },
};

function placeName(entryId: string): string {
  return nameOf(placeIn(entryId)!);
}

async function withDeadline(deadlineMs: number, promise: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms`)), deadlineMs);
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** All of them. */
export const streamTrials: readonly ClusterTrial[] = [
  killedAfterAck,
  grown,
  pruned,
  bounded,
  large,
  many,
  mixed,
];
