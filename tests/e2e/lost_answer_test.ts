/**
 * A broker stores a batch, and its answer is lost: librdkafka sends the batch again, and the broker answers what it says
 * of one that it has already. What XADD answers names the messages all the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { encode } from "../support/client.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { hasKafkaTool, KafkaCluster } from "../support/kafka_cluster.ts";
import { kcatMessages } from "../support/kcat.ts";
import { lastingPort } from "../support/lasting_port.ts";
import { LossyForwarder } from "../support/lossy_forwarder.ts";
import { hasKcat } from "../support/machine.ts";
import { fromBytes } from "../support/wire.ts";

const COUNT = 40;
/** Of a batch of several. */
const BATCH_BYTES = 1_000;
const VALUE = "v".repeat(100);
/** Their times differ, as those of messages do that are added within some milliseconds. */
const APART_MS = 10;
const REPLY_DEADLINE_MS = 30_000;

Deno.test({
  name: "the ids of XADD name the messages of a batch whose answer was lost",
  ignore: !hasKafkaTool || !hasKcat,
  async fn(t): Promise<void> {
    const port = lastingPort();
    await using forwarder = new LossyForwarder(port);
    await using kafka = await KafkaCluster.start(
      ...["--port", String(port)],
      ...["--set", `advertised.listeners=PLAINTEXT://127.0.0.1:${forwarder.port}`],
    );
    await using gateway = await TestGateway.start({ config: onBrokers(kafka.bootstrapServers) });
    for (const type of ["CreateTime", "LogAppendTime"]) {
      for (const isFirst of [true, false]) {
        await t.step(`${type}, ${isFirst ? "the first batch" : "a later one"}`, async () => {
          const topic = uniqueName("topic");
          const config = ["--partitions", "1", "--config", `message.timestamp.type=${type}`];
          await kafka.run("topics", "--create", "--topic", topic, ...config);
          using client = await gateway.connect();
          if (!isFirst) {
            assert.match(await client.ask("XADD", `topics:${topic}`, "*", "value", "0"), /^\$/);
          }
          const { lost } = forwarder;
          forwarder.loseNextAnswer(BATCH_BYTES);
          const firstMs = Date.now() - COUNT * APART_MS;
          const requests = Array.from({ length: COUNT }, (_, n) => {
            return fromBytes(
              encode(["XADD", `topics:${topic}`, `${firstMs + n * APART_MS}-*`, "value", VALUE]),
            );
          });
          await client.write(requests.join(""));
          const ids: string[] = [];
          for (const _ of requests) {
            ids.push((await client.reply(REPLY_DEADLINE_MS)).split("\r\n")[1]!);
          }
          assert.equal(forwarder.lost, lost + 1);
          const messages = await kcatMessages(kafka.bootstrapServers, topic);
          const stored = messages.slice(isFirst ? 0 : 1);
          assert.deepEqual(
            ids,
            stored.map(({ timestampMs, offset }) => `${timestampMs}-${offset * 2048}`),
          );
        });
      }
    }
  },
});
