/**
 * A client whose read timeout is shorter than it lets BLPOP wait: the log says that, not each of its comings and goings.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { untilListed } from "../support/client_list.ts";
import { TestCluster, testOnRealKafka } from "../support/kafka.ts";

const TIMES = 4;

Deno.test("A client that hangs up again and again while its BLPOP waits is told of, and summed up", async () => {
  await using log = await CapturedLog.start();
  {
    await using gateway = await TestGateway.start();
    for (let times = 1; times <= TIMES; times++) {
      using client = await gateway.connectAs("group:hasty");
      await client.send("BLPOP", "topics:t", 0);
      await until(() => log.count("hasty is assigned") === times, "a consumer that waits");
      client[Symbol.dispose]();
      await until(() => log.count("hasty left its group") === times, "its end");
    }
  }
  const info = log.lines.filter((line) => line.startsWith("info: Consumer group:hasty"));
  assert.deepEqual(info.map((line) => line.replace(/ \d+ ms/, "")), [
    "info: Consumer group:hasty joins its group for t",
    "info: Consumer group:hasty is assigned t[0,1,2,3]",
    "info: Consumer group:hasty left its group in",
  ]);
  const said = "its read timeout must be longer than BLPOP waits";
  assert.equal(log.count(said), 2, "the first at once, the others together");
  assert.equal(log.count("has hung up again while its BLPOP waited (1 times)"), 1);
  assert.equal(log.count(`has hung up again while its BLPOP waited (${TIMES - 2} times)`), 1);
});

Deno.test("A client that hangs up once while it waits, or between two BLPOPs, is not told of", async () => {
  await using log = await CapturedLog.start();
  {
    await using gateway = await TestGateway.start();
    for (let times = 1; times <= 3; times++) {
      using client = await gateway.connectAs("group:calm");
      assert.equal(await client.ask("BLPOP", "topics:t", 0.05), "*-1\r\n");
    }
    using client = await gateway.connectAs("group:once");
    await client.send("BLPOP", "topics:t", 0);
    await log.has("once is assigned");
  }
  assert.equal(log.count("has hung up again"), 0, log.lines.join("\n"));
});

/** What a client waits for, without a name of CLIENT SETNAME, and who the log says that it is. */
const waits = [
  {
    request: ["XREADGROUP", "GROUP", "shop", "alice", "BLOCK", 0, "STREAMS", "topics:t", ">"],
    says:
      /^warning: Client alice \(127\.0\.0\.1:\d+\) has hung up again while its XREADGROUP waited \((\d) times\): its read timeout must be longer than XREADGROUP waits$/,
  },
  {
    request: ["XREAD", "BLOCK", 0, "STREAMS", "topics:t", "$"],
    says:
      /^warning: Client 127\.0\.0\.1:\d+ has hung up again while its XREAD waited \((\d) times\): its read timeout must be longer than XREAD waits$/,
  },
] as const;

for (const { request, says } of waits) {
  Deno.test(`A client that hangs up again and again while its ${request[0]} waits is told of, and summed up`, async () => {
    await using log = await CapturedLog.start();
    {
      await using gateway = await TestGateway.start({ timeouts: { halfClosedMs: 50 } });
      using other = await gateway.connect();
      await other.ask("XGROUP", "CREATE", "topics:t", "shop", "$", "MKSTREAM");
      for (let times = 1; times <= TIMES; times++) {
        using client = await gateway.connect();
        await client.send(...request);
        await untilListed(other, { addr: client.address, flags: "b" });
        client[Symbol.dispose]();
        await gateway.untilSessions(1);
      }
    }
    const told = log.lines.flatMap((line) => says.exec(line)?.[1] ?? []);
    assert.deepEqual(told, ["1", `${TIMES - 2}`], log.lines.join("\n"));
  });
}

Deno.test("A client that hangs up again and again before Kafka has its XADD is told of", async () => {
  await using log = await CapturedLog.start();
  await using kafka = await TestCluster.start();
  await using gateway = await TestGateway.start({
    config: kafka.config({ producer: { "message.timeout.ms": 2_000 } }),
    timeouts: { halfClosedMs: 50 },
  });
  using other = await gateway.connect();
  assert.match(await other.ask("XADD", "topics:t", "*", "name", "value"), /^\$/);
  kafka.mock.setBrokerUp(1, false);
  for (let times = 1; times <= 2; times++) {
    using client = await gateway.connect();
    await client.send("XADD", "topics:t", "*", "name", "value");
    await untilListed(other, { addr: client.address, cmd: "xadd" });
    client[Symbol.dispose]();
    await gateway.untilSessions(1);
  }
  await log.has(
    "has hung up again before its XADD was answered (1 times): its read timeout is shorter than XADD takes now",
  );
  kafka.mock.setBrokerUp(1, true);
});

Deno.test("Clients of one machine that hang up together are not one that comes again", async () => {
  await using log = await CapturedLog.start();
  {
    await using gateway = await TestGateway.start({ timeouts: { halfClosedMs: 50 } });
    using other = await gateway.connect();
    const clients = await Promise.all([1, 2, 3].map(() => gateway.connect()));
    for (const client of clients) {
      await client.send("XREAD", "BLOCK", 0, "STREAMS", "topics:t", "$");
      await untilListed(other, { addr: client.address, flags: "b" });
    }
    for (const client of clients) client[Symbol.dispose]();
    await gateway.untilSessions(1);
  }
  assert.equal(log.count("has hung up again"), 0, log.lines.join("\n"));
});

testOnRealKafka("What such a client waits for is told once, not each time", async (start) => {
  await using log = await CapturedLog.start();
  const name = `${uniqueName("group")}:hasty`;
  {
    await using gateway = await start();
    for (let times = 0; times < TIMES; times++) {
      using client = await gateway.connectAs(name);
      await client.send("BLPOP", `topics:${uniqueName("missing")}`, 0);
      const said = times === 0
        ? `warning: Consumer ${name} waits`
        : `debug: Consumer ${name} waits`;
      await until(() => log.count(said) === Math.max(times, 1), "a consumer that waits");
      client[Symbol.dispose]();
      await until(() => log.count(`${name} left its group`) === times + 1, "its end");
    }
  }
  assert.equal(log.count(`warning: Consumer ${name} waits`), 1);
});
