/**
 * Property 10: a client that is killed, unblocked or timed out in the moment in which its wait is served. Properties 11
 * and 12 are tested in `tests/net`.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readText, type TestClient } from "../support/client.ts";
import { connectionId, untilBlocked } from "../support/client_list.ts";
import { TestGateway } from "../support/gateway.ts";
import { idsOf, readStreams } from "../support/stream_group.ts";
import { chooseSeed, encodeRequest, SEED_VARIABLE, SeededRandom } from "../support/wire.ts";

const ROUNDS = 12;
const seed = chooseSeed();

/** How a wait ends while its message arrives: what another client sends, for the id of the one that waits. */
const ENDS: Readonly<Record<string, (id: string) => string>> = {
  killed: (id) => encodeRequest(["CLIENT", "KILL", "ID", id]),
  unblocked: (id) => encodeRequest(["CLIENT", "UNBLOCK", id]),
  "unblocked with an error": (id) => encodeRequest(["CLIENT", "UNBLOCK", id, "ERROR"]),
  "timed out": () => encodeRequest(["PING"]),
};

/** Sends both in one write, in any order: they arrive in the same turn of the event loop. */
async function race(other: TestClient, random: SeededRandom, requests: string[]): Promise<void> {
  const ordered = random.below(2) === 0 ? requests : requests.toReversed();
  await other.write(ordered.join(""));
  for (const _ of ordered) await other.reply();
}

for (const [what, end] of Object.entries(ENDS)) {
  Deno.test(`10: a BLPOP that is ${what} while its message arrives loses nothing, ${SEED_VARIABLE}=${seed}`, async () => {
    await using gateway = await TestGateway.start({ timeouts: { halfClosedMs: 100 } });
    const random = new SeededRandom(seed);
    using other = await gateway.connect();
    const missing = new Set<string>();
    for (let round = 0; round < ROUNDS; round++) {
      using client = await gateway.connectAs("group:a");
      const id = await connectionId(client);
      const timeout = what === "timed out" ? 0.02 + random.below(40) / 1_000 : 0;
      await client.send("BLPOP", "topics:t", timeout);
      if (timeout === 0) await untilBlocked(other, id);
      missing.add(`m${round}`);
      await race(other, random, [encodeRequest(["RPUSHX", "topics:t", `m${round}`]), end(id)]);
      const reply = await firstReply(client);
      const [, value] = /\r\n(m\d+)\r\n$/.exec(reply) ?? [];
      if (value !== undefined && what !== "killed") { // it goes on, and is done with its message
        const [, place] = /\r\npartition\r\n:(\d+)\r\n/.exec(reply)!;
        const [, offset] = /\r\noffset\r\n:(\d+)\r\n/.exec(reply)!;
        await client.ask("RPUSHX", "acks", `t:${place}:${offset}`);
        missing.delete(value);
      }
      assert.match(reply, /^(\*8|\*-1|-UNBLOCKED|$)/);
      client[Symbol.dispose]();
      await gateway.untilSessions(1);
    }
    {
      using last = await gateway.connectAs("group:a");
      while (missing.size > 0) {
        const message = await last.pop("topics:t", 10);
        assert.ok(message, `${[...missing].join()} are lost`);
        missing.delete(message.value!);
        await last.ask("RPUSHX", "acks", `t:${message.partition}:${message.offset}`);
      }
    }
  });

  Deno.test(`10: an XREADGROUP that is ${what} while its entry arrives loses nothing, ${SEED_VARIABLE}=${seed}`, async () => {
    await using gateway = await TestGateway.start({ timeouts: { halfClosedMs: 100 } });
    const random = new SeededRandom(seed);
    using other = await gateway.connect();
    assert.match(await other.ask("XADD", "topics:t", "*", "value", "first"), /^\$/);
    for (let round = 0; round < ROUNDS; round++) {
      assert.equal(await other.ask("XGROUP", "CREATE", "topics:t", "g", "$"), "+OK\r\n");
      using client = await gateway.connect();
      const id = await connectionId(client);
      const blockMs = what === "timed out" ? 20 + random.below(40) : 0;
      await client.send(...readGroup("a", ["BLOCK", String(blockMs)], ">"));
      if (blockMs === 0) await untilBlocked(other, id);
      await race(other, random, [
        encodeRequest(["XADD", "topics:t", "*", "value", `m${round}`]),
        end(id),
      ]);
      assert.match(await firstReply(client), /^(\*1|\*-1|-UNBLOCKED|$)/);
      // it is with who was given it, or still to be read
      const given = idsIn(await other.ask(...readGroup("a", [], "0")));
      if (given.length === 0) {
        const left = await other.ask(...readGroup("b", ["BLOCK", "10000"], ">"));
        assert.equal(idsIn(left).length, 1, `m${round} is lost`);
      }
      client[Symbol.dispose]();
      await gateway.untilSessions(1);
      assert.equal(await other.ask("XGROUP", "DESTROY", "topics:t", "g"), ":1\r\n");
    }
    assert.match(readText(await other.ask("INFO", "clients")), /\nblocked_clients:0\r\n/);
  });
}

function readGroup(consumer: string, options: readonly string[], id: string): string[] {
  return ["XREADGROUP", "GROUP", "g", consumer, ...options, "STREAMS", "topics:t", id];
}

function idsIn(reply: string): string[] {
  return idsOf(readStreams(reply)?.get("topics:t") ?? []);
}

/** Nothing, where the connection is closed without one. */
async function firstReply(client: TestClient): Promise<string> {
  return await client.reply().catch((error) => {
    if (/was closed after ""/.test(String(error))) return "";
    throw error;
  });
}
