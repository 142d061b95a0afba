/**
 * @module
 * Whose connections the reserve is for.
 */
import assert from "node:assert/strict";
import { serverDefaults } from "../../src/config/schema.ts";
import { Acceptor } from "../../src/net/listener.ts";
import { Reserve } from "../../src/session/reserve.ts";
import { Traffic } from "../../src/telemetry/connection_counters.ts";
import { TestClient } from "../support/client.ts";

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
    const [remoteAddr, localAddr] = [remote, local].map((hostname) => (
      { transport: "tcp", hostname, port: 1 } as const
    ));
    assert.equal(new Reserve().admits({ remoteAddr: remoteAddr!, localAddr: localAddr! }), here);
  });
}

Deno.test("A client of another machine is rejected as soon as it connects", async () => {
  const traffic = new Traffic();
  const acceptor = new Acceptor({
    settings: { ...serverDefaults, host: "127.0.0.1", port: 0, maxClients: 2 },
    traffic,
    sessionCount: 2,
    reserve: { count: 0, admits: () => false },
    open: () => assert.fail("it was accepted"),
  });
  using client = await TestClient.connect(acceptor.address.port);
  assert.equal(await client.untilClosed(), "-ERR max number of clients reached\r\n");
  assert.equal(traffic.rejected, 1);
  await acceptor.close();
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
