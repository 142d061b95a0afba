/**
 * Properties 29, 30: where Rafka listens, and how much the port for metrics shows.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { CounterFamily } from "../../src/telemetry/counter_family.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { get } from "../support/http.ts";

Deno.test("30: no Unix socket is offered: what asks for one is refused, and leaves no file", async () => {
  const path = `${Deno.makeTempDirSync()}/rafka.sock`;
  for (const key of ["unixsocket", "unixSocket", "socket"]) {
    assert.throws(
      () => parseConfig(JSON.stringify({ server: { [key]: path } }), "the test's configuration"),
      new RegExp(`'server.${key}'`),
    );
  }
  for (const host of [path, `unix:${path}`, `unix://${path}`]) {
    await assert.rejects(
      TestGateway.start({ config: { server: { host } } }),
      /'server.host' is .* must be an IPv4 address/,
    );
  }
  assert.throws(() => Deno.lstatSync(path), Deno.errors.NotFound);
});

Deno.test("29: metrics have a port of their own, on loopback unless the configuration says otherwise", async () => {
  {
    await using without = await TestGateway.start();
    assert.equal(without.rafka.httpPort, undefined);
  }
  const { server } = parseConfig(JSON.stringify({ server: { http: {} } }), "the test's");
  assert.equal(server.http?.host, "127.0.0.1");
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  const port = gateway.rafka.httpPort!;
  assert.notEqual(port, gateway.port);
  assert.equal((await get(port, "/metrics")).status, 200);
  using client = await gateway.connect();
  await client.write("GET /metrics HTTP/1.1\r\n\r\n"); // the port for clients shows none
  assert.match(await client.untilClosed(), /^-ERR [^\n]*\n$/);
});

Deno.test("29: any number of connections, names and topics does not grow /metrics", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { http: { port: 0, names: true }, producerMode: "shared" } },
  });
  const page = async (): Promise<string> => (await get(gateway.rafka.httpPort!, "/metrics")).body;
  const { registry } = gateway.rafka.server.state.telemetry;
  const count = (names: number, prefix: string): void => {
    for (const metric of registry.metrics) {
      if (!(metric instanceof CounterFamily) || !isNamed(metric)) continue;
      for (let at = 0; at < names; at++) {
        // others are a principal of the configuration, or an error
        const labels = metric.names.labelNames.map((label) =>
          CHOSEN.includes(label) ? `${label}-${prefix}-${at}` : label
        );
        metric.of(...labels as [string, string, string]).total++;
      }
    }
  };
  count(2_000, "early");
  using client = await gateway.connect();
  assert.equal(await client.ask("RPUSHX", "topics:t", "m"), ":1\r\n");
  const before = await page();
  assert.match(before, /early/);
  count(10_000, "behind");
  for (let at = 0; at < 200; at++) {
    using other = await gateway.connectAs(`group-${at}:name-${at}`);
    assert.equal(await other.ask("RPUSHX", `topics:t${at}`, "m"), ":1\r\n");
  }
  await until(() => gateway.rafka.server.sessionCount === 1, "the others to be gone");
  const after = await page();
  const lines = (text: string): number => text.split("\n").length;
  assert.ok(lines(after) < lines(before) + 100, `${lines(before)} and ${lines(after)} lines`);
  assert.doesNotMatch(after, /-behind-|"group-1\d*"|name-1/);
});

/** Labels with names that clients choose. */
const CHOSEN = ["topic", "group"];

/** Its labels are names that clients choose, not those of commands. */
function isNamed({ names }: CounterFamily): boolean {
  return names.labelNames.some((label) => CHOSEN.includes(label));
}
