/**
 * All that connections are sent in pub/sub, compared with a real redis-server 7.0 in RESP2 and in RESP3.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../../support/client.ts";
import { TestGateway } from "../../support/gateway.ts";
import { hasRedisServer } from "../../support/machine.ts";
import { RedisServer } from "../../support/redis_server.ts";
import { toBytes } from "../../support/wire.ts";
import { PUBSUB_ROWS, type PubSubRow } from "./pubsub_parity_rows.ts";

/** Where we differ from redis-server on purpose. */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [
    /^r SUBSCRIBE x; r~MULTI; r~PUBLISH/,
    "a message comes before the array of EXEC, not inside of it",
  ],
];

for (const protocol of [2, 3]) {
  Deno.test({
    name: `Pub/sub is that of redis-server in RESP${protocol}`,
    ignore: !hasRedisServer,
    async fn(test): Promise<void> {
      await using redis = await RedisServer.start(1024 * 1024);
      await using gateway = await TestGateway.start();
      for (const row of PUBSUB_ROWS) {
        await test.step(row.slice(0, 100), async () => {
          const theirs = await play(redis.port, protocol, row);
          const ours = await play(gateway.port, protocol, row);
          const difference = DIFFERENCES.find(([pattern]) => pattern.test(row));
          if (difference === undefined) assert.deepEqual(ours, theirs);
          else assert.notDeepEqual(ours, theirs, `no difference any more: ${difference[1]}`);
        });
      }
    },
  });
}

/** What each connection of a row is sent. */
async function play(
  port: number,
  protocol: number,
  row: PubSubRow,
): Promise<Record<string, string[]>> {
  const received: Record<string, string[]> = {};
  using clients = new Clients(port, protocol);
  let barriers = 0;
  for (const step of row.split("; ")) {
    const [, name, mode, rest] = /^([a-z])([~!.]?) ?(.*)$/.exec(step)!;
    const client = await clients.of(name!);
    const own = received[name!] ??= [];
    await client.send(...rest!.split(" ").map(parseWord));
    if (mode === "~") own.push(await client.reply());
    else if (mode === ".") own.push(await client.untilClosed());
    else if (mode === "") own.push(...await repliesUntilPong(client, `behind ${barriers++}`));
    if (mode === ".") clients.forget(name!);
  }
  for (const [name, client] of clients.all) {
    received[name]!.push(...await repliesUntilPong(client, "the end"));
  }
  return received;
}

/** All replies and messages before the reply to this PING. */
async function repliesUntilPong(client: TestClient, word: string): Promise<string[]> {
  await client.send("PING", word);
  const replies: string[] = [];
  for (;;) {
    const reply = await client.reply();
    if (reply.includes(word)) return replies;
    if (!reply.includes("proto")) replies.push(reply); // HELLO says which Redis it is
  }
}

class Clients implements Disposable {
  readonly #port: number;
  readonly #protocol: number;
  readonly #open = new Map<string, TestClient>();

  constructor(port: number, protocol: number) {
    this.#port = port;
    this.#protocol = protocol;
  }

  get all(): Iterable<[string, TestClient]> {
    return this.#open;
  }

  async of(name: string): Promise<TestClient> {
    const known = this.#open.get(name);
    if (known) return known;
    const client = await TestClient.connect(this.#port);
    await client.ask("HELLO", { p: 2, r: 3 }[name] ?? this.#protocol);
    this.#open.set(name, client);
    return client;
  }

  forget(name: string): void {
    this.#open.get(name)?.[Symbol.dispose]();
    this.#open.delete(name);
  }

  [Symbol.dispose](): void {
    for (const client of this.#open.values()) client[Symbol.dispose]();
  }
}

function parseWord(word: string): Uint8Array {
  const text = word === '""' ? "" : word;
  return toBytes(
    text.replaceAll(/\\x([0-9a-f]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))),
  );
}
