/**
 * Properties 7, 9: numbers, wrong arity and random bytes, for each command of the table.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { CapturedLog } from "../support/captured_log.ts";
import type { TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { chooseSeed, encodeRequest, SEED_VARIABLE, SeededRandom } from "../support/wire.ts";
import { numbersIn, requestWith } from "./requests.ts";

/** At 2^63 and beyond, up and down, and where others have overflowed. */
const EXTREMES = [
  "9223372036854775808",
  "-9223372036854775809",
  "18446744073709551616",
  "99999999999999999999999999999999999999",
  `1${"0".repeat(400)}`,
];

/** Timeouts of the first Rafka, of which any is accepted: so long a one is as good as none. */
const LENIENT = ["BLPOP timeoutSeconds", "DUMP timeoutMs"];

/** In Redis, too, it has no sign, and those of 64 bits are right. */
const UNSIGNED = "SCAN cursor";

Deno.test("7: a number at or beyond 2^63 is an error, in each place that takes one", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start({
    config: { server: { users: ["user default on nopass ~* +@all"] } },
  });
  using other = await gateway.connect();
  const places = commands.flatMap(({ name, arguments: specs = [] }) =>
    numbersIn(specs).map((target) => ({
      argument: `${name} ${target.name}`,
      words: (value: string) => requestWith(name, specs, target, value),
    }))
  );
  assert.ok(places.length > 40, `${places.length} places`);
  for (const { argument, words } of places) {
    for (const value of argument === UNSIGNED ? EXTREMES.slice(2) : EXTREMES) {
      using client = await gateway.connectAs("g:c");
      const request = words(value);
      if (LENIENT.includes(argument)) {
        await client.send(...request);
        assert.equal(await other.ask("PING"), "+PONG\r\n");
      } else assert.match(await client.ask(...request), /^-/, request.join(" ").slice(0, 200));
      client[Symbol.dispose]();
      await gateway.untilSessions(1);
    }
  }
  assert.equal(await other.ask("PING"), "+PONG\r\n");
  assert.equal(log.count("Bug"), 0, log.lines.join("\n"));
});

Deno.test("7: the arguments of a request, and what MULTI holds, are bounded", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { maxArguments: 100, maxRequestBytes: 100_000 } },
  });
  using many = await gateway.connect();
  await many.write("*101\r\n");
  assert.equal(await many.untilClosed(), "-ERR Protocol error: invalid multibulk length\r\n");
  using client = await gateway.connect();
  assert.equal(await client.ask("MULTI"), "+OK\r\n");
  const tooLarge = "-ERR transaction larger than 100000 bytes\r\n";
  const replies: string[] = [];
  for (let at = 0; at < 150; at++) replies.push(await client.ask("ECHO", "x".repeat(1_000)));
  assert.ok(replies.indexOf(tooLarge) > 10 && replies.indexOf(tooLarge) <= 100);
  assert.match(await client.ask("EXEC"), /^-EXECABORT/);
});

const seed = chooseSeed();

Deno.test(`9: random bytes and any number of arguments leave the gateway up, ${SEED_VARIABLE}=${seed}`, async () => {
  await using log = await CapturedLog.start();
  await using gateway = await TestGateway.start({
    config: { server: { users: ["user default on nopass ~* +@all"] } },
    timeouts: { lingerMs: 50, halfClosedMs: 50 },
  });
  using other = await gateway.connect();
  const random = new SeededRandom(seed);
  for (const { name, arity } of commands) {
    const words = name.split(" ");
    for (let count = 0; count <= Math.abs(arity) + 3; count++) {
      using client = await gateway.connect();
      const args = Array.from({ length: count }, () => randomArgument(random));
      const request = encodeRequest([...words, ...args]);
      await client.write(request);
      const what = JSON.stringify(request);
      await answered(client, what);
      assert.equal(await other.ask("PING"), "+PONG\r\n", what);
    }
  }
  assert.equal(log.count("Bug"), 0, log.lines.filter((line) => line.includes("Bug")).join("\n"));
});

/** A command may wait as long as it likes, and one that ends the connection has no reply. */
async function answered(client: TestClient, what: string): Promise<void> {
  await client.endWriting().catch(() => {}); // it may be gone
  const replies = await client.untilClosed();
  assert.match(replies, /^([-+:$*%_,=~>#(]|$)/, what);
}

function randomArgument(random: SeededRandom): string {
  const likely = [
    "topics:t",
    "topics:t:k",
    "0",
    "-1",
    "*",
    "1-1",
    "g",
    "STREAMS",
    "COUNT",
    "{}",
    "",
  ];
  if (random.below(3) === 0) return random.pick(likely);
  return Array.from({ length: random.below(40) }, () => String.fromCharCode(random.below(256)))
    .join("");
}
