/**
 * Where a range of ids begins, when Kafka is asked for its offsets and for the ends of the partitions at the same time.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { OffsetSpec, PartitionOffsets } from "../../src/kafka/client/admin.ts";
import { StreamOffsets } from "../../src/streams/stream_offsets.ts";

const START = { ms: 1_000, seq: 0n };

/** Kafka as it answers one question after the other. */
function asking(answers: Record<string, PartitionOffsets[]>): {
  offsets: StreamOffsets;
  asked: string[];
} {
  const asked: string[] = [];
  const list = (
    _topic: string,
    _partitions: number,
    spec: OffsetSpec,
  ): Promise<PartitionOffsets> => {
    const what = typeof spec === "string" ? spec : `${spec.timestampMs}`;
    asked.push(what);
    return Promise.resolve(answers[what]!.shift()!);
  };
  return { offsets: new StreamOffsets(list, "topic", 2), asked };
}

Deno.test("begin and ends take one round trip where all partitions have later entries", async () => {
  const { offsets, asked } = asking({ latest: [[10n, 20n]], "1000": [[4n, 5n]] });
  const { offsets: from, ends } = await offsets.fromAndEnds(START);
  assert.deepEqual([from, ends], [[4n, 5n], [10n, 20n]]);
  assert.deepEqual(asked.toSorted(), ["1000", "latest"]);
});

Deno.test("an entry that is appended between the two answers is in the range", async () => {
  // the second partition had nothing from then on, and has offset 19 by the time that its end is told
  const { offsets } = asking({ latest: [[10n, 20n]], "1000": [[4n, undefined], [4n, 19n]] });
  const { offsets: from, ends } = await offsets.fromAndEnds(START);
  assert.deepEqual([from, ends], [[4n, 19n], [10n, 20n]]);
});

Deno.test("a partition without later entries begins at its end", async () => {
  const { offsets } = asking({ latest: [[10n, 20n]], "1000": [[4n, undefined], [4n, undefined]] });
  assert.deepEqual((await offsets.fromAndEnds(START)).offsets, [4n, 20n]);
});
