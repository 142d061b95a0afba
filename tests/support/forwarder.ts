/**
 * A proxy to a server: another address for it, or a delayed one.
 *
 * @module
 */

/** Forwards connections in both directions. */
export class Forwarder implements AsyncDisposable {
  readonly #listener: Deno.TcpListener;
  readonly #target: { readonly hostname: string; readonly port: number };
  readonly #conns = new Set<Deno.Conn>();
  readonly #ended: Promise<unknown>;
  #closed = false;

  /** Listens on `hostname`, on any free port unless one is given, for connections to `target` (`host:port`). */
  constructor(target: string, hostname: string, port = 0) {
    const [host, targetPort] = target.split(":");
    this.#target = { hostname: host!, port: Number(targetPort) };
    this.#listener = Deno.listen({ hostname, port });
    this.#ended = this.#accept();
  }

  /** `host:port` */
  get address(): string {
    const { hostname, port } = this.#listener.addr as Deno.NetAddr;
    return `${hostname}:${port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    await this.#ended;
  }

  async #accept(): Promise<void> {
    const pipes: Promise<unknown>[] = [];
    for await (const client of this.#listener) {
      this.#conns.add(client);
      pipes.push(this.#connect(client));
    }
    await Promise.all(pipes);
  }

  async #connect(client: Deno.Conn): Promise<void> {
    let server: Deno.Conn;
    try {
      server = await Deno.connect(this.#target);
    } catch {
      close(client); // as if nobody were there
      return;
    }
    this.#conns.add(server);
    if (this.#closed) close(server); // it was on its way when all others were closed
    await Promise.all(this.forward(client, server));
  }

  /** The two directions of a connection. */
  protected forward(client: Deno.Conn, server: Deno.Conn): Promise<unknown>[] {
    return [pipe(client, server), pipe(server, client)];
  }
}

/** Forwards until one end is closed, or `isToPass` is false, then closes both. */
export async function pipe(
  from: Deno.Conn,
  to: Deno.Conn,
  isToPass: (bytes: Uint8Array) => boolean = () => true,
): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (;;) {
      const count = await from.read(buffer);
      if (count === null) break;
      const bytes = buffer.subarray(0, count);
      if (!isToPass(bytes)) break;
      for (let at = 0; at < count;) at += await to.write(bytes.subarray(at));
    }
  } catch {
    // one of the ends has disconnected
  }
  close(from);
  close(to);
}

function close(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // already closed
  }
}
