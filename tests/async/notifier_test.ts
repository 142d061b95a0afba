/**
 * Waiting with a deadline and an abort signal.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Notifier } from "../../src/async/notifier.ts";
import { DEADLINE_MS } from "../support/kafka_environment.ts";

Deno.test("all who wait go on at a notification", async () => {
  const notifier = new Notifier();
  const waits = [notifier.wait(DEADLINE_MS), notifier.wait(DEADLINE_MS)];
  notifier.notify();
  await Promise.all(waits);
});

Deno.test("a notification counts for those who wait already, not for the next one", async () => {
  const notifier = new Notifier();
  notifier.notify();
  let notified = false;
  const wait = notifier.wait(DEADLINE_MS).then(() => notified = true);
  await Promise.resolve();
  assert.equal(notified, false);
  notifier.notify();
  await wait;
});

Deno.test("who waits goes on when the time is over", async () => {
  const startMs = performance.now();
  await new Notifier().wait(20);
  assert.ok(performance.now() - startMs >= 19);
});

Deno.test("who waits goes on at an abort", async () => {
  const controller = new AbortController();
  const startMs = performance.now();
  const wait = new Notifier().wait(DEADLINE_MS, controller.signal);
  controller.abort();
  await wait;
  assert.ok(performance.now() - startMs < DEADLINE_MS / 2, "it went on when the time was over");
});

Deno.test({
  name: "no timer is left behind by a wait that ended early",
  sanitizeOps: true,
  sanitizeResources: true,
  async fn(): Promise<void> {
    const notifier = new Notifier();
    const wait = notifier.wait(DEADLINE_MS);
    notifier.notify();
    await wait;
  },
});

Deno.test("a notification while nobody waits does nothing", () => {
  new Notifier().notify();
});
