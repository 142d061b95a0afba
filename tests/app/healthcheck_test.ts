/**
 * `--healthcheck`: whoever watches the gateway (Docker, a load balancer's script) learns whether it answers.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway } from "../support/gateway.ts";
import { type Finished, runProgram } from "../support/program.ts";

Deno.test("a gateway that answers is healthy", async () => {
  await using gateway = await TestGateway.start();
  assert.deepEqual(await ask(gateway.port), { code: 0, stdout: "", stderr: "" });
});

Deno.test("a gateway that has as many clients as it may is healthy", async () => {
  await using gateway = await TestGateway.start({ config: { server: { maxClients: 2 } } });
  using one = await gateway.connect();
  using other = await gateway.connect();
  for (const client of [one, other]) assert.equal(await client.ask("PING"), "+PONG\r\n");
  for (let i = 0; i < 5; i++) {
    assert.deepEqual(await ask(gateway.port), { code: 0, stdout: "", stderr: "" });
  }
});

Deno.test("where nobody listens nothing is healthy, and the address is named", async () => {
  const { code, stderr } = await ask(1);
  assert.equal(code, 1);
  assert.match(stderr, /^rafka: No healthy Rafka at 127\.0\.0\.1:1: .*refused/);
});

const badAnswers: { name: string; answer: (conn: Deno.Conn) => Promise<unknown>; says: RegExp }[] =
  [
    {
      name: "something else than PONG",
      answer: (conn) => conn.write(new TextEncoder().encode("-ERR no\r\n")),
      says: /it answered "-ERR no\\r\\n" to PING/,
    },
    {
      name: "nothing, and hangs up",
      answer: (conn) => conn.closeWrite(),
      says: /it closed the connection/,
    },
    { name: "nothing at all", answer: () => Promise.resolve(), says: /no answer in 3000 ms/ },
  ];

for (const { name, answer, says } of badAnswers) {
  Deno.test(`a server that answers ${name} is not healthy`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const asked = listener.accept().then(async (conn) => {
      await answer(conn);
      return conn;
    });
    const { code, stderr } = await ask((listener.addr as Deno.NetAddr).port);
    (await asked).close();
    assert.equal(code, 1);
    assert.match(stderr, says);
  });
}

/** As in a container whose gateway listens on all addresses. */
function ask(port: number): Promise<Finished> {
  const server = { host: "0.0.0.0", port };
  return runProgram(["--healthcheck"], { RAFKA_CONFIG_JSON: JSON.stringify({ server }) });
}

Deno.test("--healthcheck --ready: 0 when clients can work, else 1 and the reason", async () => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  assert.deepEqual(await askReady({ http: { port: gateway.rafka.httpPort } }), {
    code: 0,
    stdout: "",
    stderr: "",
  });
});

Deno.test("--healthcheck --ready: a gateway without Kafka, and none, are not ready", async () => {
  using closed = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = closed.addr as Deno.NetAddr;
  closed.close();
  await using gateway = await TestGateway.start({
    config: {
      general: { "bootstrap.servers": `127.0.0.1:${port}` },
      server: { http: { port: 0 } },
    },
  });
  const { httpPort } = gateway.rafka;
  const notReady = await askReady({ http: { port: httpPort } });
  assert.equal(notReady.code, 1);
  assert.equal(
    notReady.stderr,
    `rafka: No ready Rafka at 127.0.0.1:${httpPort}: Kafka was not reached yet\n`,
  );
  const none = await askReady({ http: { port } });
  assert.equal(none.code, 1);
  assert.match(none.stderr, /^rafka: No ready Rafka at 127\.0\.0\.1:\d+: .*refused/);
});

Deno.test("--healthcheck --ready needs the HTTP port", async () => {
  const { code, stderr } = await askReady({});
  assert.equal(code, 2);
  assert.match(stderr, /'server\.http' is null: --ready asks that port/);
});

function askReady(server: Record<string, unknown>): Promise<Finished> {
  return runProgram(["--healthcheck", "--ready"], {
    RAFKA_CONFIG_JSON: JSON.stringify({ server }),
  });
}
