/**
 * Whose connections the reserve is for.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { ByteStream } from "../../src/net/byte_stream.ts";
import { isSameMachine, TcpListener } from "../../src/net/tcp.ts";
import { Admission } from "../../src/session/admission.ts";
import { Reserve } from "../../src/session/reserve.ts";
import { metricsText } from "../../src/http/metrics_text.ts";
import { ConnectionCounters } from "../../src/telemetry/connection_counters.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import { TestClient } from "../support/client.ts";
import { value } from "../support/metrics.ts";

const cases: { remote: string; local: string; here: boolean }[] = [
  { remote: "127.0.0.1", local: "127.0.0.1", here: true },
  { remote: "127.8.0.1", local: "127.0.0.1", here: true },
  { remote: "::1", local: "::1", here: true },
  { remote: "::ffff:127.0.0.1", local: "::ffff:127.0.0.1", here: true },
  { remote: "10.0.0.5", local: "10.0.0.5", here: true }, // `host` is the address of a network card
  { remote: "10.0.0.6", local: "10.0.0.5", here: false },
  { remote: "fe80::1", local: "fe80::2", here: false },
];

for (const { remote, local, here } of cases) {
  Deno.test(`${remote} to ${local} is ${here ? "" : "not "}from this machine`, () => {
    assert.equal(isSameMachine(remote, local), here);
  });
}

Deno.test("A client of another machine is rejected as soon as it connects", async () => {
  const counters = new ConnectionCounters();
  const admission = new Admission(2, counters);
  const listener = new TcpListener("127.0.0.1", 0);
  using client = await TestClient.connect(listener.port);
  assert.equal(admission.admit(remote(await listener.accept()), 2), "rejected");
  assert.equal(await client.untilClosed(), "-ERR max number of clients reached\r\n");
  assert.equal(counters.rejected.total, 1);
  admission.close();
  listener.close();
});

Deno.test("In protected mode a client of another machine is refused, and counted by that cause", async () => {
  const { connections, registry } = new Telemetry(0);
  const admission = new Admission(2, connections, () => true);
  const listener = new TcpListener("127.0.0.1", 0);
  using client = await TestClient.connect(listener.port);
  assert.equal(admission.admit(remote(await listener.accept()), 0), "rejected");
  assert.match(await client.untilClosed(), /^-DENIED Rafka is running in protected mode/);
  const text = metricsText(registry.metrics, { openMetrics: false, names: true });
  assert.equal(value(text, 'rafka_connections_rejected_total{cause="protectedMode"}'), 1);
  assert.equal(value(text, 'rafka_connections_rejected_total{cause="maxClients"}'), 0);
  admission.close();
  listener.close();
});

Deno.test("A connection that has not been answered keeps its place in the reserve", () => {
  const reserve = new Reserve();
  const gone: string[] = [];
  const hold = (name: string, answered: boolean): void =>
    void reserve.hold({
      ended: new Promise(() => {}),
      answered,
      disconnect: () => gone.push(name),
    });
  hold("healthcheck", false);
  for (const name of ["a", "b", "c", "d"]) hold(name, true);
  assert.deepEqual(gone, ["a", "b"]);
});

/** The same connection, as if its client were on another machine. */
function remote(stream: ByteStream): ByteStream {
  return {
    remoteAddress: "10.0.0.6:1",
    localAddress: "10.0.0.5:6380",
    isLocal: false,
    read: (into) => stream.read(into),
    write: (bytes) => stream.write(bytes),
    closeWrite: () => stream.closeWrite(),
    close: () => stream.close(),
    peerAnswers: () => stream.peerAnswers(),
  };
}
