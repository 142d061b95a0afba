/**
 * The stream groups of a gateway: one Kafka consumer for each group.id, however many topics and workers it has.
 *
 * @module
 */

import { OTHER } from "../telemetry/counter_family.ts";
import type { CommittedOffset } from "../kafka/client/group_admin.ts";
import type { Cluster } from "../kafka/cluster.ts";
import { groupEnded, hasOtherMembers, tooManyGroups } from "../kafka/consumer/group_errors.ts";
import { ColdGroup } from "./cold_group.ts";
import { ConsumerOwner } from "./consumer_owner.ts";
import type { EmbeddedGroups } from "./embedded_groups.ts";
import { GroupOffsets, type GroupStart, isKafkaError } from "./group_offsets.ts";
import { LiveGroup, type LiveGroupParts } from "./live_group.ts";
import { NONE } from "./pending_entries.ts";
import { streamPartitions } from "../streams/partition_counts.ts";
import { MIN_ID, type RecordPlace } from "../streams/stream_id.ts";
import { StreamGroup } from "./stream_group.ts";
import { waitIn } from "./waiting_callers.ts";

export type { GroupStart };

/** What stream groups need. */
export interface StreamGroupsParts
  extends Pick<LiveGroupParts, "settings" | "counters" | "readAgain"> {
  /** The Kafka cluster. */
  readonly cluster: Cluster;
  /** Makes the consumers, and makes them leave. */
  readonly consumers: ConsumerOwner;
  /** The groups of the embedded Kafka. */
  readonly embedded: EmbeddedGroups;
}

/** How long the first use of a group waits for its partitions. */
const JOIN_MS = 3_000;
/** How long Kafka may take to hear that a topic is given up. */
const UNSUBSCRIBE_MS = 5_000;
/** How long the first offsets of a group are refused at most, because its members come or go. */
const COMMIT_MS = 5_000;
const RETRY_MS = 100;
/** How often groups are looked for that nobody uses. */
const IDLE_CHECK_MS = 1_000;

/** What a group has to deliver of a topic. */
export interface Undelivered {
  /** The next offset of each partition. */
  readonly positions: ReadonlyMap<number, number>;
  /** Messages before it that were given back. */
  readonly again: readonly RecordPlace[];
}

/** All stream groups of a gateway. */
export class StreamGroups {
  readonly #parts: StreamGroupsParts;
  readonly #offsets: GroupOffsets;
  readonly #live = new Map<string, LiveGroup>();
  readonly #opening = new Map<string, Promise<StreamGroup | undefined>>();
  readonly #creating = new Map<string, Promise<unknown>>();
  #idleCheck: ReturnType<typeof setInterval> | undefined;
  #closed = false;

  /** No groups yet. */
  constructor(parts: StreamGroupsParts) {
    this.#parts = parts;
    this.#offsets = new GroupOffsets(parts.cluster, parts.embedded);
  }

  /** The groups that this gateway is a member of, in the order of their names. */
  get live(): LiveGroup[] {
    return [...this.#live.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  /**
   * The group, if it is in use here; else undefined, also where Kafka has it.
   */
  known(name: string, topic: string): StreamGroup | undefined {
    return this.#live.get(name)?.find(topic);
  }

  /**
   * The group, which is not joined for it: where it is not in use here, it has no entries and no consumers.
   *
   * @returns undefined when there is no such topic, or Kafka's group has no offsets of the topic
   * @throws {KafkaError} when Kafka does not answer
   */
  async find(name: string, topic: string): Promise<StreamGroup | undefined> {
    const known = this.known(name, topic);
    if (known) return known;
    return await this.#offsets.exists(name, topic) ? this.#coldGroup(name, topic) : undefined;
  }

  /**
   * What a group has to deliver, as far as it is known here: of partitions elsewhere as of their last commits. undefined
   * when Kafka's group has no offsets of the topic.
   *
   * @throws {KafkaError} when Kafka does not answer
   */
  async undelivered(name: string, topic: string): Promise<Undelivered | undefined> {
    const committed = await this.#offsets.committed(name, topic);
    const owned = [...this.known(name, topic)?.partitions.values() ?? []];
    if (committed.length + owned.length === 0) return undefined;
    const positions = new Map([
      ...committed.map(({ partition, offset }) => [partition, Number(offset)] as const),
      ...owned.filter(({ position }) => position !== NONE)
        .map(({ partition, position }) => [partition, position] as const),
    ]);
    return { positions, again: owned.flatMap((partition) => partition.undeliveredBefore()) };
  }

  /**
   * The group, which joins Kafka's on first use.
   *
   * @returns undefined when there is no such topic, or Kafka's group has no offsets of the topic
   * @throws {KafkaError} when Kafka does not answer, or there are too many groups
   */
  open(name: string, topic: string): Promise<StreamGroup | undefined> {
    return this.#share(`${topic}:${name}`, () => this.#open(name, topic));
  }

  /**
   * The same; a group that is new begins with the first message.
   *
   * @returns undefined when there is no such topic
   * @throws {KafkaError} when Kafka does not answer, or there are too many groups
   */
  openOrCreate(name: string, topic: string): Promise<StreamGroup | undefined> {
    return this.#share(`+${topic}:${name}`, async () => {
      const opened = await this.open(name, topic);
      if (opened) return opened;
      const created = await this.create(name, topic, MIN_ID, { makeTopic: false });
      return created === "no topic" ? undefined : await this.open(name, topic);
    });
  }

  /** Simultaneous callers share what is opened. */
  #share(
    key: string,
    open: () => Promise<StreamGroup | undefined>,
  ): Promise<StreamGroup | undefined> {
    let opening = this.#opening.get(key);
    if (!opening) {
      opening = open().finally(() => this.#opening.delete(key));
      this.#opening.set(key, opening);
    }
    return opening;
  }

  /**
   * XGROUP CREATE: commits the initial offsets.
   *
   * @returns "exists" when it does, "no topic" when there is none (and it is not to be created)
   * @throws {KafkaError} when Kafka refuses
   */
  create(
    name: string,
    topic: string,
    start: GroupStart,
    options: { readonly makeTopic: boolean },
  ): Promise<"created" | "exists" | "no topic"> {
    // one after the other: only the first of several makes it, and the others do not commit its start again
    const key = `${topic}:${name}`;
    const earlier = this.#creating.get(key) ?? Promise.resolve();
    const create = () => this.#create(name, topic, start, options);
    const creating = earlier.then(create, create)
      .finally(() => this.#creating.get(key) === creating && this.#creating.delete(key));
    this.#creating.set(key, creating);
    return creating;
  }

  async #create(
    name: string,
    topic: string,
    start: GroupStart,
    { makeTopic }: { readonly makeTopic: boolean },
  ): Promise<"created" | "exists" | "no topic"> {
    const { admin } = this.#parts.cluster;
    let partitions = await streamPartitions(admin, topic);
    if (partitions === undefined && makeTopic) {
      await admin.createTopic(topic);
      partitions = await streamPartitions(admin, topic);
    }
    if (partitions === undefined) return "no topic";
    if (await this.#exists(name, topic)) return "exists";
    const offsets = await this.#offsets.startOffsets(topic, partitions, start);
    await this.#commitStart(name, topic, offsets);
    this.#offsets.created(name, topic);
    return "created";
  }

  /**
   * Kafka takes the offsets of a group without members from anybody, of others from a member. While members come or go,
   * as after XGROUP DESTROY, it refuses both: whether there are any is asked again then.
   */
  async #commitStart(
    name: string,
    topic: string,
    offsets: readonly CommittedOffset[],
  ): Promise<void> {
    const deadlineMs = performance.now() + COMMIT_MS;
    let member = this.#live.get(name);
    while (!await this.#offsets.commit(name, offsets)) {
      try {
        if (member) return await member.commit(offsets);
        return await this.#parts.consumers.commitAsMember(name, topic, offsets);
      } catch (error) {
        if (!isOvertaken(error) || performance.now() > deadlineMs) throw error;
      }
      member = undefined; // it may have to join again, which each refusal would begin anew
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  /**
   * XGROUP SETID; what is pending stays pending.
   *
   * @throws {KafkaError} when Kafka refuses, or when a member elsewhere has partitions of the topic
   */
  async setId(
    name: string,
    topic: string,
    start: GroupStart,
  ): Promise<"set" | "no topic" | "no group"> {
    const partitions = await streamPartitions(this.#parts.cluster.admin, topic);
    if (partitions === undefined) return "no topic";
    if (!await this.#exists(name, topic)) return "no group";
    const offsets = await this.#offsets.startOffsets(topic, partitions, start);
    const live = this.#live.get(name);
    const isSet = live?.topics.has(topic)
      ? await live.moveTo(topic, offsets)
      : await this.#offsets.commit(name, offsets);
    if (!isSet) throw hasOtherMembers(name, topic);
    return "set";
  }

  /**
   * XGROUP DESTROY; returns "no group" when there is none.
   *
   * @throws {KafkaError} when Kafka refuses: a member elsewhere consumes the topic
   */
  async destroy(name: string, topic: string): Promise<"destroyed" | "no topic" | "no group"> {
    if (await streamPartitions(this.#parts.cluster.admin, topic) === undefined) return "no topic";
    if (!await this.#exists(name, topic)) return "no group";
    const live = this.#live.get(name);
    const isLive = live?.topics.has(topic) ?? false;
    live?.drop(topic);
    if (live?.topics.size === 0) await this.#leave(live);
    // Kafka hears with the next rebalance that the topic is not subscribed to any more
    await this.#offsets.delete(name, topic, isLive ? UNSUBSCRIBE_MS : 0);
    return "destroyed";
  }

  /**
   * The groups of a topic, in the order of their names: those that Kafka has offsets of, and those that read it here, which
   * have no offsets of a topic that was made again until their first commit. undefined without a topic.
   */
  async ofTopic(topic: string): Promise<StreamGroup[] | undefined> {
    if (await streamPartitions(this.#parts.cluster.admin, topic) === undefined) return undefined;
    const used = this.live.filter((live) => live.find(topic)).map(({ name }) => name);
    const names = new Set([...await this.#offsets.groupsOf(topic), ...used]);
    return [...names].sort().map((name) => this.known(name, topic) ?? this.#coldGroup(name, topic));
  }

  /** Counts acks of entries of a group that is not in use here: they are not pending, at least not here. */
  strayAcks(count: number): void {
    this.#parts.counters.refusedAcks.of(OTHER, OTHER).total += count;
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

  /** Commits acks and leaves all groups, as far as that is done before the abort of `signal`. */
  async close(signal: AbortSignal): Promise<void> {
    this.#closed = true;
    const live = this.live;
    this.#live.clear();
    this.#stopIdleCheck();
    await Promise.all(live.map((group) => group.close(signal)));
  }

  async #open(name: string, topic: string): Promise<StreamGroup | undefined> {
    const known = this.known(name, topic);
    if (known) return known;
    await streamPartitions(this.#parts.cluster.admin, topic); // one that has too many is not joined
    const committed = await this.#offsets.committed(name, topic);
    if (committed.length === 0) return undefined;
    const group = await this.#join(name, committed.length).use(topic, JOIN_MS);
    return group.ended && !await this.#exists(name, topic) ? undefined : group;
  }

  #coldGroup(name: string, topic: string): StreamGroup {
    return new StreamGroup(new ColdGroup(name, this.#offsets, this.#parts.readAgain), topic);
  }

  /** It is in use here, or Kafka has offsets of it. */
  async #exists(name: string, topic: string): Promise<boolean> {
    return this.known(name, topic) !== undefined || await this.#offsets.exists(name, topic);
  }

  #join(name: string, partitions: number): LiveGroup {
    const known = this.#live.get(name);
    if (known) return known;
    const { settings: { maxGroups } } = this.#parts;
    if (this.#closed) throw groupEnded(name);
    if (this.#live.size >= maxGroups) throw tooManyGroups(maxGroups);
    const live = new LiveGroup(name, {
      ...this.#parts,
      offsets: this.#offsets,
      partitions,
      onBroken: (live, error) => {
        live.end(error);
        void this.#leave(live);
      },
    });
    this.#live.set(name, live);
    this.#idleCheck ??= setInterval(() => this.#leaveIdle(), IDLE_CHECK_MS);
    return live;
  }

  #leaveIdle(): void {
    const { groupIdleMs } = this.#parts.settings;
    for (const live of this.#live.values()) {
      if (live.idleMs > groupIdleMs) void this.#leave(live);
      else live.retireIdle(groupIdleMs);
    }
  }

  async #leave(live: LiveGroup): Promise<void> {
    if (live.ending) return;
    if (this.#live.get(live.name) === live) this.#live.delete(live.name);
    if (this.#live.size === 0) this.#stopIdleCheck();
    await this.#parts.consumers.leave(live);
  }

  #stopIdleCheck(): void {
    clearInterval(this.#idleCheck);
    this.#idleCheck = undefined;
  }
}

/** Kafka has refused a commit because the group has changed since its member has joined. */
function isOvertaken(error: unknown): boolean {
  return ["UNKNOWN_MEMBER_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS"]
    .some((codeName) => isKafkaError(error, codeName));
}
