/**
 * A native handle that nobody has closed: whoever runs Rafka is told, while it runs and when it ends.
 *
 * @module
 */
import assert from "node:assert/strict";
import { parseConfig } from "../../src/config/load.ts";
import { libraryCandidates, openLibrary } from "../../src/ffi/library.ts";
import { Gateway } from "../../src/app/gateway.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TestClient } from "../support/client.ts";
import { until } from "../support/gateway.ts";

const CONFIG = '{"server":{"host":"127.0.0.1","port":0}}';
const BUG = "Bug: ";

Deno.test("INFO kafka counts native handles; a consumer takes some and gives them back", async () => {
  await using _log = await CapturedLog.start();
  const rafka = await start();
  const { port } = rafka;
  using observer = await TestClient.connect(port);
  const before = await nativeHandles(observer);
  {
    using consumer = await TestClient.connect(port);
    await consumer.ask("CLIENT", "SETNAME", "group:worker");
    await consumer.send("BLPOP", "topics:t", 0);
    await until(async () => await nativeHandles(observer) > before, "a consumer");
  }
  await until(async () => await nativeHandles(observer) === before, "its end");
  await rafka.stop();
});

Deno.test("a gateway that ends with nothing left says nothing of it", async () => {
  await using log = await CapturedLog.start();
  const rafka = await start();
  await rafka.stop();
  assert.equal(log.count(BUG), 0, log.lines.join("\n"));
});

Deno.test("a native handle that is left at the end is an error in the log, with its type", async () => {
  await using log = await CapturedLog.start();
  const library = openLibrary(libraryCandidates(undefined));
  const rafka = await start(library);
  for (let i = 0; i < 2; i++) library.handles.opened("rd_kafka_queue_t");
  library.handles.opened("rd_kafka_topic_t");
  await rafka.stop();
  assert.deepEqual(log.lines.filter((line) => line.includes(BUG)), [
    "error: Bug: 3 native handles are still open: 2 rd_kafka_queue_t, 1 rd_kafka_topic_t",
  ]);
});

async function start(library = openLibrary(libraryCandidates(undefined))): Promise<Gateway> {
  const config = parseConfig(CONFIG, "the test's configuration");
  return await Gateway.start({ config, library, dev: true, version: "test" });
}

async function nativeHandles(client: TestClient): Promise<number> {
  return Number(/^native_handles:(\d+)\r$/m.exec(await client.ask("INFO", "kafka"))?.[1]);
}
