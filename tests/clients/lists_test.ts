/**
 * A session of Redis clients with their own API for lists and pub/sub, no raw command among it, on a connection without
 * a name: pushes at either end, pops one by one, in batches and with a timeout, a topic as a channel. Whatever the
 * client and the protocol, its program prints what it prints with Redis itself.
 *
 * @module
 */
import assert from "node:assert/strict";
import { uniqueName } from "../support/gateway.ts";
import { testOnEachKafka } from "../support/kafka.ts";
import { hasRedisServer } from "../support/machine.ts";
import { ownPart } from "../support/part.ts";
import { RedisServer } from "../support/redis_server.ts";
import { ClientProgram } from "./client_program.ts";
import { type Client, clients, type Protocol, protocolOption } from "./clients.ts";

const DEADLINE_MS = 60_000;
const TRANSCRIPT = `PUSHED 3
GOT true one three two
EMPTY true true
LENGTH 0
PUSHED 2
GOT five four
TIMEOUT true
SUBSCRIBED 1
RECEIVERS 1
MESSAGE six
`;

const able = clients.filter(({ programs }) => programs.includes("lists"));

for (const client of ownPart(able)) {
  const title = `${client.client} ${client.version}`;
  for (const protocol of client.protocols) {
    testOnEachKafka(`${title} (${protocol}): a session with lists`, async (startGateway) => {
      await using gateway = await startGateway({
        server: { lists: { group: uniqueName("lists") } },
      });
      assert.equal(await outputOf(client, protocol, gateway.port), TRANSCRIPT);
    }, { ignore: client.command === undefined });
  }
  Deno.test({
    name: `${title}: prints the same with Redis itself`,
    ignore: client.command === undefined || !hasRedisServer,
    async fn(): Promise<void> {
      await using redis = await RedisServer.start(1 << 20);
      assert.equal(await outputOf(client, client.protocols[0]!, redis.port), TRANSCRIPT);
    },
  });
}

/** Runs `lists <port> <topic> [<protocol>]`, the last one where it isn't the client's default. */
async function outputOf(client: Client, protocol: Protocol, port: number): Promise<string> {
  await using program = await ClientProgram.start(client, {
    name: "lists",
    args: [String(port), uniqueName("lists"), ...protocolOption(client, protocol)],
    deadlineMs: DEADLINE_MS,
  });
  return (await program.output()).replaceAll("True", "true"); // Python's
}
