/**
 * More workers than partitions: as docs/commands.md says, those without a partition are idle until another one leaves.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { produceAll, quit } from "../support/kafka.ts";

Deno.test("Of five workers of an embedded topic one is idle, and takes over when another one leaves", async () => {
  await using gateway = await TestGateway.start();
  const [group, topic] = [uniqueName("group"), uniqueName("four-partitions")];
  using observer = await gateway.connect();
  const names = ["a", "b", "c", "d", "e"].map((name) => `${group}:${name}`);
  using stack = new DisposableStack();
  const workers = new Map<string, TestClient>();
  for (const name of names) {
    const worker = stack.use(await gateway.connectAs(name));
    await worker.send("BLPOP", `topics:${topic}`, 0);
    workers.set(name, worker);
  }
  const counts = async (): Promise<Map<string, number>> => {
    const list = await observer.ask("CLIENT", "LIST");
    const found = list.matchAll(/ name=(\S+) .* flags=b .* partitions=(\S*) /g);
    return new Map([...found].map(([, name, partitions]) => [
      name!,
      partitions!.split(",").filter((partition) => partition !== "").length,
    ]));
  };
  let shared = new Map<string, number>();
  const areShared = async (): Promise<boolean> => {
    shared = await counts();
    return [...shared.values()].sort().join() === "0,1,1,1,1";
  };
  await until(areShared, "one partition for each of four workers", 60_000);
  const [idle] = [...shared].find(([, count]) => count === 0)!;

  const keys = Array.from({ length: 40 }, (_, number) => `key-${number}`);
  await produceAll(observer, keys.map((key) => [`${topic}:${key}`, key]));
  for (const [name, worker] of workers) {
    if (name !== idle) assert.match(await worker.reply(), /key-/);
  }
  await until(async () => [...(await counts()).keys()].join() === idle, "only one to wait");

  const [leaving, ...staying] = names.filter((name) => name !== idle);
  await quit(workers.get(leaving!)!);
  for (const name of staying) await workers.get(name)!.send("BLPOP", `topics:${topic}`, 0);
  assert.match(await workers.get(idle)!.reply(60_000), /key-/);
});
