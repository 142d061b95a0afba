/**
 * A proxy to a Kafka broker that can lose what the broker answers to a batch of messages: it is stored, and whoever has
 * sent it sends it again.
 *
 * @module
 */

/** Number of the request in the Kafka protocol. */
const PRODUCE = 0;
/** In front of a request: its length. */
const LENGTH_BYTES = 4;

/** Forwards connections in both directions. */
export class LossyForwarder implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #targetPort: number;
  readonly #conns = new Set<Deno.Conn>();
  readonly #ended: Promise<unknown>;
  /** Requests that are as large get no answer. */
  #lossBytes = Infinity;
  #lost = 0;

  /** Forwards to this port of this machine. */
  constructor(targetPort: number) {
    this.#targetPort = targetPort;
    this.#ended = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** How many answers are lost. */
  get lost(): number {
    return this.#lost;
  }

  /** The next answer to a Produce request of so many bytes or more is lost, and its connection ends. */
  loseNextAnswer(requestBytes: number): void {
    this.#lossBytes = requestBytes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const conn of this.#conns) close(conn);
    await this.#ended;
  }

  async #accept(): Promise<void> {
    const pipes: Promise<unknown>[] = [];
    for await (const client of this.#listener) {
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#targetPort });
      this.#conns.add(client).add(server);
      const state = { losing: false };
      pipes.push(
        pipe(client, server, (bytes) => {
          if (this.#isToLose(bytes)) state.losing = true;
          return true;
        }),
        pipe(server, client, () => {
          if (state.losing) this.#lost++;
          return !state.losing;
        }),
      );
    }
    await Promise.all(pipes);
  }

  /** librdkafka writes each request by itself. */
  #isToLose(request: Uint8Array): boolean {
    const isProduce = new DataView(request.buffer, request.byteOffset).getInt16(LENGTH_BYTES) ===
      PRODUCE;
    if (!isProduce || request.byteLength < this.#lossBytes) return false;
    this.#lossBytes = Infinity;
    return true;
  }
}

/** Forwards until one end is closed, or `isToPass` is false, then closes both. */
async function pipe(
  from: Deno.Conn,
  to: Deno.Conn,
  isToPass: (bytes: Uint8Array) => boolean,
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
