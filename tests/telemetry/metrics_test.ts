/**
 * One registry behind HGETALL stats, INFO and Prometheus.
 *
 * @module
 */
import assert from "node:assert/strict";
import { KafkaError } from "../../src/kafka/client/error.ts";
import { MetricRegistry } from "../../src/telemetry/metrics.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";

Deno.test("DEL stats resets what clients are shown, not the totals that Prometheus wants", () => {
  const { messages, registry } = new Telemetry(0);
  const error = new KafkaError("Local: Message timed out", -192, "_MSG_TIMED_OUT");
  const fail = (): void =>
    messages.deliveryFailed({ topic: "t", partition: 0, error, count: 2, unflushed: false });
  messages.produced.of("t").total += 5;
  fail();
  messages.reset();
  messages.produced.of("t").total += 1;
  const stats = new Map(registry.statFields());
  assert.deepEqual([
    stats.get("producer.produced.messages"),
    stats.get("producer.errors:t:_MSG_TIMED_OUT"),
  ], [
    1,
    undefined,
  ]);
  fail();
  assert.equal(new Map(registry.statFields()).get("producer.errors:t:_MSG_TIMED_OUT"), 2);
  const totals = new Map(
    registry.metrics.map((
      metric,
    ) => [metric.names.metric, metric.samples().map(({ total }) => total)]),
  );
  assert.deepEqual(totals.get("rafka_producer_produced_messages_total"), [6]);
  assert.deepEqual(totals.get("rafka_producer_failed_messages_total"), [4]);
});

Deno.test("Every metric has a name of Prometheus' form, once, and a help text", () => {
  const { registry } = new Telemetry(0);
  for (const { type, names: { metric, help } } of registry.metrics) {
    assert.match(
      metric,
      type === "counter" ? /^rafka_[a-z_]+_total$/ : /^rafka_[a-z_]+(?<!_total)$/,
    );
    assert.ok(help.length > 0, metric);
  }
  assert.throws(
    () => registry.counter({ metric: "rafka_input_bytes_total", help: "Again" }),
    /twice/,
  );
});

Deno.test("Fields of INFO that several metrics share are their sum; a limit that is none is left out", () => {
  const registry = new MetricRegistry();
  const info = ["clients", "cut_off"] as const;
  registry.counter({ metric: "a_total", help: "A", info }).total += 2;
  registry.counter({ metric: "b_total", help: "B", info }).total += 3;
  registry.gauge({ metric: "max", help: "Max", info: ["clients", "max"] }, () => Infinity);
  assert.deepEqual(registry.infoFields("clients"), { cut_off: 5 });
});
