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
import { TestCluster } from "../support/kafka.ts";
import { Program, runProgram } from "../support/program.ts";
import { UntrustedBroker } from "../support/untrusted_broker.ts";

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

Deno.test("a gateway whose certificate authority Kafka has not is not ready at once, and says why", async () => {
  await using broker = new UntrustedBroker();
  await using gateway = await TestGateway.start({
    config: {
      general: { "bootstrap.servers": broker.address, "security.protocol": "ssl" },
      server: { http },
    },
  });
  await until(
    async () => /^Kafka was never reached: .*certificate/.test((await readiness(gateway)).body),
    "the reason",
  );
});

Deno.test("a gateway whose Kafka goes away is not ready until it is back", async () => {
  await using kafka = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: kafka.config({ server: { http } }) });
  const isReady = async (): Promise<boolean> => (await readiness(gateway)).status === 200;
  await until(isReady, "Kafka");
  kafka.mock.setBrokerUp(1, false);
  await until(async () => !await isReady(), "the outage");
  assert.match((await readiness(gateway)).body, /^Kafka does not answer, for \d+ s now\n$/);
  assert.equal((await get(gateway.rafka.httpPort!, "/healthz")).status, 200);
  assert.match((await get(gateway.rafka.httpPort!, "/metrics")).body, /^rafka_kafka_up 0$/m);
  kafka.mock.setBrokerUp(1, true);
  await until(isReady, "Kafka again", 30_000);
  assert.match((await get(gateway.rafka.httpPort!, "/metrics")).body, /^rafka_kafka_up 1$/m);
});

Deno.test("a broker that hangs is noticed, though its connections stay", async () => {
  await using kafka = await TestCluster.start();
  await using gateway = await TestGateway.start({ config: kafka.config({ server: { http } }) });
  await until(async () => (await readiness(gateway)).status === 200, "Kafka");
  kafka.mock.setRoundTripMs(60_000);
  const startMs = performance.now();
  assert.ok((await readiness(gateway)).status > 0 && performance.now() - startMs < 5_000);
  await until(async () => (await readiness(gateway)).status === 503, "the outage");
  kafka.mock.setRoundTripMs(0);
  await until(async () => (await readiness(gateway)).status === 200, "Kafka again", 90_000);
});

Deno.test("a gateway whose event loop is stalled answers no probe", async () => {
  await using program = await Program.start(["--dev"]);
  const config = {
    RAFKA_CONFIG_JSON: JSON.stringify({ server: { http: { port: program.httpPort } } }),
  };
  assert.equal((await runProgram(["--healthcheck", "--ready"], config)).code, 0);
  program.signal("SIGSTOP");
  const { code, stderr } = await runProgram(["--healthcheck", "--ready"], config);
  program.signal("SIGCONT");
  assert.equal(code, 1);
  assert.match(stderr, /no answer in 3000 ms/);
});

Deno.test("an HTTP port that is taken ends the start, and is named", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = taken.addr as Deno.NetAddr;
  const RAFKA_CONFIG_JSON = JSON.stringify({ server: { port: 0, http: { port } } });
  const { code, stderr } = await runProgram(["--dev"], { RAFKA_CONFIG_JSON });
  assert.equal(code, 1);
  assert.match(
    stderr,
    new RegExp(`Cannot listen on 127.0.0.1:${port}: .*server.http.port names another`),
  );
});

Deno.test("a gateway that shuts down is healthy, not ready", async () => {
  await using kafka = await TestCluster.start();
  const gateway = await TestGateway.start({ config: kafka.config({ server: { http } }) });
  const port = gateway.rafka.httpPort!;
  using client = await gateway.connectAs("group:worker");
  const waiting = client.ask("BLPOP", "topics:t", 0);
  await until(() => gateway.rafka.server.state.clientList[0]!.blocked, "the BLPOP");
  kafka.mock.setRoundTripMs(1_000); // its consumer leaves no sooner than it is asked
  const stopped = gateway[Symbol.asyncDispose]();
  assert.deepEqual(await probes(port), [200, 503, "The gateway is shutting down\n"]);
  kafka.mock.setRoundTripMs(0);
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
