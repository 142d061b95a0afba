/**
 * Clients that are cut off, or leave messages behind, again and again: the log says the first at once, and of the
 * others how many they were, so that nobody can fill it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import type { TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { onBrokers, produceAll, type TestConfig } from "../support/kafka.ts";

const TIMES = 20;

/** Something that a client can do as often as it likes. */
interface Nuisance {
  readonly what: string;
  /** What its lines of the log hold, and how many each of them stands for. */
  readonly line: RegExp;
  readonly server?: TestConfig["server"];
  /** Done by `TIMES` connections. */
  readonly commit: (client: TestClient, gateway: TestGateway) => Promise<unknown>;
}

const NUISANCES: readonly Nuisance[] = [
  {
    what: "HTTP requests",
    line: /^warning: Client 127\.0\.0\.1:\d+ is disconnected: possible attack.* \((\d+) times\)$/,
    commit: (client) => client.write("POST / HTTP/1.1\r\n"),
  },
  {
    what: "Replies over outputLimitBytes",
    line: /^warning: Client .* is disconnected: \d+ bytes of replies wait .* \((\d+) times\)$/,
    server: { outputLimitBytes: 1_000 },
    commit: (client) => client.send("PING", "x".repeat(2_000)),
  },
  {
    what: "MONITOR clients over monitorBacklogBytes",
    line: /^warning: Client .* is disconnected: it does not read what MONITOR .* \((\d+) times\)$/,
    server: { monitorBacklogBytes: 1_000 },
    async commit(client, gateway): Promise<void> {
      assert.equal(await client.ask("MONITOR"), "+OK\r\n");
      using other = await gateway.connect();
      await other.ask("PING", "x".repeat(2_000));
    },
  },
  {
    what: "CLIENT KILLs",
    line: /^info: Client .* is disconnected: CLIENT KILL \((\d+) times\)$/,
    async commit(client, gateway): Promise<void> {
      using other = await gateway.connect();
      assert.equal(await other.ask("CLIENT", "KILL", client.address), "+OK\r\n");
    },
  },
];

for (const { what, line, server = {}, commit } of NUISANCES) {
  Deno.test(`${what} are summed up in the log`, async () => {
    await using log = await CapturedLog.start();
    {
      await using gateway = await TestGateway.start({ config: { server } });
      for (let i = 0; i < TIMES; i++) {
        using client = await gateway.connect();
        await commit(client, gateway);
        await client.untilClosed();
      }
    }
    assertSummedUp(log, line, TIMES);
  });
}

Deno.test("Messages that clients have not read are summed up in the log", async () => {
  await using log = await CapturedLog.start();
  {
    const server = { outputLimitBytes: 4_000 };
    await using gateway = await TestGateway.start({ config: { server } });
    using producer = await gateway.connect();
    await produceAll(producer, [["t:key", "x".repeat(5_000)]]);
    await Promise.all(
      Array.from({ length: TIMES }, async (_, at) => {
        using worker = await gateway.connectAs(`group-${at}:worker`);
        await worker.send("BLPOP", "topics:t", 30);
        await worker.untilClosed(30_000);
      }),
    );
    await gateway.untilSessions(1);
  }
  assertSummedUp(log, / gone and ha(?:s|ve) not read (\d+) messages; they will be/, TIMES);
});

Deno.test("Messages of clients that cannot be delivered are summed up in the log", async () => {
  await using log = await CapturedLog.start();
  {
    const config = onBrokers("127.0.0.1:1", { server: { flushTimeoutMs: 1_000 } });
    const timeouts = { undeliveredMs: 500 };
    await using gateway = await TestGateway.start({ config, timeouts });
    for (let i = 0; i < TIMES; i++) {
      using client = await gateway.connect();
      for (const value of ["one", "two", "three"]) {
        assert.equal(await client.ask("RPUSHX", "topics:t", value), ":1\r\n");
      }
    }
    await gateway.untilSessions(0);
  }
  const line = /^warning: .* gone and (\d+) of (?:its|their) messages could not be delivered in /;
  assertSummedUp(log, line, 3 * TIMES);
});

/** All are told of, in few lines; a slow machine may need some more than two. */
function assertSummedUp({ lines }: CapturedLog, line: RegExp, count: number): void {
  const counts = lines.map((text) => line.exec(text)).filter((match) => match !== null)
    .map((match) => Number(match[1]));
  assert.equal(counts.reduce((sum, each) => sum + each, 0), count, lines.join("\n"));
  assert.ok(counts.length < TIMES / 2, lines.join("\n"));
}
