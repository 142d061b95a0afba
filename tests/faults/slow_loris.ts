/**
 * Ten thousand connections that each send a part of a command, byte by byte, and never its end.
 *
 * @module
 */
import { TestClient } from "../support/client.ts";
import { Program, withOpenFiles } from "../support/program.ts";
import { resourcesOf } from "../support/resources.ts";
import type { Endurance, EnduranceOutcome } from "./endurance.ts";
import { pause } from "./load.ts";
import { Witnesses } from "./witnesses.ts";

const FULL = 10_000;
const SHORT = 1_000;
/** They are slow one after the other: so many do something, then there is a pause. */
const AT_ONCE = 50;
const PAUSE_MS = 10;
/** Rounds of one byte from each, which take two seconds each. */
const BYTES = "$6\r\nrpu";
const MAX_BYTES_EACH = 40 * 1024;
/** Until the gateway has seen that all have gone. */
const GONE_DEADLINE_MS = 20_000;

/** Also known as slow loris. */
export const slowLoris: Endurance = {
  name: "slow-loris",
  what: "connections that send a command byte by byte, and never its end",
  async run(full): Promise<EnduranceOutcome> {
    const count = full ? FULL : SHORT;
    const server = { maxClients: 2 * FULL };
    await using program = await Program.start(
      ["--dev"],
      { RAFKA_CONFIG_JSON: JSON.stringify({ server }) },
      withOpenFiles(2 * FULL),
    );
    await using witnesses = await Witnesses.of(program);
    const before = await resourcesOf(program.pid);
    const clients = await connect(program, count);
    for (const byte of BYTES) await oneAfterTheOther(clients, (client) => client.write(byte));
    const during = await resourcesOf(program.pid);
    await oneAfterTheOther(clients, (client) => client[Symbol.dispose]());
    const gone = await untilGone(program, before.fileDescriptors);
    const figures = await witnesses.end(full);
    const bytesEach = Math.round((during.memoryBytes - before.memoryBytes) / count);
    return {
      figures: { connections: count, "bytes of memory each": bytesEach, ...figures },
      problems: [
        ...witnesses.problems,
        ...(bytesEach > MAX_BYTES_EACH ? [`${bytesEach} bytes for a connection`] : []),
        ...(gone ? [] : ["descriptors stay open when all have gone"]),
      ],
    };
  },
};

async function connect(program: Program, count: number): Promise<TestClient[]> {
  const clients: TestClient[] = [];
  await oneAfterTheOther(Array.from({ length: count }), async () => {
    const client = await TestClient.connect(program.port, "127.0.0.1", 64);
    await client.write("*3\r\n");
    clients.push(client);
  });
  return clients;
}

async function oneAfterTheOther<T>(
  all: readonly T[],
  act: (one: T) => Promise<void> | void,
): Promise<void> {
  for (let at = 0; at < all.length; at += AT_ONCE) {
    await Promise.all(all.slice(at, at + AT_ONCE).map(act));
    await pause(PAUSE_MS);
  }
}

/** As many descriptors are open as before, give or take those of the witnesses' consumer and producer. */
async function untilGone(program: Program, fileDescriptors: number): Promise<boolean> {
  const deadline = performance.now() + GONE_DEADLINE_MS;
  while (performance.now() < deadline) {
    if ((await resourcesOf(program.pid)).fileDescriptors <= fileDescriptors + 20) return true;
  }
  return false;
}
