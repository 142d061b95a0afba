/**
 * redis-benchmark, with its defaults: it asks for the configuration, holds many connections and pipelines in each.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { counter } from "../support/kafka.ts";
import { ClientProgram } from "./client_program.ts";
import { type Client, clients, type Protocol, protocolOption } from "./clients.ts";

const DEADLINE_MS = 60_000;

for (const client of clients.filter(({ programs }) => programs.includes("load"))) {
  for (const protocol of client.protocols) {
    Deno.test({
      name: `${client.client} ${client.version} (${protocol}): all of 2000 messages are delivered`,
      ignore: client.command === undefined,
      fn: () => putLoadOn(client, protocol),
    });
  }
}

async function putLoadOn(client: Client, protocol: Protocol): Promise<void> {
  const topic = uniqueName("load");
  const option = protocolOption(client, protocol);
  await using gateway = await TestGateway.start();
  await using program = await ClientProgram.start(client, {
    name: "load",
    args: [String(gateway.port), topic, ...option],
    deadlineMs: DEADLINE_MS,
  });
  const output = await program.output();
  const shown = output.replaceAll(/[^\n]*\r/g, ""); // progress, which it overwrites
  const rate = String.raw`[\d.]+ requests per second, p50=[\d.]+ msec\s+`;
  const lines = [`rpushx topics:${topic} hello`, "PING_INLINE", "PING_MBULK"];
  assert.match(shown, new RegExp(`^${lines.map((line) => `${line}: ${rate}`).join("")}$`));

  await gateway.untilSessions(0); // each has delivered its messages by then
  using observer = await gateway.connect();
  assert.equal(await counter(observer, "producer.produced.messages"), 2_000);
  assert.equal(await counter(observer, "producer.delivered.messages"), 2_000);
}
