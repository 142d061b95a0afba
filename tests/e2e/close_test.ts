/**
 * A consumer that goes away while messages keep coming: its end must not wait for them.
 *
 * @module
 */
import { mustPop, produceAll } from "../support/kafka.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";

Deno.test("A consumer that leaves while messages arrive is closed at once, nothing of it stays", async () => {
  await using gateway = await TestGateway.start();
  const topic = uniqueName("busy");
  using producer = await gateway.connect();
  const burst = Array.from({ length: 20 }, (_, i) => [`${topic}:key${i}`, "value"] as const);
  await produceAll(producer, burst);
  let leaving = true;
  const producing = (async () => {
    while (leaving) await produceAll(producer, burst);
  })();
  for (let i = 0; i < 40; i++) {
    using consumer = await gateway.connectAs(`${uniqueName("group")}:worker`);
    await mustPop(consumer, topic);
  }
  leaving = false;
  await producing;
  await gateway.untilSessions(1); // the producer's
});
