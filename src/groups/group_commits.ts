/**
 * Commits what is acked in a group, soon after it is acked, many acks at a time.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { settlesWithin } from "../async/settles_within.ts";
import type { GroupConsumer } from "../kafka/consumer/group_consumer.ts";
import type { OffsetToCommit, RefusedCommit } from "../kafka/consumer/offset_commits.ts";
import type { CommitText } from "./partition_starts.ts";
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

/** Runs something after so many milliseconds; returns what cancels it. */
export type Later = (run: () => void | Promise<void>, delayMs: number) => () => void;

const logger = getLogger(["rafka", "groups"]);

/** The commits of one group. */
export class GroupCommits {
  readonly #name: string;
  readonly #consumer: Pick<GroupConsumer, "commit">;
  /** Partitions with something to commit, and their topics. */
  readonly #dirty = new Map<OwnedPartition, string>();
  /** Kafka would accept their commits, and the new owner's would be overwritten. */
  readonly #forgotten = new WeakSet<OwnedPartition>();
  /** Partitions that are not assigned at the moment, and their topics. */
  readonly #held = new Map<OwnedPartition, string>();
  /** What Kafka has of each partition; missing where that is not certain. */
  readonly #committed = new WeakMap<OwnedPartition, CommitText | undefined>();
  #maxCharacters = MAX_CHARACTERS;
  readonly #later: Later;
  #cancel: (() => void) | undefined;
  #committing = false;
  /** Why the last commit was refused; the same is logged once. */
  #refusal: string | undefined;

  /** Nothing is to be committed. */
  constructor(name: string, consumer: Pick<GroupConsumer, "commit">, later: Later = afterDelay) {
    this.#name = name;
    this.#later = later;
    this.#consumer = consumer;
  }

  /** Something of a partition is to be committed. */
  soon(topic: string, partition: OwnedPartition): void {
    if (this.#forgotten.has(partition) || this.#held.has(partition)) return;
    this.#dirty.set(partition, topic);
    if (!this.#committing) this.#schedule();
  }

  /** A partition is assigned, with this commit. */
  begin(partition: OwnedPartition, committed: CommitText | undefined): void {
    this.#committed.set(partition, committed);
  }

  /** Whether Kafka still has the last commit of a partition: nobody else has committed anything. */
  isLast(partition: OwnedPartition, committed: CommitText | undefined): boolean {
    const last = this.#committed.get(partition);
    return this.#committed.has(partition) && last?.offset === committed?.offset &&
      last?.metadata === committed?.metadata;
  }

  /** Commits nothing of a partition until `release`. */
  hold(partition: OwnedPartition, topic: string): void {
    this.#dirty.delete(partition);
    this.#held.set(partition, topic);
  }

  /** The partition is assigned again. */
  release(partition: OwnedPartition): void {
    const topic = this.#held.get(partition);
    this.#held.delete(partition);
    if (topic !== undefined) this.soon(topic, partition);
  }

  /** Commits what has changed of partitions, within `timeoutMs`; it is tried again while the group changes. */
  async now(partitions: readonly OwnedPartition[], timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    let refused = false;
    do {
      if (refused) await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      const isDirty = partitions.some((partition) => this.#dirty.has(partition));
      // a commit that is under way must not come later than that of the next owner
      if (!isDirty && !this.#committing) return;
      const leftMs = Math.max(0, deadline - performance.now());
      const committing = this.#commit(partitions).then((isCommitted) => refused = !isCommitted);
      if (!await settlesWithin(committing, leftMs)) refused = true;
    } while (refused && performance.now() < deadline);
    if (refused) this.#logLate(partitions, timeoutMs);
  }

  /** Forgets a partition for ever: another member commits it now. */
  forget(partition: OwnedPartition): void {
    this.#dirty.delete(partition);
    this.#held.delete(partition);
    this.#forgotten.add(partition);
  }

  /** Commits nothing more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#dirty.clear();
  }

  #schedule(): void {
    this.#cancel ??= this.#later(async () => {
      this.#cancel = undefined;
      this.#committing = true;
      await this.#commit();
      this.#committing = false;
      if (this.#dirty.size > 0) this.#schedule();
    }, DELAY_MS);
  }

  /**
   * Commits what has changed, of all partitions or of some; again at once with less metadata, where that is too large.
   *
   * @returns whether all of it is committed
   */
  async #commit(only?: readonly OwnedPartition[]): Promise<boolean> {
    let snapshots: readonly Snapshot[] = [];
    const refused = await this.#consumer.commit(() => snapshots = this.#snapshots(only));
    for (const { topic, owned, offset, metadata } of snapshots) {
      const isRefused = refused.some((one) =>
        one.topic === topic && one.partition === owned.partition
      );
      if (!isRefused) this.#committed.set(owned, { offset, metadata });
      else if (!this.#forgotten.has(owned)) this.#dirty.set(owned, topic);
    }
    if (refused.length === 0) {
      this.#refusal = undefined;
      return true;
    }
    if (this.#reduceMetadata(refused)) return await this.#commit(only);
    this.#log(refused);
    return false;
  }

  #snapshots(only: readonly OwnedPartition[] | undefined): Snapshot[] {
    return [...this.#dirty].filter(([owned]) => only?.includes(owned) ?? true)
      .flatMap(([owned, topic]) => {
        this.#dirty.delete(owned);
        const state = owned.toCommit(this.#maxCharacters);
        if (!state) return [];
        this.#committed.delete(owned); // not known until Kafka answers
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

function afterDelay(run: () => void | Promise<void>, delayMs: number): () => void {
  const timer = setTimeout(run, delayMs);
  return () => clearTimeout(timer);
}
