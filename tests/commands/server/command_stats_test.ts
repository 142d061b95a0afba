/**
 * INFO commandstats, errorstats, latencystats and keyspace: real figures. Their shapes are compared with a Redis' in
 * tests/commands.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "../../support/client.ts";
import { TestGateway } from "../../support/gateway.ts";
import { encodeRequest } from "../../support/wire.ts";

Deno.test("INFO commandstats counts each call of a pipeline, and about what they took", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const count = 10_000;
  const startMs = performance.now();
  await client.write(encodeRequest(["RPUSHX", "topics:t", "hello"]).repeat(count));
  for (let i = 0; i < count; i++) assert.equal(await client.reply(), ":1\r\n");
  const tookUsec = (performance.now() - startMs) * 1_000;
  const stats = await commandStats(client, "rpushx");
  assert.deepEqual([stats.calls, stats.rejected_calls, stats.failed_calls], [count, 0, 0]);
  assert.ok(stats.usec! > count / 10, `${stats.usec} µs are less than 0.1 a call`);
  // of 64 calls one is timed: what holds it up counts 64 times
  assert.ok(stats.usec! < 64 * tookUsec, `${stats.usec} µs, all took ${tookUsec}`);
  const perCall = stats.usec! / count; // a whole number of microseconds, and two decimals, are shown
  assert.ok(Math.abs(stats.usec_per_call! - perCall) < 0.005 + 1 / count, `${perCall}`);
});

Deno.test("What a BLPOP waits is not its own work, and one that fails is counted so", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.equal(await client.ask("BLPOP", "topics:t", 0.3), "*-1\r\n");
  assert.match(await client.ask("BLPOP", "topics:u", 1), /^-CONS /);
  assert.match(await client.ask("BLPOP", "topics:u"), /^-ERR /);
  const stats = await commandStats(client, "blpop");
  assert.deepEqual([stats.calls, stats.rejected_calls, stats.failed_calls], [2, 1, 1]);
  assert.ok(stats.usec! < 200_000, `${stats.usec} µs`);
  const errors = await info(client, "errorstats");
  assert.deepEqual(errors, ["errorstat_CONS:count=1", "errorstat_ERR:count=1"]);
  assert.ok((await info(client, "stats")).includes("total_error_replies:2"));
});

Deno.test("Each error of an EXEC is counted, and what is no request as well", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (const words of [["MULTI"], ["GET", "x"], ["PING", "a", "b"], ["DUMP", "x"], ["EXEC"]]) {
    await client.ask(...words);
  }
  using bad = await gateway.connect();
  await bad.write("*1\r\nPING\r\n");
  await bad.untilClosed();
  const errors = await info(client, "errorstats");
  assert.deepEqual(errors, ["errorstat_ERR:count=2", "errorstat_PROD:count=1"]);
});

Deno.test("INFO latencystats has percentiles of what was timed", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (let i = 0; i < 5; i++) await client.ask("PING");
  const [ping] = await info(client, "latencystats");
  const match = /^latency_percentiles_usec_ping:p50=([\d.]+),p99=([\d.]+),p99.9=([\d.]+)$/.exec(
    ping!,
  );
  const [p50, p99, most] = match!.slice(1).map(Number);
  assert.ok(1 <= p50! && p50! <= p99! && p99! <= most! && most! < 1_000_000, ping);
});

Deno.test("INFO keyspace counts topics as keys", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.deepEqual(await info(client, "keyspace"), []);
  for (const topic of ["a", "b", "c"]) await client.ask("RPUSHX", `topics:${topic}`, "hello");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  assert.deepEqual(await info(client, "keyspace"), ["db0:keys=3,expires=0,avg_ttl=0"]);
});

Deno.test("INFO answers while Kafka does not", async () => {
  const config = { general: { "bootstrap.servers": "127.0.0.1:1", "log_level": 0 } };
  await using gateway = await TestGateway.start({ config });
  using client = await gateway.connect();
  const startMs = performance.now();
  assert.ok((await info(client)).includes("redis_mode:standalone"));
  const tookMs = performance.now() - startMs;
  assert.ok(tookMs < 3_000, `${tookMs} ms`);
});

/** The fields of one line of INFO commandstats. */
async function commandStats(client: TestClient, name: string): Promise<Record<string, number>> {
  const prefix = `cmdstat_${name}:`;
  const line = (await info(client, "commandstats")).find((one) => one.startsWith(prefix));
  const fields = line!.slice(prefix.length).split(",").map((field) => field.split("="));
  return Object.fromEntries(fields.map(([field, value]) => [field, Number(value)]));
}

/** The lines of sections of INFO, without their titles. */
async function info(client: TestClient, ...sections: string[]): Promise<string[]> {
  const lines = readText(await client.ask("INFO", ...sections)).split("\r\n");
  return lines.filter((line) => line !== "" && !line.startsWith("#"));
}
