/**
 * Who else may be in the Kafka group of a stream: workers of another gateway, BLPOP workers, consumers that know nothing
 * of Rafka. Partitions move between all of them; what one has acked, no other gets.
 *
 * @module
 */
import { ack } from "../support/kafka.ts";
import type { Program } from "../support/program.ts";
import type { Cluster } from "./cluster.ts";
import type { ClusterTrial, EnduranceOutcome } from "./endurance.ts";
import { pause } from "./load.ts";
import { NativeConsumer } from "./native_consumer.ts";
import { StreamClient } from "./stream_client.ts";
import { keepLogs, newTopic, numbered, startGateway } from "./stream_gateway.ts";
import { nameOf } from "./stream_handouts.ts";
import { placeIn } from "./stream_replies.ts";

const PARTITIONS = 6;
const ADDED_AT_A_TIME = 10;
/** How long a guest is there, and how long it is away before the next one comes. */
const GUEST_MS = 8_000;
const AWAY_MS = 6_000;
/** A gateway without workers leaves the group, so that the others get its partitions. */
const GROUP_IDLE_MS = 2_000;
const END_DEADLINE_MS = 60_000;
/** So many messages kcat takes, some seconds' worth of its partitions. */
const OF_NATIVE = 100;

/** What the members have got, and what is wrong with it. */
class Handouts {
  readonly problems: string[] = [];
  /** Who was given a message last, and when, by `[partition]@offset`. */
  readonly #seen = new Map<string, string>();
  /** How many each kind of member has had. */
  readonly counts = new Map<string, number>();
  /** Handed out again though kcat had it: it had not committed that when it lost the partition. */
  againAfterNative = 0;
  readonly #acked = new Map<string, { readonly member: string; readonly atMs: number }>();

  /** A member was given a message. */
  got(member: string, place: string): void {
    this.#seen.set(place, `${member} at ${new Date().toISOString()}`);
    this.counts.set(member, (this.counts.get(member) ?? 0) + 1);
    const before = this.#acked.get(place);
    if (!before) return;
    if (before.member === NATIVE) {
      this.againAfterNative++;
      return;
    }
    const ago = Math.round(performance.now() - before.atMs);
    const when = `acked by ${before.member} ${ago} ms before ${new Date().toISOString()}`;
    this.problems.push(`${member} got ${place}, ${when}`);
  }

  /** What nobody was given, with who had its neighbours. */
  lost(places: readonly string[]): string[] {
    return places.filter((place) => !this.#seen.has(place)).map((place) => {
      const [, partition, offset] = /^\[(\d+)\]@(\d+)$/.exec(place)!;
      const near = [-2, -1, 1, 2].map((by) => Number(offset) + by)
        .map((at) => `${at}: ${this.#seen.get(`[${partition}]@${at}`) ?? "nobody"}`);
      return `nobody got ${place} (${near.join(", ")})`;
    });
  }

  /** Its ack was answered with 1. */
  acked(member: string, place: string): void {
    this.#acked.set(place, { member, atMs: performance.now() });
  }
}

const NATIVE = "kcat";

/** Where a guest is, and when it has to leave. */
interface Visit {
  readonly cluster: Cluster;
  readonly gateway: Program;
  readonly topic: string;
  readonly group: string;
  readonly handouts: Handouts;
  readonly endMs: number;
}

/** A member that joins, and leaves: its name for the table. */
const GUESTS: { readonly [name: string]: (visit: Visit) => Promise<void> } = {
  "BLPOP worker": async ({ gateway, topic, group, handouts, endMs }) => {
    using client = await gateway.connect();
    await client.ask("CLIENT", "SETNAME", `${group}:pops`);
    while (performance.now() < endMs) {
      const message = await client.pop(`topics:${topic}`, 1);
      if (!message) continue;
      handouts.got("BLPOP worker", nameOf(message));
      if (await ack(client, message) === ":1\r\n") handouts.acked("BLPOP worker", nameOf(message));
    }
    await client.ask("QUIT");
  },
  "second gateway": async ({ gateway, topic, group, handouts, endMs }) => {
    using client = await StreamClient.connect(gateway.port, topic, group, "second");
    while (performance.now() < endMs) await readOnce(client, "second gateway", handouts);
  },
  [NATIVE]: async ({ cluster, topic, group, handouts }) => {
    const { bootstrapServers } = cluster;
    await using member = new NativeConsumer(
      bootstrapServers,
      group,
      topic,
      OF_NATIVE,
      (message) => {
        handouts.got(NATIVE, nameOf(message));
        handouts.acked(NATIVE, nameOf(message));
      },
    );
    await withDeadline(END_DEADLINE_MS, member.left());
  },
};

/** Reads some entries and acks each; how many there were. */
async function readOnce(client: StreamClient, member: string, handouts: Handouts): Promise<number> {
  const entries = await client.read(10, 500);
  for (const entry of entries) {
    const place = nameOf(placeIn(entry.entryId)!);
    handouts.got(member, place);
    if (await client.ack([entry]) === 1) handouts.acked(member, place);
  }
  return entries.length;
}

/** Each of them alone, one after the other, then all at once. */
async function visitAll(visit: Omit<Visit, "endMs">): Promise<void> {
  const visitOf = (): Visit => ({ ...visit, endMs: performance.now() + GUEST_MS });
  for (const come of Object.values(GUESTS)) {
    await come(visitOf());
    await pause(AWAY_MS);
  }
  await Promise.all(Object.values(GUESTS).map((come) => come(visitOf())));
  await pause(AWAY_MS);
}

/** Other members of the same Kafka group. */
export const streamMembers: ClusterTrial = {
  name: "stream-members",
  what: "BLPOP workers, workers of a second gateway and kcat join the group of a stream, and leave",
  short: false,
  async run(cluster: Cluster, full: boolean): Promise<EnduranceOutcome> {
    const handouts = new Handouts();
    const topic = await newTopic(cluster, "members", PARTITIONS);
    const config = { server: { streams: { groupIdleMs: GROUP_IDLE_MS } } };
    await using first = await startGateway(cluster, config);
    await using second = await startGateway(cluster, config);
    using writer = await StreamClient.connect(first.port, topic, undefined, "writer");
    using reader = await StreamClient.connect(first.port, topic);
    await writer.create();
    const places: string[] = [];
    let endedMs = Infinity;
    const write = async (): Promise<void> => {
      while (endedMs === Infinity) {
        const ids = await writer.add(numbered(ADDED_AT_A_TIME));
        places.push(...ids.map((id) => nameOf(placeIn(id)!)));
      }
    };
    const read = async (): Promise<void> => {
      while (performance.now() < endedMs + END_DEADLINE_MS) {
        const count = await readOnce(reader, "worker", handouts);
        if (endedMs < Infinity && count === 0 && await reader.lag() === 0) return;
      }
      throw new Error(`the lag is ${await reader.lag()} ${END_DEADLINE_MS} ms after the end`);
    };
    const receive = async (): Promise<void> => {
      for (let round = 0; round < (full ? 2 : 1); round++) {
        await visitAll({ cluster, gateway: second, topic, group: reader.group, handouts });
      }
      endedMs = performance.now();
    };
    await Promise.all([write(), read(), receive()]);
    const { problems, counts, againAfterNative } = handouts;
    for (const member of Object.keys(GUESTS)) {
      if (!counts.has(member)) problems.push(`a ${member} has got nothing`);
    }
    problems.push(...handouts.lost(places));
    await keepLogs(problems, first, second);
    return {
      figures: {
        entries: places.length,
        ...Object.fromEntries([...counts].map(([member, count]) => [`of a ${member}`, count])),
        "again after kcat": againAfterNative,
      },
      problems: problems.slice(0, 10),
    };
  },
};

async function withDeadline(deadlineMs: number, promise: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${deadlineMs} ms`)), deadlineMs);
  await Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
