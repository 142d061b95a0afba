/**
 * Connects, pings, and hangs up, at a given rate, or as near to it as the machine allows.
 *
 * @module
 */
import { onTask } from "./in_worker.ts";

/** How often, and for how long. */
export interface ConnectsTask {
  readonly port: number;
  readonly seconds: number;
  readonly perSecond: number;
}

/** What came of it. */
export interface ConnectsResult {
  readonly connections: number;
  /** Connections that were not answered, the first few. */
  readonly failures: readonly string[];
}

const AT_ONCE = 50;
const MAX_NAMED = 5;
const PING = new TextEncoder().encode("PING\r\n");

onTask<ConnectsTask, ConnectsResult>(async ({ port, seconds, perSecond }) => {
  const startMs = performance.now();
  const failures: string[] = [];
  let connections = 0;
  const one = async (): Promise<void> => {
    for (;;) {
      const elapsedMs = performance.now() - startMs;
      if (elapsedMs >= seconds * 1_000) return;
      const aheadMs = connections / perSecond * 1_000 - elapsedMs;
      if (aheadMs > 0) await new Promise((resolve) => setTimeout(resolve, aheadMs));
      connections++;
      try {
        await ping(port);
      } catch (error) {
        if (failures.length < MAX_NAMED) failures.push(`a connection failed: ${error}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  return { connections, failures };
});

async function ping(port: number): Promise<void> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(PING);
  const count = await conn.read(new Uint8Array(16));
  if (count !== 7) throw new Error(`${count} bytes instead of a PONG`);
}
