/**
 * Every error that clients rely on, provoked through a socket and compared byte by byte. Clients tell errors apart
 * by their first word, and one of them tries again on exactly `CONS Server shutdown`: the texts are API.
 *
 * @module
 */
import assert from "node:assert/strict";
import { consumerSettings } from "../../src/commands/list/consumer_settings.ts";
import type { Argument } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";

/** A command that is refused. */
interface Row {
  readonly command: readonly Argument[];
  readonly error: string;
  /** What the same connection sends before, and is answered without an error. */
  readonly before?: readonly (readonly Argument[])[];
}

const AS_A: Row["before"] = [["CLIENT", "SETNAME", "group:a"]];
const CONSUMING: Row["before"] = [...AS_A, ["BLPOP", "topics:t2,t1", 0.001]];
const TOPIC_RULE = "allowed are 1 to 249 of the characters a-z A-Z 0-9 . _ -";
const PRODUCE_FORM =
  "PROD First argument must be in the form of 'topics:<topic>' or 'topics:<topic>:<key>'";
const GREETINGS = "the topic is named as 'topics:greetings'";

const CONSUMER_ERRORS: readonly Row[] = [
  {
    command: ["BLPOP", "topics:t", 1],
    error: "CONS Connection not ready. Identify yourself using `CLIENT SETNAME` first",
  },
  {
    before: [["CLIENT", "SETNAME", "label"]],
    command: ["BLPOP", "topics:t", 1],
    error: "CONS Cannot parse group.id: the name must be <group.id>:<name>, got 'label'",
  },
  {
    before: [["CLIENT", "SETNAME", ":name"]],
    command: ["BLPOP", "topics:t", 1],
    error: "CONS Cannot parse group.id: the name must be <group.id>:<name>, got ':name'",
  },
  {
    before: AS_A,
    command: ["CLIENT", "SETNAME", "group:b"],
    error: "CONS Client ID is already set to group:a",
  },
  {
    before: AS_A,
    command: ["CLIENT", "SETNAME", "label"],
    error: "CONS Client ID is already set to group:a",
  },
  {
    before: CONSUMING,
    command: ["BLPOP", "topics:t1,t3", 1],
    error: "CONS Client 'group:a' has Consumer 'group:a|t2,t1' registered " +
      "(new consID: 'group:a|t1,t3')",
  },
  {
    before: AS_A,
    command: ["BLPOP", 'topics:t2,t1:{"no.such.setting":1}', 1],
    error: `CONS Error parsing configuration from '{"no.such.setting":1}'; ` +
      "'no.such.setting' cannot be set by a client; what can: " +
      consumerSettings.map(({ name }) => name).join(", "),
  },
  {
    before: AS_A,
    command: ["BLPOP", 'topics:t2,t1:{"max.poll.interval.ms":1000}', 1],
    error: "CONS Failed to register Consumer 'group:a|t2,t1' for Client 'group:a': " +
      "Cannot make a consumer: `max.poll.interval.ms`must be >= `session.timeout.ms`",
  },
  {
    before: AS_A,
    command: ["BLPOP", 'topics:t:{"auto.offset.reset":"sometimes"}', 1],
    error: `CONS Error parsing configuration from '{"auto.offset.reset":"sometimes"}'; ` +
      `'auto.offset.reset' is "sometimes": must be one of earliest, smallest, beginning, latest, ` +
      "largest, end, error",
  },
  {
    before: AS_A,
    command: ["BLPOP", "greetings", 1],
    error: "CONS Cannot parse topics from `greetings`: the topic is named as 'topics:greetings'",
  },
  {
    before: AS_A,
    command: ["BLPOP", "topics:", 1],
    error: "CONS Cannot parse topics from `topics:`",
  },
  {
    before: AS_A,
    command: ["BLPOP", "topics:t:[1]", 1],
    error: "CONS Error parsing configuration from '[1]'; it must be a JSON object",
  },
  { command: ["BLPOP", "topics:t", -1], error: "ERR timeout is negative" },
  {
    command: ["LMPOP", 2, "topics:t", "topics:u", "LEFT"],
    error: "ERR numkeys must be 1, got 2: one key names all topics, as topics:<t1>,<t2>",
  },
  {
    command: ["BLMPOP", 1, 1, "topics:t", "RIGHT"],
    error: "ERR RIGHT is not possible: a topic is read from its LEFT end",
  },
  {
    command: ["LMPOP", 1, "topics:t", "LEFT"],
    error: "CONS Connection not ready. Identify yourself using `CLIENT SETNAME` first",
  },
  {
    before: AS_A,
    command: ["LMPOP", 1, "greetings", "LEFT"],
    error: "CONS Cannot parse topics from `greetings`: the topic is named as 'topics:greetings'",
  },
  {
    command: ["BLPOP", "topics:a", "topics:b", 3],
    error:
      "ERR wrong number of arguments for 'blpop' command: one key names all topics, as 'topics:a,b'",
  },
  {
    command: ["BLPOP", "a", "topics:b,c", 3],
    error:
      "ERR wrong number of arguments for 'blpop' command: one key names all topics, as 'topics:a,b,c'",
  },
  {
    command: ["BLPOP", "topics:a", "{}", 3],
    error: "ERR wrong number of arguments for 'blpop' command",
  },
  {
    command: ["RPUSH", "list", "t:0:0"],
    error: "CONS You can only RPUSH to the 'acks' key: the topic is named as 'topics:list'",
  },
  { command: ["RPUSH", "a b", "x"], error: "CONS You can only RPUSH to the 'acks' key" },
  { command: ["RPUSH", "acks", "t:0"], error: "CONS Cannot parse ack: 't:0'" },
  {
    command: ["RPUSH", "acks", "t:0:-7"],
    error: "CONS offset cannot be negative, got -7",
  },
  {
    before: AS_A,
    command: ["RPUSH", "acks", "t:0:0"],
    error: "CONS No consumer registered for Client group:a",
  },
];

const TOO_LARGE =
  "PROD Broker: Message size too large: 2000000 bytes, message.max.bytes is 1000000 and counts key " +
  "and overhead, too";

const PRODUCER_ERRORS: readonly Row[] = [
  { command: ["RPUSHX"], error: "PROD RPUSHX accepts 2 arguments, got 0" },
  { command: ["rpushx", "topics:t"], error: "PROD RPUSHX accepts 2 arguments, got 1" },
  {
    command: ["RPUSHX", "topics:t", "small", new Uint8Array(2_000_000), "never taken"],
    error: `${TOO_LARGE}; only the first 1 of 3 were taken`,
  },
  { command: ["LPUSH", "greetings", "hello"], error: `${PRODUCE_FORM}: ${GREETINGS}` },
  {
    command: ["RPUSH", "topics:t:key", new Uint8Array(2_000_000)],
    error: TOO_LARGE,
  },
  { command: ["WAIT", "one", 0], error: "ERR value is not an integer or out of range" },
  { command: ["WAIT", 1, "soon"], error: "ERR timeout is not an integer or out of range" },
  { command: ["WAIT", 1, -1], error: "ERR timeout is negative" },
  { command: ["RPUSHX", "greetings", "hello"], error: `${PRODUCE_FORM}: ${GREETINGS}` },
  { command: ["RPUSHX", "topics:", "hello"], error: PRODUCE_FORM },
  { command: ["RPUSHX", "a b:t", "hello"], error: PRODUCE_FORM },
  { command: ["RPUSHX", "topics:a b", "x"], error: `PROD Invalid topic 'a b': ${TOPIC_RULE}` },
  {
    command: ["RPUSHX", "topics:t", new Uint8Array(2_000_000)],
    error: TOO_LARGE,
  },
  { command: ["DUMP"], error: "PROD DUMP accepts 1 argument, got 0" },
  { command: ["dump", 1, 2], error: "PROD DUMP accepts 1 argument, got 2" },
  { command: ["DUMP", "soon"], error: "PROD NaN" },
  { command: ["DUMP", "1.5"], error: "PROD NaN" },
  { command: ["DUMP", -1], error: "ERR timeout is negative" },
];

const OTHER_ERRORS: readonly Row[] = [
  { command: ["HGETALL", "users"], error: "ERR Expected key to be 'stats', got USERS" },
  { command: ["DEL", "users"], error: "ERR Expected key to be 'stats', got USERS" },
  {
    command: ["KEYS", "t"],
    error: "ERR Expected argument to be 'topics:', got t: the topic is named as 'topics:t'",
  },
  { command: ["KEYS", "topics"], error: "ERR Expected argument to be 'topics:', got topics" },
  {
    command: ["MONITOR", "all"],
    error: "ERR command 'monitor' does not accept any extra arguments",
  },
  {
    command: ["put", "a", "b c"],
    error: "ERR unknown command 'put', with args beginning with: 'a' 'b c' ",
  },
  { command: ["Put"], error: "ERR unknown command 'Put', with args beginning with: " },
  {
    command: ["x".repeat(200), "y".repeat(100), "z".repeat(100), "end"],
    error: `ERR unknown command '${"x".repeat(128)}', with args beginning with: ` +
      `'${"y".repeat(100)}' '${"z".repeat(25)}' `,
  },
  {
    command: ["CLIENT", "x".repeat(200)],
    error: `ERR unknown subcommand '${"x".repeat(128)}'. Try CLIENT HELP.`,
  },
  { command: ["CLIENT", "drop"], error: "ERR unknown subcommand 'drop'. Try CLIENT HELP." },
  { command: ["client"], error: "ERR wrong number of arguments for 'client' command" },
  {
    command: ["client", "setname"],
    error: "ERR wrong number of arguments for 'client|setname' command",
  },
  {
    command: ["CLIENT", "GETNAME", "x"],
    error: "ERR wrong number of arguments for 'client|getname' command",
  },
  ...["BLPOP", "RPUSH", "LPUSH", "WAIT", "KEYS", "HGETALL", "DEL"].map((name) => ({
    command: [name],
    error: `ERR wrong number of arguments for '${name.toLowerCase()}' command`,
  })),
  { command: ["PING", "a", "b"], error: "ERR wrong number of arguments for 'ping' command" },
  {
    command: ["CLIENT", "SETNAME", "group:a b"],
    error: "ERR Client names cannot contain spaces, newlines or special characters.",
  },
  ...[
    ["KEYS"],
    ["SCAN", 0, "MATCH"],
    ["CONFIG", "GET", "port"],
    ["COMMAND", "LIST", "FILTERBY", "PATTERN"],
  ].map((words) => ({
    command: [...words, "*[" + "b".repeat(1_000_000)],
    error: "ERR pattern has 1000002 bytes, at most 512 are allowed",
  })),
  {
    command: ["CONFIG", "GET", ...new Array(257).fill("*")],
    error: "ERR CONFIG GET takes at most 256 parameters, got 257",
  },
];

for (const row of [...CONSUMER_ERRORS, ...PRODUCER_ERRORS, ...OTHER_ERRORS]) {
  const shown = row.command.map((word) => word instanceof Uint8Array ? "<2 MB>" : word).join(" ");
  const after = (row.before ?? []).map(([name]) => name).join(", ");
  Deno.test(`${shown.slice(0, 80)}${after && ` after ${after}`} is answered: ${row.error.slice(0, 100)}`, async () => {
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    for (const command of row.before ?? []) {
      assert.doesNotMatch(await client.ask(...command), /^-/);
    }
    assert.equal(await client.ask(...row.command), `-${row.error}\r\n`);
    assert.equal(await client.ask("PING"), "+PONG\r\n", "the connection goes on");
  });
}

Deno.test("A name that another connection has is already taken", async () => {
  await using gateway = await TestGateway.start();
  using _holder = await gateway.connectAs("group:a");
  using client = await gateway.connect();
  assert.equal(
    await client.ask("CLIENT", "SETNAME", "group:a"),
    "-CONS id group:a is already taken\r\n",
  );
  assert.equal(await client.ask("CLIENT", "SETNAME", "group:b"), "+OK\r\n");
});

Deno.test("JSON that is none is shown with the reason", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  assert.match(
    await client.ask("BLPOP", "topics:t:{bad}", 1),
    /^-CONS Error parsing configuration from '\{bad\}'; [^\r\n]+\r\n$/,
  );
});

Deno.test("A consumer that could not be registered leaves the connection ready for one that can", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connectAs("group:a");
  const refused = await client.ask("BLPOP", 'topics:t:{"max.poll.interval.ms":1000}', 1);
  assert.match(refused, /^-CONS Failed to register /);
  assert.equal(await client.ask("RPUSHX", "topics:other", "hello"), ":1\r\n");
  assert.equal((await client.pop("topics:other", 20))?.value, "hello");
});

Deno.test("Words of a client in an error can't end its line and forge another reply", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(
    await client.ask("HGETALL", "a\r\n+OK\nb"),
    "-ERR Expected key to be 'stats', got A  +OK B\r\n",
  );
  assert.equal(await client.ask("PING"), "+PONG\r\n");
});
