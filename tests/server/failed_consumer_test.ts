/**
 * @module
 * BLPOPs that librdkafka refuses: the client is told why, and nothing of the consumer is left.
 */
import assert from "node:assert/strict";
import { TestGateway } from "../support/gateway.ts";

const REFUSED: readonly { topics: string; error: RegExp }[] = [
  {
    topics: "topics:^[",
    error: /^-CONS Failed to register Consumer 'g:w\|\^\[' for Client 'g:w': /,
  },
  { topics: "topics:^a\0", error: /^-CONS Cannot parse topics from / },
  {
    topics: `topics:^${"(".repeat(20_000)}${")".repeat(20_000)}`, // glibc's stack would overflow
    error: /^-CONS Cannot parse topics from `.*`: regular expressions have at most 1000 characters/,
  },
  {
    topics: "topics:^((a{100}){100}){50}",
    error: /^-CONS Cannot parse topics from `.*`: a regular expression can repeat a character or a/,
  },
  {
    topics: `topics:${Array.from({ length: 1_001 }, (_, i) => `t${i}`).join(",")}`,
    error: /^-CONS Cannot parse topics from /,
  },
  {
    topics: `topics:t:{"max.poll.interval.ms":1000}`, // below the embedded session.timeout.ms
    error: /^-CONS Failed to register Consumer .*: .*max\.poll\.interval\.ms/,
  },
  { topics: `topics:t:{"fetch.wait.max.ms":-1}`, error: /^-CONS Error parsing configuration/ },
];

for (const { topics, error } of REFUSED) {
  Deno.test(`A refused BLPOP ${JSON.stringify(topics.slice(0, 40))} leaves nothing, however often it is sent`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connectAs("g:w");
    const before = gateway.library.handles.open;
    for (let i = 0; i < 20; i++) await client.send("BLPOP", topics, 1);
    for (let i = 0; i < 20; i++) assert.match(await client.reply(), error);
    assert.deepEqual(gateway.library.handles.open, before);
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  });
}
