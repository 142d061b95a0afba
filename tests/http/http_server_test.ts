/**
 * The HTTP port as an attacker uses it: what is no request, what never ends, more than fits, other sites.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HttpServer } from "../../src/http/http_server.ts";
import type { Route } from "../../src/http/http_connection.ts";
import { TcpListener } from "../../src/net/tcp.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TestClient } from "../support/client.ts";
import { ask, get } from "../support/http.ts";

const TIMEOUTS = { requestMs: 20_000, writeMs: 20_000, lingerMs: 1_000 };

/** A server by itself. */
class TestServer implements AsyncDisposable {
  readonly port: number;
  readonly http: HttpServer;

  constructor(route: Route, timeouts = TIMEOUTS) {
    const listener = new TcpListener("127.0.0.1", 0);
    this.port = listener.port;
    this.http = new HttpServer(listener, route, { acceptPauseMs: 10, timeouts });
  }

  connect(): Promise<Deno.Conn> {
    return Deno.connect({ hostname: "127.0.0.1", port: this.port });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.http.close();
  }
}

const hello: Route = () => ({ body: "hello\n" });

const bad: readonly { name: string; request: string; status: number }[] = [
  { name: "what is no request", request: "PING\r\n\r\n", status: 400 },
  { name: "a proxy's request", request: "GET http://a/ HTTP/1.1\r\n\r\n", status: 400 },
  { name: "HTTP/2", request: "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", status: 400 },
  { name: "a header without a colon", request: "GET / HTTP/1.1\r\nHost\r\n\r\n", status: 400 },
  { name: "a folded header", request: "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", status: 400 },
  { name: "a bare line feed", request: "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", status: 400 },
  { name: "two hosts", request: "GET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n", status: 400 },
  { name: "POST", request: "POST / HTTP/1.1\r\nHost: a\r\n\r\nbody", status: 405 },
  { name: "a header of 8 KiB", request: `GET / HTTP/1.1\r\nA: ${"a".repeat(8192)}`, status: 431 },
  {
    name: "a header of 1 MiB",
    request: `GET / HTTP/1.1\r\nA: ${"a".repeat(1 << 20)}`,
    status: 431,
  },
];

for (const { name, request, status } of bad) {
  Deno.test(`${name} is answered with ${status}`, async () => {
    await using server = new TestServer(hello);
    const response = await ask(server.port, request);
    assert.equal(response.status, status);
    assert.equal((await get(server.port, "/")).body, "hello\n");
  });
}

Deno.test("HEAD is answered without a body", async () => {
  await using server = new TestServer(hello);
  const { status, headers, body } = await ask(server.port, "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n");
  assert.deepEqual([status, headers.get("content-length"), body], [200, "6", ""]);
});

Deno.test("a request may arrive byte by byte", async () => {
  await using server = new TestServer(({ path }) => ({ body: path }));
  using conn = await server.connect();
  for (const byte of new TextEncoder().encode("GET /slow HTTP/1.1\r\nA: b\r\n\r\n")) {
    await conn.write(Uint8Array.of(byte));
  }
  const buffer = new Uint8Array(4096);
  let text = "";
  for (let length; (length = await conn.read(buffer)) !== null;) {
    text += new TextDecoder().decode(buffer.subarray(0, length));
  }
  assert.match(text, /\r\n\r\n\/slow$/);
});

Deno.test("a client that sends no request, or half of one, is disconnected", async () => {
  await using server = new TestServer(hello, { ...TIMEOUTS, requestMs: 500 });
  for (const begun of ["", "GET / HTT"]) {
    using conn = await server.connect();
    await conn.write(new TextEncoder().encode(begun));
    assert.equal(await conn.read(new Uint8Array(1)), null);
  }
});

Deno.test("a client that does not read its response is disconnected", async () => {
  const body = "x".repeat(32 << 20);
  await using server = new TestServer(() => ({ body }), { ...TIMEOUTS, writeMs: 50 });
  using conn = await server.connect();
  await conn.write(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  await until(() => server.http.connectionCount === 1, "the request");
  await until(() => server.http.connectionCount === 0, "the disconnect");
});

Deno.test("connections that wait for nothing do not keep a probe out, nor pile up", async () => {
  await using server = new TestServer(hello);
  using idle = new DisposableStack();
  for (let i = 0; i < 200; i++) {
    const conn = await server.connect();
    idle.defer(() => conn.close());
  }
  assert.equal((await get(server.port, "/")).body, "hello\n");
  assert.ok(server.http.connectionCount <= 64);
});

Deno.test("an error of a page is answered, without its text", async () => {
  await using server = new TestServer(() => {
    throw new Error("a secret");
  });
  const { status, body } = await get(server.port, "/");
  assert.equal(status, 500);
  assert.doesNotMatch(body, /secret/);
});

const sites: readonly { name: string; headers: Record<string, string>; status: number }[] = [
  { name: "localhost", headers: { Host: "localhost" }, status: 200 },
  { name: "a forwarded port", headers: { Host: "127.0.0.1:8080" }, status: 200 },
  { name: "IPv6", headers: { Host: "[::1]:6382" }, status: 200 },
  { name: "a name that points here", headers: { Host: "attacker.example" }, status: 403 },
  { name: "a name like localhost", headers: { Host: "localhost.attacker.example" }, status: 403 },
  { name: "no host", headers: { Host: "" }, status: 403 },
  {
    name: "its own origin",
    headers: { Host: "localhost:1", Origin: "http://localhost:1" },
    status: 200,
  },
  { name: "another origin", headers: { Origin: "http://attacker.example" }, status: 403 },
  {
    name: "another port here",
    headers: { Host: "localhost:1", Origin: "http://localhost:2" },
    status: 403,
  },
  { name: "a sandboxed frame", headers: { Origin: "null" }, status: 403 },
  { name: "an image of another site", headers: { "Sec-Fetch-Site": "cross-site" }, status: 403 },
  { name: "a page of a sister site", headers: { "Sec-Fetch-Site": "same-site" }, status: 403 },
  {
    name: "a frame of another site",
    headers: {
      "Sec-Fetch-Site": "cross-site",
      "Sec-Fetch-Mode": "navigate",
      "Sec-Fetch-Dest": "iframe",
    },
    status: 403,
  },
  {
    name: "a link on another site",
    headers: {
      "Sec-Fetch-Site": "cross-site",
      "Sec-Fetch-Mode": "navigate",
      "Sec-Fetch-Dest": "document",
    },
    status: 200,
  },
];

Deno.test("who asks from where", async (t) => {
  await using gateway = await TestGateway.start({ config: { server: { http: { port: 0 } } } });
  for (const { name, headers, status } of sites) {
    await t.step(`${name}: ${status}`, async () => {
      for (const path of ["/", "/metrics", "/api/status"]) {
        const response = await get(gateway.rafka.httpPort!, path, headers);
        assert.equal(response.status, status, path);
        assert.equal(response.headers.get("access-control-allow-origin"), undefined);
        assert.equal(response.headers.get("cross-origin-resource-policy"), "same-origin");
        assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      }
    });
  }
});

Deno.test("TLS and the Redis protocol at the HTTP port are called by their names, once for many", async () => {
  await using log = await CapturedLog.start();
  {
    await using server = new TestServer(hello);
    for (let times = 0; times < 3; times++) {
      using client = await TestClient.connect(server.port);
      assert.equal(await client.ask("PING"), "-ERR this port speaks HTTP only\r\n");
      assert.equal(await client.untilClosed(), "");
      using secure = await TestClient.connect(server.port);
      await secure.write(new Uint8Array([0x16, 3, 1, 0, 0]));
      assert.equal(await secure.untilClosed(), "");
    }
    assert.equal((await get(server.port, "/")).body, "hello\n");
  }
  for (const protocol of ["TLS", "the Redis protocol"]) {
    const line = `: ${protocol} at the port for HTTP (`;
    assert.equal(log.count(`${line}1 times)`), 1);
    assert.equal(log.count(`${line}2 times)`), 1);
  }
});
