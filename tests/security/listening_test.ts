/**
 * Property 30: where Rafka listens.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { TestGateway } from "../support/gateway.ts";

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
