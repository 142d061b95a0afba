/**
 * Commits what is acked in a group, soon after it is acked, many acks at a time.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../async/settles_within.ts";
import type { GroupConsumer } from "../kafka/consumer/group_consumer.ts";
import type { OffsetToCommit, RefusedCommit } from "../kafka/consumer/offset_commits.ts";
import type { OwnedPartition } from "./owned_partition.ts";

/** Acks of this time are committed together. */
const DELAY_MS = 200;
/** Pause between tries of a last commit. */
const RETRY_MS = 100;
/** Kafka's default of `offset.metadata.max.bytes`, which counts UTF-16 characters. */
const MAX_CHARACTERS = 4_096;
/** With less room, metadata says too little to be worth a try. */
const MIN_CHARACTERS = 64;
const TOO_LARGE = "OFFSET_METADATA_TOO_LARGE";

/** What is committed of a partition. */
type Snapshot = OffsetToCommit & { readonly owned: OwnedPartition };

const logger = getLogger(["rafka", "groups"]);

/** The commits of one group. */
export class GroupCommits {
  readonly #name: string;
  readonly #consumer: Pick<GroupConsumer, "commit">;
  /** Partitions with something to commit, and their topics. */
  readonly #dirty = new Map<OwnedPartition, string>();
  /** Kafka would accept their commits, and the new owner's would be overwritten. */
  readonly #forgotten = new WeakSet<OwnedPartition>();
  #maxCharacters = MAX_CHARACTERS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #committing = false;
  /** Why the last commit was refused; the same is logged once. */
  #refusal: string | undefined;

  /** Nothing is to be committed. */
  constructor(name: string, consumer: Pick<GroupConsumer, "commit">) {
    this.#name = name;
    this.#consumer = consumer;
  }

  /** Something of a partition is to be committed. */
  soon(topic: string, partition: OwnedPartition): void {
    if (this.#forgotten.has(partition)) return;
    this.#dirty.set(partition, topic);
    if (!this.#committing) this.#schedule();
  }

  /** Commits the last state of partitions that are given up, within `timeoutMs`; after that they are forgotten. */
  async last(partitions: readonly OwnedPartition[], timeoutMs: number): Promise<void> {
    await this.now(partitions, timeoutMs);
    for (const partition of partitions) this.forgetPartition(partition);
  }

  /** Commits what has changed of partitions, within `timeoutMs`; it is tried again while the group changes. */
  async now(partitions: readonly OwnedPartition[], timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    const isDirty = (): boolean => partitions.some((partition) => this.#dirty.has(partition));
    // a commit that is under way must not come later than that of the next owner
    for (let again = isDirty() || this.#committing; again; again = isDirty()) {
      const leftMs = deadline - performance.now();
      if (leftMs <= 0 || !await settlesWithin(this.#commit(partitions), leftMs)) break;
      if (isDirty()) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
    if (isDirty()) this.#logLate(partitions, timeoutMs);
  }

  /** Forgets a partition for ever: another member commits it now. */
  forgetPartition(partition: OwnedPartition): void {
    this.#dirty.delete(partition);
    this.#forgotten.add(partition);
  }

  /** Commits nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#dirty.clear();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(async () => {
      this.#timer = undefined;
      this.#committing = true;
      await this.#commit();
      this.#committing = false;
      if (this.#dirty.size > 0) this.#schedule();
    }, DELAY_MS);
  }

  /** Commits what has changed, of all partitions or of some; again at once with less metadata, where that is too large. */
  async #commit(only?: readonly OwnedPartition[]): Promise<void> {
    let snapshots: readonly Snapshot[] = [];
    const refused = await this.#consumer.commit(() => snapshots = this.#snapshots(only));
    if (refused.length === 0) {
      if (snapshots.length > 0) this.#refusal = undefined;
      return;
    }
    for (const { topic, owned } of snapshots) {
      const isRefused = refused.some((one) =>
        one.topic === topic && one.partition === owned.partition
      );
      if (isRefused && !this.#forgotten.has(owned)) this.#dirty.set(owned, topic);
    }
    if (this.#reduceMetadata(refused)) await this.#commit(only);
    else this.#log(refused);
  }

  #snapshots(only: readonly OwnedPartition[] | undefined): Snapshot[] {
    return [...this.#dirty].filter(([owned]) => only?.includes(owned) ?? true)
      .flatMap(([owned, topic]) => {
        this.#dirty.delete(owned);
        const state = owned.toCommit(this.#maxCharacters);
        if (!state) return [];
        const { offset, metadata } = state;
        return { owned, topic, partition: owned.partition, offset: BigInt(offset), metadata };
      });
  }

  /** Kafka refuses the offset, too, when its metadata is too large. */
  #reduceMetadata(refused: readonly RefusedCommit[]): boolean {
    if (!refused.some(({ error }) => error.codeName === TOO_LARGE)) return false;
    if (this.#maxCharacters === 0) return false;
    const half = this.#maxCharacters >> 1;
    this.#maxCharacters = half < MIN_CHARACTERS ? 0 : half;
    logger.warn(
      "Group {group}: offset.metadata.max.bytes of the broker is below {tried}: after a restart more is delivered " +
        "again than needed",
      { group: this.#name, tried: half * 2 },
    );
    return true;
  }

  #logLate(partitions: readonly OwnedPartition[], timeoutMs: number): void {
    logger.warn(
      "Group {group}: acks of {count} partitions are not committed after {timeoutMs} ms; if another member gets them, " +
        "their messages are delivered again",
      {
        group: this.#name,
        timeoutMs,
        count: partitions.filter((partition) => this.#dirty.has(partition)).length,
      },
    );
  }

  #log(refused: readonly RefusedCommit[]): void {
    const { error, topic, partition } = refused[0]!;
    if (this.#refusal === error.codeName) return;
    this.#refusal = error.codeName;
    logger.warn(
      "Group {group} could not commit {topic}[{partition}]: {error}; it is tried again",
      { group: this.#name, topic, partition, error: error.message },
    );
  }
}
