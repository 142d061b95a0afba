/**
 * Replies of the commands that Redis has too, compared with a real redis-server 7.0: in RESP2 and in RESP3, each row
 * on a connection of its own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands } from "../../src/commands/registry.ts";
import { TestClient } from "../support/client.ts";
import { TestGateway, uniqueName } from "../support/gateway.ts";
import { hasRedisServer } from "../support/machine.ts";
import { RedisServer } from "../support/redis_server.ts";
import { readWireReply, type WireReply } from "../support/wire_reply.ts";
import { exactly } from "./compare_replies.ts";
import { EMPTY_ROWS, type ParityRow, ROWS } from "./parity_rows.ts";
import { ADD_DIFFERENCES, ADD_ROWS } from "./stream/add_parity_rows.ts";
import { GROUP_DIFFERENCES, GROUP_ROWS } from "./stream/group_parity_rows.ts";
import { READ_DIFFERENCES, READ_ROWS } from "./stream/read_parity_rows.ts";

/**
 * Where we differ from redis-server on purpose: a pattern of row names, and why. Each must match rows, and each of these
 * rows must really differ.
 */
const DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [/^CLIENT GETNAME$/, "the first Rafka answers the address of a client without a name"],
  [/^MONITOR x$/, "the first Rafka's text"],
  [/^CLIENT (NO-TOUCH|SETINFO|KILL MAXAGE)/, "Redis 7.0 has it not yet"],
  [/^CLIENT TRACKING ON REDIRECT <id>$/, "there is no SUBSCRIBE"],
  [/^client unblock <id> ERROR more$/, "we show a subcommand in capitals"],
  [/^COMMAND GETKEYS (ping|get)$/, "later Redis takes a command without arguments, 7.0 not yet"],
  [/^COMMAND DOCS CLIENT\|LIST$/, "all clients are normal, so their types are not listed"],
  [/^COMMAND DOCS CONFIG\|GET$/, "Redis 7.0 has a block around the parameter, later no more"],
  [/^CONFIG SET timeout 0$/, "the configuration is read at the start"],
  [/^CLUSTER nosuch$/, "there is no cluster, whatever is asked of it"],
  [/^KEYS nosuch$/, "the first Rafka's text: a pattern without a prefix is a mistake"],
  [/KEYS topics:$/, "the first Rafka's way to ask for all topics"],
  [/^(HGETALL|DEL) nosuch$/, "the first Rafka's text: `stats` is the only hash"],
  [/DEL topics:t$/, "topics are not deleted here"],
  [/DEL topics:t:none$/, "whether a topic has the key is not known"],
  [/BLPOP topics:t 20$/, "a message has a partition and an offset too"],
  [/BLMPOP 20 1 topics:t LEFT$/, "a message is an array of eight"],
  [/^RPUSHX x$|^DUMP/, "the first Rafka's text; DUMP is another command"],
  [/^RAFKA /, "no Redis has this command"],
  [/^WAIT (0|-1) 10$/, "1 says that all is delivered"],
  ...ADD_DIFFERENCES,
  ...GROUP_DIFFERENCES,
  ...READ_DIFFERENCES,
];

const ALL_ROWS: readonly ParityRow[] = [
  ...EMPTY_ROWS,
  ...ROWS,
  ...ADD_ROWS,
  ...GROUP_ROWS,
  ...READ_ROWS,
  ...arityRows(),
];

/** Of any size: no row needs one. */
const MAX_BULK_BYTES = 1024 * 1024;

/** The gateway leaves a group soon after its row: there is one for each. */
const STREAMS = { groupIdleMs: 1_000, maxGroups: 1_000 };

/** What Rafka says of itself. */
const SETTINGS = { "databases": 1, "slowlog-log-slower-than": -1, "slowlog-max-len": 0 };

for (const protocol of [2, 3]) {
  Deno.test({
    name: `Replies have the shapes of redis-server's in RESP${protocol}`,
    ignore: !hasRedisServer,
    async fn(test): Promise<void> {
      await using redis = await RedisServer.start(MAX_BULK_BYTES, SETTINGS);
      await using gateway = await TestGateway.start({ config: { server: { streams: STREAMS } } });
      for (const row of ALL_ROWS) {
        await test.step(nameOf(row), () => expectParity(redis.port, gateway.port, protocol, row));
      }
    },
  });
}

Deno.test("Each difference from redis-server names rows of the table", () => {
  const names = ALL_ROWS.map(nameOf);
  for (const [pattern] of DIFFERENCES) {
    assert.ok(names.some((name) => pattern.test(name)), String(pattern));
  }
});

function nameOf([script]: ParityRow): string {
  return script.replaceAll("\n", "\\n");
}

/** Each command with one word less than it takes, and with one more. */
function arityRows(): ParityRow[] {
  return commands.flatMap(({ name, arity }) => {
    const least = Math.abs(arity);
    const counts = arity < 0 ? [least - 1] : [least - 1, least + 1];
    const words = name.split(" ");
    return counts.filter((count) => count >= words.length).map((count): ParityRow => [
      [...words, ...Array(count - words.length).fill("x")].join(" "),
    ]);
  });
}

async function expectParity(
  redisPort: number,
  gatewayPort: number,
  protocol: number,
  row: ParityRow,
): Promise<void> {
  const [script, compare = exactly] = row;
  const names = rowNames();
  await lastReply(redisPort, 2, "FLUSHALL");
  const [theirs, ours] = compare(
    await lastReply(redisPort, protocol, script, names),
    await lastReply(gatewayPort, protocol, script, names),
  );
  const difference = DIFFERENCES.find(([pattern]) => pattern.test(nameOf(row)));
  if (difference === undefined) assert.deepEqual(ours, theirs);
  else assert.notDeepEqual(ours, theirs, `no difference any more: ${difference[1]}`);
}

/** Kafka keeps what a row leaves behind: each has a topic and a group of its own. */
function rowNames(): (readonly [placeholder: string, name: string])[] {
  const name = uniqueName("row");
  return [["<key>", `topics:${name}`], ["<group>", name]];
}

/** Runs a script on a new connection. */
async function lastReply(
  port: number,
  protocol: number,
  script: string,
  names: readonly (readonly [placeholder: string, name: string])[] = [],
): Promise<WireReply> {
  using client = await TestClient.connect(port);
  await client.ask("HELLO", protocol);
  const requests = script.split("; ").map((command) => command.split(" "));
  const own = new Map([["<address>", client.address], ['""', ""], ...names]);
  if (script.includes("<id>")) own.set("<id>", (await client.ask("CLIENT", "ID")).slice(1, -2));
  let reply = "";
  for (const words of requests) {
    if (words[0] === "<closed>") {
      assert.equal(await client.untilClosed(), "");
      continue;
    }
    await client.send(...words.map((word) => fillIn(word, own)));
    if (!isSilent(words, requests)) reply = await client.reply();
    if (words[0] === "XADD") noteId(reply, own);
  }
  return readWireReply(reply);
}

function fillIn(word: string, own: ReadonlyMap<string, string>): string {
  return own.get(word) ??
    word.replace(/<\w+>/, (placeholder) => own.get(placeholder) ?? placeholder);
}

/** Ids of entries differ: `<first>` and `<last>` stand for those that the script has added. */
function noteId(reply: string, own: Map<string, string>): void {
  const id = /^\$\d+\r\n(.*)\r\n$/.exec(reply)?.[1];
  if (id === undefined) return;
  if (!own.has("<first>")) own.set("<first>", id);
  own.set("<last>", id);
}

/** CLIENT REPLY SKIP and OFF are not answered, nor is what they silence. */
function isSilent(words: readonly string[], requests: readonly (readonly string[])[]): boolean {
  const text = words.join(" ");
  const skipped = text === "RESET" && requests[0]!.join(" ") === "CLIENT REPLY SKIP";
  return skipped || text === "PING unseen" ||
    /^CLIENT REPLY (SKIP|OFF)$/.test(text) && requests.length > 1;
}
