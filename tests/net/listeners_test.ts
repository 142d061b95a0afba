/**
 * The server takes any listeners: two ports, and a Unix socket, which is one more constructor.
 *
 * @module
 */
import assert from "node:assert/strict";
import { serverDefaults } from "../../src/config/schema.ts";
import type { ByteStream, Listener } from "../../src/net/byte_stream.ts";
import { TcpListener } from "../../src/net/tcp.ts";
import { Server } from "../../src/session/server.ts";
import { TestClient } from "../support/client.ts";
import { TestKafka } from "../support/kafka_environment.ts";
import { serverParts } from "../support/server_parts.ts";

class UnixListener implements Listener {
  readonly address: string;
  readonly #listener: Deno.UnixListener;

  constructor(path: string) {
    this.#listener = Deno.listen({ transport: "unix", path });
    this.address = path;
  }

  async accept(): Promise<ByteStream> {
    const conn = await this.#listener.accept();
    return {
      remoteAddress: `${this.address}:0`,
      localAddress: `${this.address}:0`,
      isLocal: true,
      read: (into) => conn.read(into),
      write: (bytes) => conn.write(bytes),
      closeWrite: () => conn.closeWrite(),
      close: () => conn.close(),
      peerAnswers: () => Promise.resolve(true),
    };
  }

  close(): void {
    this.#listener.close();
  }
}

Deno.test("One server serves two TCP ports and a Unix socket; their clients see each other", async () => {
  await using kafka = await TestKafka.start();
  const path = `${await Deno.makeTempDir({ prefix: "rafka-" })}/socket`;
  const ports = [new TcpListener("127.0.0.1", 0), new TcpListener("127.0.0.1", 0)];
  const server = new Server([...ports, new UnixListener(path)], {
    settings: serverDefaults,
    ...serverParts(kafka, ports[0]!.port),
  });
  using first = await TestClient.connect(ports[0]!.port);
  using second = await TestClient.connect(ports[1]!.port);
  using local = await Deno.connect({ transport: "unix", path });
  await local.write(new TextEncoder().encode("CLIENT SETNAME g:unix\r\nPING\r\n"));
  let replies = "";
  const buffer = new Uint8Array(64);
  while (replies.length < "+OK\r\n+PONG\r\n".length) {
    replies += new TextDecoder().decode(buffer.subarray(0, await local.read(buffer) ?? 0));
  }
  assert.equal(replies, "+OK\r\n+PONG\r\n");
  assert.equal(await first.ask("PING"), "+PONG\r\n");
  assert.match(await second.ask("CLIENT", "LIST"), new RegExp(`addr=${path}:0 .* name=g:unix `));
  assert.equal(server.sessionCount, 3);
  await server.stop();
  await assert.rejects(Deno.connect({ transport: "unix", path }));
  await server.state.principals.close();
});
