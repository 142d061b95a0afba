/**
 * Commits of a group, without Kafka: many acks in one, again when they are refused, and never of a partition that is
 * another member's.
 *
 * @module
 */
import assert from "node:assert/strict";
import { GroupCommits } from "../../src/groups/group_commits.ts";
import { KafkaError } from "../../src/kafka/client/error.ts";
import type { OffsetToCommit, RefusedCommit } from "../../src/kafka/consumer/offset_commits.ts";
import { messageAt, TestPartition } from "./partition_support.ts";

Deno.test("many acks are one commit, soon", async () => {
  const test = new TestCommits();
  test.take(100);
  for (let offset = 0; offset < 100; offset++) {
    test.partition.ack(offset);
    test.changed();
  }
  assert.equal(test.due.length, 1);
  await test.commitDue();
  assert.deepEqual(test.offsets, [100n]);
  test.close();
});

Deno.test("a refused commit is tried again, with what is acked since", async () => {
  const test = new TestCommits();
  test.refusals.push("REBALANCE_IN_PROGRESS");
  test.take(3);
  test.ack(0);
  await test.commitDue();
  test.ack(1);
  await test.commitDue();
  assert.deepEqual(test.offsets, [1n, 2n]);
  test.close();
});

Deno.test("metadata that is too large never holds an offset up", async () => {
  const test = new TestCommits(10_000);
  test.maxCharacters = 100;
  test.take(10_000);
  for (let offset = 0; offset < 10_000; offset += 2 + offset % 3) test.partition.ack(offset);
  test.changed();
  await test.commitDue();
  const [{ metadata }] = test.accepted as [OffsetToCommit];
  assert.ok(metadata.length > 0 && metadata.length <= 100, `${metadata.length}`);
  test.maxCharacters = 0;
  test.ack(1);
  await test.commitDue();
  assert.equal(test.accepted[1]!.metadata, "");
  test.close();
});

Deno.test("what is given up is committed before, and never after", async () => {
  const test = new TestCommits();
  test.take(3);
  test.ack(0);
  await test.commits.now([test.partition.owned], 1_000);
  assert.deepEqual(test.offsets, [1n]);
  test.commits.forget(test.partition.owned);
  test.ack(1);
  await test.commitDue();
  assert.deepEqual(test.offsets, [1n]);
  test.close();
});

Deno.test("a commit that is answered late is not repeated when its partition is another member's", async () => {
  const test = new TestCommits();
  test.refusals.push("REBALANCE_IN_PROGRESS");
  test.answer = Promise.withResolvers();
  test.take(2);
  test.ack(0);
  const committing = test.commitDue();
  await test.commits.now([test.partition.owned], 50);
  test.commits.forget(test.partition.owned);
  test.answer.resolve();
  await committing;
  await test.commitDue();
  assert.deepEqual(test.offsets, [1n]);
  test.close();
});

Deno.test("a partition that waits to come back is not committed, and knows whether anybody else has committed it", async () => {
  const test = new TestCommits();
  const { owned } = test.partition;
  test.take(4);
  test.ack(0);
  await test.commits.now([owned], 1_000);
  const [committed] = test.accepted as [OffsetToCommit];
  test.commits.hold(owned, "t");
  test.ack(1);
  await test.commitDue();
  assert.equal(test.offsets.length, 1);
  assert.equal(test.commits.isLast(owned, committed), true);
  assert.equal(test.commits.isLast(owned, { ...committed, metadata: "" }), false);
  assert.equal(test.commits.isLast(owned, undefined), false);
  test.commits.release(owned);
  await test.commitDue();
  assert.deepEqual(test.offsets, [1n, 2n]);
  test.close();
});

/** The commits of one partition, and a Kafka that refuses as it is told. */
class TestCommits {
  readonly partition: TestPartition;
  readonly commits: GroupCommits;
  /** What is to run when the pause between two commits is over. */
  due: (() => void | Promise<void>)[] = [];
  /** Offsets of all commits. */
  readonly offsets: bigint[] = [];
  readonly accepted: OffsetToCommit[] = [];
  /** Errors of the next commits. */
  readonly refusals: string[] = [];
  /** Metadata may have so many. */
  maxCharacters = 4_096;
  /** Kafka answers then. */
  answer: PromiseWithResolvers<void> | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(count = 100) {
    const log = Array.from({ length: count }, (_, offset) => messageAt(offset));
    this.partition = new TestPartition(log, { maxPending: count });
    this.commits = new GroupCommits("g", {
      commit: (current) => {
        const refused = this.#last.then(() => this.#commit(current()));
        this.#last = refused;
        return refused;
      },
    }, (run) => {
      this.due.push(run);
      return () => this.due = this.due.filter((one) => one !== run);
    });
  }

  take(count: number): void {
    this.partition.take(count);
  }

  ack(offset: number): void {
    assert.ok(this.partition.ack(offset));
    this.changed();
  }

  /** The pause is over. */
  async commitDue(): Promise<void> {
    for (const run of this.due.splice(0)) await run();
  }

  changed(): void {
    this.commits.soon("t", this.partition.owned);
  }

  close(): void {
    this.commits.close();
  }

  async #commit(offsets: readonly OffsetToCommit[]): Promise<RefusedCommit[]> {
    if (offsets.length === 0) return [];
    this.offsets.push(...offsets.map(({ offset }) => offset));
    await this.answer?.promise;
    const isTooLarge = offsets.some(({ metadata }) => metadata.length > this.maxCharacters);
    const codeName = isTooLarge ? "OFFSET_METADATA_TOO_LARGE" : this.refusals.shift();
    if (codeName === undefined) {
      this.accepted.push(...offsets);
      return [];
    }
    const error = new KafkaError(codeName, 1, codeName);
    return offsets.map(({ topic, partition }) => ({ topic, partition, error }));
  }
}
