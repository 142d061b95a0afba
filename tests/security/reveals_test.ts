/**
 * Properties 6, 8, 18, 25, 28: what is shown of others, and of secrets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { commands, rightCatalog } from "../../src/commands/registry.ts";
import { matchesGlob } from "../../src/resp/glob_match.ts";
import { UserRegistry } from "../../src/auth/user_registry.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { readText, type TestClient } from "../support/client.ts";
import { until } from "../support/gateway.ts";
import { encodeRequest } from "../support/wire.ts";
import { requestOf } from "./requests.ts";
import { connectAs, NO_KEY, startWith } from "./users.ts";

/** Users that may ask everything, each about its own topics. */
const ASKERS = [
  "user default off",
  "user root on >root ~* &* +@all",
  "user red on >red ~topics:red* ~groups:red* ~stats +@all",
  "user blue on >blue ~topics:blue* ~groups:blue* +@all",
];

Deno.test("18: what reveals shows only what the asker has a right to", async () => {
  await using gateway = await startWith(ASKERS);
  using root = await connectAs(gateway, "root");
  using blue = await connectAs(gateway, "blue");
  using red = await connectAs(gateway, "red");
  assert.equal(await blue.ask("RPUSHX", "topics:blue-secret", "m"), ":1\r\n");
  assert.equal(await red.ask("RPUSHX", "topics:red", "m"), ":1\r\n");
  await blue.ask("CLIENT", "SETNAME", "blue:1");
  assert.match(await blue.ask("BLPOP", "topics:blue-secret", 5), /^\*8/);
  const { telemetry } = gateway.rafka.server.state;
  for (const topic of ["red", "blue-secret"]) {
    telemetry.messages.deliveryFailed({ ...FAILURE, topic } as never);
    telemetry.failedMessages.add(message(topic), TOO_LATE, "somebody");
  }
  for (
    const request of [
      ["KEYS", "*"],
      ["KEYS", "topics:"],
      ["SCAN", "0", "COUNT", "1000"],
      ["INFO", "everything"],
      ["HGETALL", "stats"],
      ["CLIENT", "LIST"],
      ["CLIENT", "LIST", "ID", "1", "2", "3"],
      ["CLIENT", "INFO"],
      ["RAFKA", "ERRORS", "COUNT", "100", "WITHVALUES"],
      ["LATENCY", "HISTOGRAM"],
      ["MEMORY", "STATS"],
      ["ACL", "LOG"],
    ]
  ) {
    assert.doesNotMatch(await red.ask(...request), /blue/, request.join(" "));
  }
  assert.match(await red.ask("RAFKA", "ERRORS"), /too late/);
  assert.match(await root.ask("RAFKA", "ERRORS"), /blue-secret/);
  assert.match(await red.ask("HGETALL", "stats"), /:red:/);
  assert.match(await root.ask("KEYS", "*"), /blue-secret[^]*red/);
  assert.equal(await red.ask("DBSIZE"), ":1\r\n");
  assert.match(await red.ask("INFO", "keyspace"), /keys=1,/);
  assert.match(await root.ask("CLIENT", "LIST"), /group=blue topics=blue-secret/);
});

Deno.test("18: MONITOR shows the commands of the asker's own user, to who may read all those of all", async () => {
  await using gateway = await startWith(ASKERS);
  using red = await connectAs(gateway, "red");
  using root = await connectAs(gateway, "root");
  assert.equal(await red.ask("MONITOR"), "+OK\r\n");
  assert.equal(await root.ask("MONITOR"), "+OK\r\n");
  using blue = await connectAs(gateway, "blue");
  await blue.ask("RPUSHX", "topics:blue", "secret");
  using other = await connectAs(gateway, "red");
  await other.ask("RPUSHX", "topics:red", "mine");
  assert.match(await red.reply(), /"topics:red" "mine"/);
  let seen = "";
  await until(async () => (seen += await root.reply()).includes('"mine"'), "the line");
  assert.match(seen, /"topics:blue" "secret"/);
  assert.match(seen, /"AUTH" "\(redacted\)" "\(redacted\)"/);
});

Deno.test("18, 28: EXISTS and TYPE of a topic of others are refused, whether it is there or not", async () => {
  await using gateway = await startWith();
  using blue = await connectAs(gateway, "blue");
  await blue.ask("RPUSHX", "topics:blue", "m");
  using red = await connectAs(gateway, "red");
  for (const command of ["EXISTS", "TYPE", "GET", "TTL"]) {
    for (const topic of ["blue", "nosuch"]) {
      assert.equal(await red.ask(command, `topics:${topic}`), NO_KEY, `${command} ${topic}`);
    }
  }
});

Deno.test("28: no reply of any command tells whether a topic of others is there, nor what is in it", async () => {
  await using gateway = await startWith([
    "user default off",
    "user root on >root ~* &* +@all",
    "user red on >red ~topics:red* ~groups:red* ~lock:red* ~stats +@all",
  ]);
  using root = await connectAs(gateway, "root");
  const made = await root.ask("XGROUP", "CREATE", "topics:blue-is", "blues", "0", "MKSTREAM");
  assert.equal(made, "+OK\r\n");
  assert.match(await root.ask("XADD", "topics:blue-is", "*", "value", "hidden"), /^\$/);
  assert.equal(await root.ask("SET", "lock:blue-is", "hidden", "NX"), "+OK\r\n");
  let asked = 0;
  for (const { name, arguments: specs = [] } of commands) {
    if (name.startsWith("COMMAND") || name === "ACL DRYRUN") continue;
    for (const form of FORMS) {
      for (const withOptions of [false, true]) {
        const replies: string[] = [];
        const requests = ["blue-is", "blue-no"].map((topic) => {
          const values = { key: form.replace("%", topic), group: "blues" };
          return { topic, request: requestOf(name, specs, values, withOptions) };
        });
        if (requests[0]!.request.join() === requests[1]!.request.join()) continue;
        for (const { topic, request } of requests) {
          using red = await connectAs(gateway, "red");
          const reply = await red.ask(...request);
          replies.push(reply.replaceAll(new RegExp(topic, "gi"), "%"));
        }
        const what = `${name} ${form}: ${replies.join("")}`;
        assert.equal(replies[0], replies[1], what);
        assert.doesNotMatch(replies[0]!, /hidden/, what);
        asked++;
      }
    }
  }
  assert.ok(asked > 300, `${asked} requests`);
  assert.equal(await root.ask("XLEN", "topics:blue-is"), ":1\r\n");
  assert.equal(await root.ask("GET", "lock:blue-is"), "$6\r\nhidden\r\n");
});

/** Keys that name a topic or a lock, or nearly. */
const FORMS = ["topics:%", "topics:%:k", "topic:%", "lock:%", "%", "topics:red,%", "topics:^%"];

const EVIL = "x\r\n+OK\r\n$3\r\nabc";

/** Whether the reply behind the one to a request is that to the next request: nothing was forged. */
async function isInStep(client: TestClient, request: readonly string[]): Promise<boolean> {
  await client.write(encodeRequest([...request]) + encodeRequest(["QUIT"]));
  await client.reply();
  return await client.untilClosed() === "+OK\r\n";
}

Deno.test("6: no line break of a name or a password reaches an error before a login", async () => {
  await using gateway = await startWith();
  for (
    const request of [
      ["AUTH", EVIL],
      ["AUTH", EVIL, EVIL],
      ["HELLO", EVIL],
      ["HELLO", "3", "AUTH", EVIL, EVIL],
      ["HELLO", "3", EVIL],
      [EVIL],
      ["GET", EVIL],
    ]
  ) {
    using client = await gateway.connect();
    assert.ok(await isInStep(client, request), request.join(" "));
  }
});

Deno.test("6: no line break in an argument of any command is one in its reply", async () => {
  await using gateway = await startWith();
  for (const { name, arguments: specs = [] } of commands) {
    if (["MONITOR", "QUIT", "CLIENT REPLY"].includes(name)) continue; // no reply, or more than one
    for (const key of [EVIL, `topics:${EVIL}`, `topics:red:${EVIL}`, `topics:red,${EVIL}`]) {
      for (const withOptions of [false, true]) {
        for (const user of ["root", "red"]) {
          using client = await connectAs(gateway, user);
          const values = { key, group: EVIL, text: EVIL, number: EVIL };
          const request = requestOf(name, specs, values, withOptions);
          assert.ok(await isInStep(client, request), `${user}: ${request.join(" ")}`);
        }
      }
    }
  }
});

Deno.test("8: patterns of rules cost bounded time with any key", async () => {
  const patterns = Array.from({ length: 20 }, (_, at) => `~*${"a".repeat(2_000)}b${at}`).join(" ");
  await using gateway = await startWith(["user red on >red +@all " + patterns]);
  using red = await connectAs(gateway, "red");
  const startMs = performance.now();
  await red.ask("EXISTS", ...Array(20).fill("a".repeat(1_000)));
  await red.ask("EXISTS", "a".repeat(100_000));
  await red.ask("EXISTS", "a".repeat(1_000_000));
  assert.ok(performance.now() - startMs < 3_000, `${performance.now() - startMs} ms`);
  assert.ok(!matchesGlob("*a".repeat(100) + "*b", "a".repeat(1_000)));
});

Deno.test("25: no secret is in the log, in INFO, CLIENT LIST, MONITOR, ACL or an error", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await startWith(["user default off", "user root on >geheim-1 ~* &* +@all"]);
  using watcher = await gateway.connect();
  await watcher.ask("AUTH", "root", "geheim-1");
  await watcher.ask("MONITOR");
  using client = await gateway.connect();
  let shown = await client.ask("AUTH", "root", "geheim-2");
  shown += await client.ask("AUTH", "geheim-3");
  shown += await client.ask("HELLO", "3", "AUTH", "root", "geheim-4");
  shown += await client.ask("AUTH", "root", "geheim-1");
  shown += await client.ask("ACL", "SETUSER", "x", ">geheim-5");
  for (
    const request of ["INFO everything", "CLIENT LIST", "ACL LOG", "ACL LIST", "ACL GETUSER root"]
  ) {
    shown += await client.ask(...request.split(" "));
  }
  await client.ask("ECHO", "end");
  let seen = "";
  await until(async () => (seen += await watcher.reply()).includes('"end"'), "the line");
  assert.doesNotMatch(shown + seen + log.lines.join("\n"), /geheim/);
  assert.match(readText(await client.ask("CLIENT", "INFO")), / user=root /);
});

Deno.test("25: a wrong line of users is named without its passwords", () => {
  const users = new UserRegistry(rightCatalog);
  const hash = "1".repeat(64);
  for (
    const [rule, says] of [
      ["<geheim", /does not exist/],
      [`>geheim${"x".repeat(5_000)}`, /at most/],
      ["#geheim", /64 characters/],
      [`!${hash}`, /does not exist/],
    ] as const
  ) {
    assert.throws(
      () => users.replace([{ source: "test", lines: [`user red on ${rule} ~*`] }]),
      ({ message }: Error) => says.test(message) && !/geheim|1111/.test(message),
    );
  }
});

Deno.test("24: refused logins and rights are summed up in the log, and counted", async () => {
  await using log = await CapturedLog.start();
  {
    await using gateway = await startWith();
    using client = await gateway.connect();
    for (let times = 0; times < 5; times++) await client.ask("AUTH", "red", "wrong");
    await client.ask("AUTH", "red", "red");
    for (let times = 0; times < 100; times++) await client.ask("GET", "topics:blue");
    using root = await connectAs(gateway, "root");
    const stats = await root.ask("INFO", "stats");
    assert.match(stats, /acl_access_denied_auth:5\r\n/);
    assert.match(stats, /acl_access_denied_key:100\r\n/);
    assert.match(await root.ask("ACL", "LOG", "1"), /count\r\n:100\r\n/);
  }
  assert.equal(log.count("cannot log in as red"), 2);
  assert.equal(log.count("User red has no right to key topics:blue"), 2);
});

Deno.test("24: the log says why a login is refused; the client is not told", async () => {
  await using log = await CapturedLog.start();
  await using gateway = await startWith();
  using client = await gateway.connect();
  const refused = {
    red: "wrong password",
    nobody: "there is no such user",
    default: "the user is off",
  };
  const replies = new Set<string>();
  for (const [name, why] of Object.entries(refused)) {
    replies.add(await client.ask("AUTH", name, "wrong"));
    await log.has(`cannot log in as ${name}: ${why} (1 times)`);
  }
  assert.equal(replies.size, 1, [...replies].join());
});

const TOO_LATE = { codeName: "_MSG_TIMED_OUT", message: "too late" } as never;
const FAILURE = { partition: 0, error: TOO_LATE, count: 1, unflushed: false } as never as object;

function message(topic: string): never {
  return {
    topic,
    partition: 0,
    keyBytes: 0,
    valueBytes: 0,
    following: 0,
    key: null,
    value: null,
    possiblyPersisted: false,
  } as never;
}
