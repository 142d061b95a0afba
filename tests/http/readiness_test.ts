/**
 * Health and readiness in each state of a gateway.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HttpPort } from "../../src/app/http_port.ts";
import { parseConfig } from "../../src/config/load.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { get } from "../support/http.ts";

const http = { port: 0 };

Deno.test("a gateway that starts is healthy, not ready", async () => {
  const config = parseConfig(JSON.stringify({ server: { http } }), "the test's configuration");
  const port = HttpPort.open(config, false, 100)!;
  try {
    assert.deepEqual(await probes(port.port), [200, 503, "The gateway is starting\n"]);
    assert.equal((await get(port.port, "/metrics")).status, 404);
  } finally {
    await port.close();
  }
});

Deno.test("a gateway with its embedded Kafka is ready", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http } } });
  assert.deepEqual(await probes(gateway.rafka.httpPort!), [200, 200, "ready\n"]);
});

Deno.test("a gateway that has never reached Kafka is not ready, and says why", async () => {
  using closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr as Deno.NetAddr;
  closed.close();
  await using gateway = await TestGateway.start({
    config: {
      general: {
        "bootstrap.servers": `127.0.0.1:${port}`,
        "socket.connection.setup.timeout.ms": 1_000,
      },
      server: { http },
    },
  });
  const [healthy, ready, reason] = await probes(gateway.rafka.httpPort!);
  assert.deepEqual([healthy, ready], [200, 503]);
  assert.match(String(reason), /^Kafka was (not|never) reached/);
  await until(
    async () => /^Kafka was never reached: .*refused/.test((await readiness(gateway)).body),
    "the reason",
  );
});

Deno.test("a gateway that shuts down is healthy, not ready", async () => {
  const gateway = await TestGateway.start({ config: { server: { http } } });
  const port = gateway.rafka.httpPort!;
  using client = await gateway.connectAs("group:worker");
  const waiting = client.ask("BLPOP", "topics:t", 0);
  await until(() => gateway.rafka.server.state.clientList[0]!.blocked, "the BLPOP");
  const stopped = gateway[Symbol.asyncDispose]();
  assert.deepEqual(await probes(port), [200, 503, "The gateway is shutting down\n"]);
  await Promise.all([waiting, stopped]);
  await assert.rejects(get(port, "/healthz"));
});

function readiness(gateway: TestGateway): ReturnType<typeof get> {
  return get(gateway.rafka.httpPort!, "/readyz");
}

/** Status of /healthz, status and text of /readyz. */
async function probes(port: number): Promise<[number, number, string]> {
  const [health, readiness] = [await get(port, "/healthz"), await get(port, "/readyz")];
  assert.equal(health.body, "ok\n");
  return [health.status, readiness.status, readiness.body];
}
