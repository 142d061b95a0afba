/**
 * Consumers that take long to leave their groups: in the background, but neither too many nor for too long.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Departures } from "../../../src/kafka/consumer/departures.ts";
import { until } from "../../support/gateway.ts";

/** As many as may be slow at the same time. */
const MAX_SLOW = 32;

/** Leaves only when it is told to end. */
class SlowConsumer {
  readonly isStatic = false;
  reason: unknown;

  async close(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) {
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
    }
    this.reason = signal.reason;
  }
}

Deno.test("slow consumers leave in the background; where there are too many, the oldest just ends", async () => {
  const departures = new Departures();
  const consumers = Array.from({ length: MAX_SLOW + 3 }, () => new SlowConsumer());
  await Promise.all(consumers.map((consumer) => departures.add(consumer)));
  await until(() => departures.count === MAX_SLOW, "the end of the oldest");
  const ended = consumers.filter(({ reason }) => reason !== undefined);
  assert.deepEqual(ended, consumers.slice(0, 3));
  assert.equal(ended[0]!.reason, "more than 32 consumers were still leaving");
  await departures.end(0);
});

Deno.test("with the gateway all of them end, and those that begin to leave then", async () => {
  const departures = new Departures();
  const consumers = [new SlowConsumer(), new SlowConsumer()];
  const [early, late] = consumers as [SlowConsumer, SlowConsumer];
  const added = departures.add(early);
  await departures.end(100);
  await departures.add(late);
  await added;
  for (const { reason } of consumers) assert.equal(reason, "the gateway ends");
  assert.equal(departures.count, 0);
});
