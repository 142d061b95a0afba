/**
 * The documented workers that go on until they are ended, with each version of their client: what they do with messages
 * that fail, and that they ack what is done, and nothing that is not.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { mustPop, produceAll, TestCluster } from "../support/kafka.ts";
import { ClientProgram } from "./client_program.ts";
import { type Client, clients, type ProgramName } from "./clients.ts";

const DEADLINE_MS = 60_000;
const PRODUCE = 0; // request
const TOPIC_AUTHORIZATION_FAILED = 29;

for (const client of clients) {
  const title = `${client.client} ${client.version}`;
  const ignore = client.command === undefined;

  if (client.programs.includes("batches")) {
    Deno.test({
      name: `${title} acks what it has taken in batches`,
      ignore,
      async fn(): Promise<void> {
        await using gateway = await TestGateway.start();
        const topic = uniqueName("batches");
        using observer = await gateway.connect();
        const keys = ["a", "b", "c", "d", "e", "f", "g", "h"];
        await produceAll(observer, keys.map((key) => [`${topic}:${key}`, `first of ${key}`]));
        {
          await using program = await start(client, "batches", gateway, { greetings: topic });
          for (let i = 0; i < keys.length; i++) await program.prints("received: first of ");
          await untilItWaits(observer, "python-workers:2");
        }

        await produceAll(observer, keys.map((key) => [`${topic}:${key}`, `second of ${key}`]));
        using next = await gateway.connectAs("python-workers:next");
        const values = [];
        for (let i = 0; i < keys.length; i++) values.push((await mustPop(next, topic)).value);
        assert.deepEqual(values.sort(), keys.map((key) => `second of ${key}`));
      },
    });
  }

  if (client.programs.includes("retry")) {
    Deno.test({
      name: `${title} tries a message that fails three times, and goes on with those behind it`,
      ignore,
      async fn(): Promise<void> {
        await using gateway = await TestGateway.start();
        const topic = uniqueName("mails");
        using observer = await gateway.connect();
        await produceAll(observer, [
          [`${topic}:key`, "anna"],
          [`${topic}:key`, "bert@example.com"],
        ]);
        {
          await using program = await start(client, "retry", gateway, { mails: topic });
          await program.prints(`failed: no address, from ${topic}\n`);
          await program.prints("done: bert@example.com\n");
          for (const later of [`${topic}.retry-1`, `${topic}.retry-2`, `${topic}.dead`]) {
            using reader = await gateway.connectAs(`${uniqueName("readers")}:reader`);
            assert.equal((await mustPop(reader, later)).value, "anna");
          }
          await untilItWaits(observer, "mailers:1");
        }

        await produceAll(observer, [[`${topic}:key`, "last"]]);
        using next = await gateway.connectAs("mailers:next");
        assert.equal((await mustPop(next, topic)).value, "last", "the others are acked");
      },
    });

    Deno.test({
      name: `${title} acks no message that failed and could not be stored again`,
      ignore,
      async fn(): Promise<void> {
        await using cluster = await TestCluster.start();
        await using gateway = await TestGateway.start({ config: cluster.config() });
        const topic = uniqueName("mails");
        using observer = await gateway.connect();
        await produceAll(observer, [[`${topic}:key`, "anna"]]);
        for (const retry of [1, 2]) cluster.mock.createTopic(`${topic}.retry-${retry}`);
        cluster.mock.failRequests(PRODUCE, new Array(10).fill(TOPIC_AUTHORIZATION_FAILED));
        await using program = await start(client, "retry", gateway, { mails: topic });
        await assert.rejects(program.output(), /RuntimeError: not stored/);

        using next = await gateway.connectAs("mailers:next");
        assert.equal((await mustPop(next, topic)).value, "anna");
      },
    });
  }
}

/** Until a worker is in a BLPOP or BLMPOP for which there is no message: then it has acked those before. */
async function untilItWaits(observer: TestClient, name: string): Promise<void> {
  const waits = new RegExp(` name=${name} .* flags=b `);
  await until(async () => waits.test(await observer.ask("CLIENT", "LIST")), `${name} to wait`);
}

/** The program as docs/clients.md shows it, with this gateway and other topics. */
async function start(
  client: Client,
  name: ProgramName,
  gateway: TestGateway,
  topics: Record<string, string>,
): Promise<ClientProgram> {
  return await ClientProgram.start(client, {
    name,
    edit: (source) => {
      let edited = source.replaceAll("6380", String(gateway.port));
      for (const [shown, topic] of Object.entries(topics)) {
        edited = edited.replaceAll(new RegExp(`(?<=topics:|")${shown}\\b`, "g"), topic);
      }
      return edited;
    },
    deadlineMs: DEADLINE_MS,
  });
}
