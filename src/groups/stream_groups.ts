/**
 * The stream groups of a gateway: one Kafka consumer for each group.id, however many topics and workers it has.
 *
 * @module
 */

import type { Cluster } from "../kafka/cluster.ts";
import { KafkaError } from "../kafka/client/error.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import { decodeProgress } from "./commit_metadata.ts";
import { LiveGroup, type LiveGroupParts } from "./live_group.ts";
import type { StreamGroup } from "./stream_group.ts";
import { placeOf, type StreamId } from "./stream_id.ts";
import { waitIn } from "./waiting_callers.ts";

/** Where a new group begins: at the end, or behind this id (`0-0` for the first entry). */
export type GroupStart = "end" | StreamId;

/** What stream groups need. */
export interface StreamGroupsParts
  extends Pick<LiveGroupParts, "settings" | "counters" | "readAgain"> {
  /** The Kafka cluster. */
  readonly cluster: Cluster;
}

/** How long the first use of a group waits for its partitions. */
const JOIN_MS = 3_000;
/** How often groups are looked for that nobody uses. */
const IDLE_CHECK_MS = 1_000;

/** All stream groups of a gateway. */
export class StreamGroups {
  readonly #parts: StreamGroupsParts;
  readonly #live = new Map<string, LiveGroup>();
  readonly #opening = new Map<string, Promise<StreamGroup | undefined>>();
  #idleCheck: ReturnType<typeof setInterval> | undefined;

  /** No groups yet. */
  constructor(parts: StreamGroupsParts) {
    this.#parts = parts;
  }

  /**
   * The group, if it is in use here; else undefined, also where Kafka has it.
   */
  known(name: string, topic: string): StreamGroup | undefined {
    const live = this.#live.get(name);
    return live?.ending ? undefined : live?.topics.get(topic);
  }

  /**
   * The group, which joins Kafka's on first use.
   *
   * @returns undefined when there is no such topic, or Kafka's group has no offsets of the topic
   * @throws {KafkaError} when Kafka does not answer, or there are too many groups
   */
  open(name: string, topic: string): Promise<StreamGroup | undefined> {
    const key = `${topic}:${name}`;
    let opening = this.#opening.get(key);
    if (!opening) {
      opening = this.#open(name, topic).finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return opening;
  }

  /**
   * XGROUP CREATE: commits the initial offsets.
   *
   * @returns "exists" when it does, "no topic" when there is none (and it is not to be created)
   */
  async create(
    name: string,
    topic: string,
    start: GroupStart,
    { makeTopic }: { readonly makeTopic: boolean },
  ): Promise<"created" | "exists" | "no topic"> {
    const { admin } = this.#parts.cluster;
    let partitions = await admin.partitionsOf(topic);
    if (partitions === undefined) {
      if (!makeTopic) return "no topic";
      await admin.createTopic(topic);
      partitions = await admin.partitionsOf(topic);
      if (partitions === undefined) return "no topic";
    }
    if ((await admin.listGroupOffsets(name, topic)).length > 0) return "exists";
    await admin.alterGroupOffsets(name, await this.#startOffsets(topic, partitions, start));
    return "created";
  }

  /** XGROUP SETID; what is pending stays pending. */
  setId(
    _name: string,
    _topic: string,
    _start: GroupStart,
  ): Promise<"set" | "no topic" | "no group"> {
    throw new Error("not made yet");
  }

  /** XGROUP DESTROY; returns "no group" when there is none. */
  destroy(_name: string, _topic: string): Promise<"destroyed" | "no topic" | "no group"> {
    throw new Error("not made yet");
  }

  /** The groups that Kafka has offsets of, for this topic, in the order of their names; undefined without a topic. */
  ofTopic(_topic: string): Promise<StreamGroup[] | undefined> {
    throw new Error("not made yet");
  }

  /**
   * Waits until one of the groups may have entries. Callers of one group are woken in the order in which they came.
   *
   * @throws the reason of `signal`
   */
  async wait(
    groups: readonly StreamGroup[],
    timeoutMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    if (groups.some((group) => group.isReady())) return signal.throwIfAborted();
    await waitIn(groups.map(({ waiting }) => waiting), timeoutMs, signal);
  }

  /** Commits acks and leaves all groups. */
  async close(signal: AbortSignal): Promise<void> {
    clearInterval(this.#idleCheck);
    const live = [...this.#live.values()];
    this.#live.clear();
    await Promise.all(live.map((group) => group.close(this.#endError(group.name), signal)));
  }

  async #open(name: string, topic: string): Promise<StreamGroup | undefined> {
    const known = this.known(name, topic);
    if (known) return known;
    const committed = await this.#parts.cluster.admin.listGroupOffsets(name, topic);
    if (committed.length === 0) return undefined;
    return await this.#liveGroup(name).use(topic, JOIN_MS);
  }

  #liveGroup(name: string): LiveGroup {
    const known = this.#live.get(name);
    if (known && !known.ending) return known;
    const { cluster, settings } = this.#parts;
    if (this.#live.size >= settings.maxGroups) {
      throw new KafkaError(
        `This gateway is in ${this.#live.size} stream groups, as many as server.streams.maxGroups allows`,
        -186,
        "_INVALID_ARG",
      );
    }
    const live = new LiveGroup(name, {
      ...this.#parts,
      admin: cluster.admin,
      describe: (group) => this.#describe(group),
      newConsumer: (groupId, owner) => cluster.newGroupConsumer(groupId, owner),
    });
    this.#live.set(name, live);
    this.#idleCheck ??= setInterval(() => this.#leaveIdle(), IDLE_CHECK_MS);
    return live;
  }

  #leaveIdle(): void {
    const { groupIdleMs } = this.#parts.settings;
    for (const [name, live] of this.#live) {
      const idleMs = performance.now() - live.askedAtMs;
      if (idleMs < groupIdleMs || live.isWaitedFor) continue;
      this.#live.delete(name);
      void live.close(this.#endError(name));
    }
    if (this.#live.size > 0) return;
    clearInterval(this.#idleCheck);
    this.#idleCheck = undefined;
  }

  #endError(name: string): KafkaError {
    return new KafkaError(`Group ${name} is not in use here any more`, 69, "GROUP_ID_NOT_FOUND");
  }

  async #startOffsets(
    topic: string,
    partitions: number,
    start: GroupStart,
  ): Promise<CommittedOffset[]> {
    const { admin } = this.#parts.cluster;
    const [low, high] = await Promise.all([
      admin.listOffsets(topic, partitions, "earliest"),
      admin.listOffsets(topic, partitions, "latest"),
    ]);
    const behind = start === "end" ? undefined : placeOf(start);
    return Array.from({ length: partitions }, (_, partition) => {
      const offset = start === "end"
        ? high[partition]!
        : behind!.partition === partition && start.ms > 0
        ? behind!.offset + 1n
        : low[partition]!;
      return { topic, partition, offset };
    });
  }

  async #describe(
    group: StreamGroup,
  ): Promise<
    { entriesRead: number | undefined; lag: number | undefined; lastDelivered: StreamId }
  > {
    const { lastDelivered } = group;
    const { admin } = this.#parts.cluster;
    try {
      const partitions = await admin.partitionsOf(group.topic) ?? 0;
      const [high, committed] = await Promise.all([
        admin.listOffsets(group.topic, partitions, "latest"),
        admin.listGroupOffsets(group.name, group.topic),
      ]);
      let lag = 0;
      for (let number = 0; number < partitions; number++) {
        const end = Number(high[number] ?? 0n);
        const owned = group.partitions.get(number);
        if (owned) {
          lag += owned.unfinishedBefore(end);
          continue;
        }
        const commit = committed.find(({ partition }) => partition === number);
        const offset = Number(commit?.offset ?? 0n);
        const { runs } = decodeProgress(offset, commit?.metadata ?? "");
        const acked = runs.filter((_, at) => at % 2 === 1).reduce((sum, run) => sum + run, 0);
        lag += Math.max(0, end - offset - acked);
      }
      return { entriesRead: undefined, lag, lastDelivered };
    } catch (error) {
      if (!(error instanceof KafkaError)) throw error;
      return { entriesRead: undefined, lag: undefined, lastDelivered };
    }
  }
}
