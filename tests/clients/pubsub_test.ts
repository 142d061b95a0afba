/**
 * A session of Redis clients with their own API for pub/sub: a topic and a channel in memory, a pattern, a pipeline,
 * who subscribes. Whatever the client and the protocol, its program prints what it prints with Redis itself.
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
const TRANSCRIPT = `SUBSCRIBED 1 2
PATTERN 3
RECEIVERS 1 1 0
GOT message/one message/two
PIPELINED 1 1 1
GOT pmessage room.* room.2 three
GOT pmessage room.* room.2 four
GOT pmessage room.* room.2 five
NUMSUB 1 1 1
CHANNELS chat.1
UNSUBSCRIBED 2
`;

const able = clients.filter(({ programs }) => programs.includes("pubsub"));

for (const client of ownPart(able)) {
  for (const protocol of client.protocols) {
    testOnEachKafka(
      `${client.client} ${client.version} (${protocol}): a session of pub/sub`,
      async (startGateway) => {
        await using gateway = await startGateway();
        assert.equal(await outputOf(client, protocol, gateway.port), TRANSCRIPT);
      },
      { ignore: client.command === undefined },
    );
  }
}

const reference = able.find(({ command }) => command !== undefined);
Deno.test({
  name: "Redis itself: the same session of pub/sub",
  ignore: reference === undefined || !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(1 << 20);
    const protocol = reference!.protocols[0]!;
    assert.equal(await outputOf(reference!, protocol, redis.port), TRANSCRIPT);
  },
});

/** Runs `pubsub <port> <topic> [<protocol>]`, the last one where it isn't the client's default. */
async function outputOf(client: Client, protocol: Protocol, port: number): Promise<string> {
  await using program = await ClientProgram.start(client, {
    name: "pubsub",
    args: [String(port), uniqueName("pubsub"), ...protocolOption(client, protocol)],
    deadlineMs: DEADLINE_MS,
  });
  return await program.output();
}
