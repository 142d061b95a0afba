/**
 * Lists of partitions on their way to librdkafka and back.
 *
 * @module
 */
import assert from "node:assert/strict";
import { libraryCandidates, openLibrary } from "../../../src/ffi/library.ts";
import {
  formatTopicPartitions,
  readTopicPartitionOffsets,
  readTopicPartitions,
  type TopicPartition,
  TopicPartitionList,
} from "../../../src/kafka/client/topic_partitions.ts";

const library = openLibrary(libraryCandidates(undefined));

Deno.test("what was added to a list is read from it, in the same order", () => {
  using list = new TopicPartitionList(library);
  list.add("b", 3);
  list.add("a", 0);
  list.addOffset("a", 2_147_483_647, 9_007_199_254_740_993n);
  assert.deepEqual(readTopicPartitions(library, list.pointer), [
    { topic: "b", partition: 3, err: 0 },
    { topic: "a", partition: 0, err: 0 },
    { topic: "a", partition: 2_147_483_647, err: 0 },
  ]);
});

Deno.test("offsets are read from a list with the texts that are committed with them", () => {
  using list = new TopicPartitionList(library);
  list.addOffset("a", 0, 9_007_199_254_740_993n);
  list.addOffset("a", 1, 7n, "acked: 8, 10-12 \u5000");
  list.add("a", 2);
  assert.deepEqual(readTopicPartitionOffsets(library, list.pointer), [
    { topic: "a", partition: 0, err: 0, offset: 9_007_199_254_740_993n, metadata: "" },
    { topic: "a", partition: 1, err: 0, offset: 7n, metadata: "acked: 8, 10-12 \u5000" },
    { topic: "a", partition: 2, err: 0, offset: -1001n, metadata: "" },
  ]);
});

Deno.test("a list outgrows the room that it was made with", () => {
  using list = new TopicPartitionList(library);
  const partitions = Array.from({ length: 1_000 }, (_, partition) => partition);
  for (const partition of partitions) list.add("many", partition);
  const read = readTopicPartitions(library, list.pointer);
  assert.deepEqual(read.map(({ partition }) => partition), partitions);
});

Deno.test("a list of whole topics leaves the partitions open", () => {
  using list = TopicPartitionList.ofTopics(library, ["a", "b"]);
  assert.deepEqual(readTopicPartitions(library, list.pointer), [
    { topic: "a", partition: -1, err: 0 },
    { topic: "b", partition: -1, err: 0 },
  ]);
});

Deno.test("no list is an empty one", () => {
  assert.deepEqual(readTopicPartitions(library, null), []);
});

Deno.test("a list is given back at the end of its block", () => {
  {
    using _list = new TopicPartitionList(library);
    assert.deepEqual(library.handles.open, { rd_kafka_topic_partition_list_t: 1 });
  }
  assert.deepEqual(library.handles.open, {});
});

const formats: { partitions: TopicPartition[]; text: string }[] = [
  { partitions: [], text: "" },
  { partitions: [{ topic: "a", partition: 0 }], text: "a[0]" },
  {
    partitions: [10, 9, 0].map((partition) => ({ topic: "a", partition })),
    text: "a[0,9,10]",
  },
  {
    partitions: [
      { topic: "a", partition: 1 },
      { topic: "b", partition: 3 },
      { topic: "a", partition: 0 },
    ],
    text: "a[0,1] b[3]",
  },
];

for (const { partitions, text } of formats) {
  Deno.test(`${partitions.length} partitions are shown as ${JSON.stringify(text)}`, () => {
    assert.equal(formatTopicPartitions(partitions), text);
  });
}
