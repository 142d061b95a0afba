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
/** Kafka's default of `offset.metadata.max.bytes`, which counts UTF-16 characters. */
const MAX_CHARACTERS = 4_096;
/** `rd_kafka_resp_err_t`: the broker takes less metadata. */
const OFFSET_METADATA_TOO_LARGE = 12;

interface Dirty {
  readonly topic: string;
  readonly partition: OwnedPartition;
}

const logger = getLogger(["rafka", "groups"]);

/** The commits of one group. */
export class GroupCommits {
  readonly #name: string;
  readonly #consumer: Pick<GroupConsumer, "commit">;
  /** Partitions with something to commit. */
  readonly #dirty = new Map<OwnedPartition, string>();
  #maxCharacters = MAX_CHARACTERS;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #committing = false;
  /** Why the last commit was refused; it is logged once. */
  #refusal: string | undefined;

  /** Nothing is to be committed. */
  constructor(name: string, consumer: Pick<GroupConsumer, "commit">) {
    this.#name = name;
    this.#consumer = consumer;
  }

  /** Something of a partition is to be committed. */
  soon(topic: string, partition: OwnedPartition): void {
    this.#dirty.set(partition, topic);
    if (this.#committing) return; // it is looked at again then
    this.#timer ??= setTimeout(() => void this.#commit(), DELAY_MS);
  }

  /** Commits the last state of partitions that are given up; takes at most `timeoutMs`. */
  async last(partitions: readonly Dirty[], timeoutMs: number): Promise<void> {
    const dirty = partitions.filter(({ partition }) => this.#dirty.has(partition));
    if (dirty.length === 0) return;
    await settlesWithin(this.#commitAll(() => dirty), timeoutMs);
  }

  /** Forgets a partition: another member commits it now. */
  forget(_topic: string, partition: OwnedPartition): void {
    this.#dirty.delete(partition);
  }

  /** Commits nothing more. */
  close(): void {
    clearTimeout(this.#timer);
    this.#dirty.clear();
  }

  async #commit(): Promise<void> {
    this.#timer = undefined;
    this.#committing = true;
    await this.#commitAll(() =>
      [...this.#dirty].map(([partition, topic]) => ({ topic, partition }))
    );
    this.#committing = false;
    if (this.#dirty.size > 0) this.#timer ??= setTimeout(() => void this.#commit(), DELAY_MS);
  }

  /** Commits once more without delay where the metadata was too large. */
  async #commitAll(current: () => readonly Dirty[]): Promise<void> {
    let committed: readonly Dirty[] = [];
    const refused = await this.#consumer.commit(() => {
      committed = current();
      for (const { partition } of committed) this.#dirty.delete(partition);
      return committed.flatMap((dirty) => this.#toCommit(dirty) ?? []);
    });
    if (refused.length === 0) {
      this.#refusal = undefined;
      return;
    }
    const again = committed.filter(({ topic, partition }) => isAmong(refused, topic, partition));
    for (const { topic, partition } of again) this.#dirty.set(partition, topic);
    const isTooLarge = refused.some(({ error }) => error.code === OFFSET_METADATA_TOO_LARGE);
    if (isTooLarge && this.#maxCharacters > 0) {
      this.#maxCharacters = this.#maxCharacters > 64 ? this.#maxCharacters >> 1 : 0;
      return await this.#commitAll(() =>
        again.filter(({ partition }) => this.#dirty.has(partition))
      );
    }
    this.#log(refused);
  }

  #toCommit({ topic, partition }: Dirty): OffsetToCommit | undefined {
    const state = partition.toCommit(this.#maxCharacters);
    if (!state) return undefined;
    const { offset, metadata } = state;
    return { topic, partition: partition.partition, offset: BigInt(offset), metadata };
  }

  #log(refused: readonly RefusedCommit[]): void {
    const [{ error, topic, partition }] = refused as [RefusedCommit];
    if (this.#refusal === error.codeName) return;
    this.#refusal = error.codeName;
    logger.warn(
      "Group {group} could not commit {topic}[{partition}]: {error}; it is tried again",
      { group: this.#name, topic, partition, error: error.message },
    );
  }
}

function isAmong(
  refused: readonly RefusedCommit[],
  topic: string,
  { partition }: OwnedPartition,
): boolean {
  return refused.some((one) => one.topic === topic && one.partition === partition);
}
