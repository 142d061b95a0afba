/**
 * What connections take is free when they have ended, without a collection of all memory: where very many come and go,
 * that would take more time than they do.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { type Launcher, Program, startArguments } from "../support/program.ts";

const CONNECTIONS = 3_000;
const AT_A_TIME = 10;
const BUFFER_BYTES = 256;
/** A connection has some 20 KB. */
const MAX_LEFT_BYTES = 1_000;

/** V8 reports each collection, on standard output, which the log has here, too. */
const tracing: Launcher = (args, env) => {
  const flags = startArguments.map((flag) =>
    flag.startsWith("--v8-flags=") ? `${flag},--trace-gc-nvp` : flag
  );
  const command = [Deno.execPath(), ...flags, ...args];
  return { command: "bash", args: ["-c", 'exec "$0" "$@" >&2', ...command], env };
};

Deno.test("Of connections that have ended hardly anything becomes old", async () => {
  await using program = await Program.start(["--dev"], {}, tracing);
  await comeAndGo(program.port, CONNECTIONS); // V8 compiles, and caches fill
  const before = program.log.length;
  await comeAndGo(program.port, CONNECTIONS);
  const collections = program.log.slice(before).matchAll(/"gc":"s".*?"promoted":(\d+)/g);
  const promoted = Array.from(collections, ([, bytes]) => Number(bytes));
  assert.ok(promoted.length > 5, `${promoted.length} collections`);
  const left = promoted.reduce((sum, bytes) => sum + bytes, 0) / CONNECTIONS;
  assert.ok(left < MAX_LEFT_BYTES, `${Math.round(left)} bytes of each connection became old`);
});

async function comeAndGo(port: number, count: number): Promise<void> {
  await Promise.all(Array.from({ length: AT_A_TIME }, async () => {
    for (let n = 0; n < count / AT_A_TIME; n++) {
      using client = await TestClient.connect(port, "127.0.0.1", BUFFER_BYTES);
      assert.equal(await client.ask("PING"), "+PONG\r\n"); // nothing that outlives the connection
    }
  }));
}
