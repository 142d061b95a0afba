/**
 * A session of each Redis client with its own API for streams, no raw command among it: groups, headers, pipelines,
 * acks from another connection, claims, histories, ranges, what waits, XINFO. Whatever the client and the protocol, its
 * program prints what it prints with Redis itself.
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

const able = clients.filter(({ programs }) => programs.includes("streams"));

for (const client of ownPart(able)) {
  for (const protocol of client.protocols) {
    testOnEachKafka(
      `${client.client} ${client.version} (${protocol}): a session with streams`,
      async (startGateway) => {
        await using gateway = await startGateway();
        await holdSession(client, protocol, gateway.port);
      },
      { ignore: client.command === undefined },
    );
  }
}

const reference = able.find(({ command }) => command !== undefined);
Deno.test({
  name: "Redis itself: the same session with streams",
  ignore: reference === undefined || !hasRedisServer,
  async fn(): Promise<void> {
    await using redis = await RedisServer.start(1 << 20);
    await holdSession(reference!, reference!.protocols[0]!, redis.port);
  },
});

/** Runs `streams <port> <group> <topic> [<protocol>]`, the last one where it isn't the client's default. */
async function holdSession(client: Client, protocol: Protocol, port: number): Promise<void> {
  const [group, topic] = [uniqueName("stream-workers"), uniqueName("streams")];
  await using program = await ClientProgram.start(client, {
    name: "streams",
    args: [String(port), group, topic, ...protocolOption(client, protocol)],
    deadlineMs: DEADLINE_MS,
  });
  assert.equal(withoutIds(await program.output()), transcript(group, topic));
}

/** Ids become #1, #2, … in the order in which they appear. */
function withoutIds(output: string): string {
  const numbers = new Map<string, string>();
  return output.replaceAll(/(?<=[ \n])[1-9]\d*-\d+/g, (id) => {
    const number = numbers.get(id) ?? `#${numbers.size + 1}`;
    numbers.set(id, number);
    return number;
  });
}

function transcript(group: string, topic: string): string {
  const [second, third] = ["#2/two/k/b", "#3/three/k/c"];
  const [fourth, fifth, sixth] = ["#4/four/k/d", "#5/five/k/e", "#6/six/k/f"];
  return `CREATED OK
AGAIN BUSYGROUP Consumer Group name already exists
ADDED #1
PIPELINED #2 #3 #4 #5 #6
LENGTH 6
ALICE #1/one/k/a ${second}
BOB ${third} ${fourth} ${fifth} ${sixth}
ACKED 1 0
SUMMARY 5 #2 #6 alice=1 bob=4
PENDING #2:alice:1 #3:bob:1 #4:bob:1 #5:bob:1 #6:bob:1
CLAIMED ${third}
PENDING #2:alice:1 #3:alice:2 #4:bob:1 #5:bob:1 #6:bob:1
AUTOCLAIMED ${second} ${third}
AUTOCLAIMED ${fourth} ${fifth} ${sixth} 0-0
CAROL HAS ${second} ${third} ${fourth} ${fifth} ${sixth}
BOB HAS
ACKED 5
SUMMARY 0
NOTHING
RANGE #1/one/k/a ${second} ${third} ${fourth} ${fifth} ${sixth}
RANGE ${second} ${third}
REVERSE ${sixth} ${fifth}
READ ${fifth} ${sixth}
ADDED #7
WAITED #7/seven/k/g
STREAM 7 1 #1 #7
GROUP 3 0 #6 1
CONSUMERS alice=0 bob=0 carol=0
NEW 1
DAVE #7/seven/k/g
DELETED 0 1
TRIMMED 0
DELETED 1
DESTROYED 1 0
GONE NOGROUP No such key 'topics:${topic}' or consumer group '${group}' in XREADGROUP with GROUP option
CLOSED
`;
}
