/**
 * Accepting lets other connections have their turn where very many come, and only there.
 *
 * @module
 */
import assert from "node:assert/strict";
import { getOption, IPPROTO_TCP, socketsOf } from "../../src/ffi/socket_options.ts";
import { Acceptor } from "../../src/net/acceptor.ts";
import type { ByteStream, Listener } from "../../src/net/byte_stream.ts";
import { TcpListener } from "../../src/net/tcp.ts";

const CONNECTIONS = 100;
const TCP_NODELAY = 1;

/** Connections that are there already. */
class Crowd implements Listener {
  readonly address = "nowhere";
  readonly waiting: number | undefined;
  #left = CONNECTIONS;
  readonly #closed = Promise.withResolvers<never>();

  constructor(waiting: number | undefined) {
    this.waiting = waiting;
  }

  accept(): Promise<ByteStream> {
    return this.#left-- > 0 ? Promise.resolve({} as ByteStream) : this.#closed.promise;
  }

  close(): void {
    this.#closed.reject(new Error("closed"));
  }
}

for (
  const { waiting, turns } of [
    { waiting: 10, turns: 1 },
    { waiting: 1_000, turns: 4 },
    { waiting: undefined, turns: 4 },
  ]
) {
  Deno.test(`${CONNECTIONS} connections are accepted in ${turns} turns while ${waiting} more wait`, async () => {
    const served = Promise.withResolvers<void>();
    let [accepted, turn] = [0, 1];
    const ticking = setInterval(() => turn++, 0);
    const acceptor = new Acceptor([new Crowd(waiting)], () => {
      if (++accepted === CONNECTIONS) served.resolve();
    }, 1);
    await served.promise;
    clearInterval(ticking);
    if (turns === 1) assert.equal(turn, 1);
    else assert.ok(turn >= turns, `others had ${turn} turns`);
    await acceptor.close();
  });
}

Deno.test({
  name: "Small packets of an accepted connection are sent immediately",
  ignore: Deno.build.os !== "linux",
  async fn(): Promise<void> {
    const listener = new TcpListener("127.0.0.1", 0);
    const accepting = listener.accept();
    using client = await Deno.connect({ hostname: "127.0.0.1", port: listener.port });
    const accepted = await accepting;
    const remotePort = (client.localAddr as Deno.NetAddr).port;
    const [fd] = socketsOf({ localPort: listener.port, remotePort });
    assert.equal(getOption(fd!, IPPROTO_TCP, TCP_NODELAY), 1);
    accepted.close();
    listener.close();
  },
});
