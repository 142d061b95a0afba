/**
 * A Kafka in a process of its own, so that it takes no time from those who are measured: librdkafka's mock cluster.
 * Arguments are topics, `name:partitions`. Prints a line of JSON when it can be used, and ends with its standard
 * input.
 *
 * @module
 */
import { TestCluster } from "../support/kafka.ts";

await using cluster = await TestCluster.start();
for (const argument of Deno.args) {
  const [name, partitionCount] = argument.split(":");
  cluster.mock.createTopic(name!, Number(partitionCount));
}
const { bootstrapServers, consumerSettings } = cluster.mock;
await Deno.stdout.write(
  new TextEncoder().encode(JSON.stringify({ bootstrapServers, consumerSettings }) + "\n"),
);
for await (const _ of Deno.stdin.readable);
