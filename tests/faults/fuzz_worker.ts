/**
 * Sends garbage over some connections at a time, as fast as the gateway takes it, and hangs up in all kinds of moments.
 *
 * @module
 */
import { encode } from "../support/client.ts";
import { fromBytes, SeededRandom } from "../support/wire.ts";
import { onTask } from "./in_worker.ts";
import { Garbage, type Pipeline } from "./garbage.ts";

/** What is to be sent. */
export interface FuzzTask {
  readonly port: number;
  readonly seed: number;
  readonly requests: number;
  readonly commands: readonly string[];
}

const CONNECTIONS = 8;
const PIPELINE = 50;
/** A connection's share before it goes. */
const PIPELINES = 20;
/** BLPOP and WAIT may wait, CLIENT REPLY OFF is silent for ever: then it hangs up. */
const PATIENCE_MS = 500;

onTask<FuzzTask, void>(async ({ port, seed, requests, commands }) => {
  let left = requests;
  const random = new SeededRandom(seed);
  const garbage = new Garbage(random, commands);
  const one = async (): Promise<void> => {
    while (left > 0) {
      const count = Math.min(left, PIPELINE * PIPELINES);
      left -= count;
      const sent = await flood(port, garbage, random, count);
      left += count - sent; // others have changed it meanwhile
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, one));
});

/** One connection; how many requests were sent. */
async function flood(
  port: number,
  garbage: Garbage,
  random: SeededRandom,
  atMost: number,
): Promise<number> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  let sent = 0;
  for (let number = 0; sent < atMost; number++) {
    const pipeline = garbage.next(Math.min(PIPELINE, atMost - sent));
    const marker = `marker-${number}-${random.below(1_000_000)}`;
    sent += pipeline.requests;
    if (!await exchange(conn, pipeline, marker)) return sent;
  }
  return sent;
}

/** Sends a pipeline and reads all of its replies; false when that is the end of the connection. */
async function exchange(
  conn: Deno.TcpConn,
  { bytes, whole }: Pipeline,
  marker: string,
): Promise<boolean> {
  const timer = setTimeout(() => close(conn), PATIENCE_MS);
  try {
    await Promise.all([send(conn, bytes, marker), whole ? readUntil(conn, marker) : undefined]);
    return whole;
  } catch (error) {
    if (isClosed(error)) return false;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

async function send(conn: Deno.TcpConn, bytes: Uint8Array, marker: string): Promise<void> {
  for (const part of [bytes, encode(["DISCARD"]), encode(["PING", marker])]) { // there may be a MULTI
    let rest = part;
    while (rest.byteLength > 0) rest = rest.subarray(await conn.write(rest));
  }
}

async function readUntil(conn: Deno.TcpConn, marker: string): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  for (let tail = ""; !tail.includes(marker);) {
    const count = await conn.read(buffer);
    if (count === null) throw new Deno.errors.ConnectionReset("closed by the gateway");
    tail = tail.slice(-marker.length) + fromBytes(buffer.subarray(0, count));
  }
}

function close(conn: Deno.TcpConn): void {
  try {
    conn.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

function isClosed(error: unknown): boolean {
  return [
    Deno.errors.ConnectionReset,
    Deno.errors.BrokenPipe,
    Deno.errors.BadResource,
    Deno.errors.Interrupted,
    Deno.errors.NotConnected,
  ].some((kind) => error instanceof kind);
}
