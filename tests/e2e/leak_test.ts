/**
 * What 1,000 connections leave behind: nothing. Counted from outside, in /proc.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { uniqueName, until } from "../support/gateway.ts";
import { ack, mustPop } from "../support/kafka.ts";
import { Program } from "../support/program.ts";
import { type Resources, resourcesOf } from "../support/resources.ts";

const ROUNDS = 5;
const CONNECTIONS = 200;
/** So many at the same time: each has about ten threads of librdkafka. */
const AT_ONCE = 25;

/** Ways to go away. */
const LEAVE: readonly ((client: TestClient, topic: string) => Promise<void>)[] = [
  async (client) => {
    assert.equal(await client.ask("QUIT"), "+OK\r\n");
    assert.equal(await client.untilClosed(), "");
  },
  async () => {}, // hangs up
  async (client, topic) => await client.send("BLPOP", `topics:${topic}`, 0), // hangs up while it waits
  async (client) => {
    await client.write("*1\r\n$nonsense\r\n");
    assert.match(await client.untilClosed(), /^-ERR Protocol error/);
  },
  async (client) => await client.write("*3\r\n$6\r\nRPUSHX\r\n$100\r\nhal"), // in the middle of a command
];

Deno.test({
  name:
    `${ROUNDS} times ${CONNECTIONS} connections that produce, consume, ack and go away leave nothing behind`,
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    await using program = await Program.start(["--dev"]);
    const before = await resourcesOf(program.pid);
    for (let i = 0; i < ROUNDS; i++) await round(program, CONNECTIONS);
    await untilBackAt(before, program.pid);
    program.signal("SIGTERM");
    assert.equal(await program.exited(), 0, program.log);
    assert.doesNotMatch(program.log, /Bug|still open/);
  },
});

async function round(program: Program, connections: number): Promise<void> {
  for (let first = 0; first < connections; first += AT_ONCE) {
    const batch = Array.from({ length: AT_ONCE }, (_, i) => live(program.port, first + i));
    await Promise.all(batch);
  }
}

/** One connection's life, in a group and a topic of its own. */
async function live(port: number, index: number): Promise<void> {
  const topic = uniqueName("leak");
  using client = await TestClient.connect(port);
  await client.ask("CLIENT", "SETNAME", `${topic}:worker`);
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "value"), ":1\r\n");
  assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
  for (let reply = ""; reply !== ":1\r\n";) { // on a busy machine a rebalance may come before the ack
    reply = await ack(client, await mustPop(client, topic));
    assert.match(reply, /^:1\r\n|will be handed out again/);
  }
  await LEAVE[index % LEAVE.length]!(client, topic);
}

/** Threads for blocking calls are Deno's own and end when they were idle for 10 s. */
async function untilBackAt(before: Resources, pid: number): Promise<void> {
  let now = before;
  const isBack = async (): Promise<boolean> => {
    now = await resourcesOf(pid);
    return now.threads <= before.threads && now.fileDescriptors <= before.fileDescriptors;
  };
  await until(isBack, "the resources of before", 60_000).catch((cause) => {
    const had = JSON.stringify(before);
    throw new Error(`It had ${had}, now it has ${JSON.stringify(now)}`, { cause });
  });
}
