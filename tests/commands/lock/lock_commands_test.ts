/**
 * Locks of workers: SET NX, GET, and the script that releases one, as clients send them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { LOCK_SCRIPTS } from "../../../src/commands/lock/lock_scripts.ts";
import { TestGateway } from "../../support/gateway.ts";

const SHA1 = "c3f8721cbb97f72bc19e972846bd7aaf91901658";

Deno.test("a lock is taken by one, and released by its token only", async () => {
  await using gateway = await TestGateway.start();
  using one = await gateway.connect();
  using other = await gateway.connect();
  assert.equal(await one.ask("SET", "a:lock", "one", "NX", "PX", "60000"), "+OK\r\n");
  assert.equal(await other.ask("SET", "a:lock", "other", "NX", "PX", "60000"), "$-1\r\n");
  assert.equal(await other.ask("GET", "a:lock"), "$3\r\none\r\n");
  assert.equal(await other.ask("EVALSHA", SHA1, "1", "a:lock", "other"), ":0\r\n");
  assert.equal(await one.ask("EVALSHA", SHA1, "1", "a:lock", "one"), ":1\r\n");
  assert.equal(await other.ask("SET", "a:lock", "other", "NX"), "+OK\r\n");
  assert.equal(await other.ask("EVALSHA", SHA1, "1", "b:lock", "other"), ":0\r\n");
});

Deno.test("a lock ends with its time", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("SET", "lock", "one", "NX", "PX", "50"), "+OK\r\n");
  const startedAtMs = performance.now();
  while (await client.ask("SET", "lock", "two", "PX", "60000", "NX") === "$-1\r\n") {
    assert.ok(performance.now() - startedAtMs < 10_000, "it does not end");
  }
  assert.ok(performance.now() - startedAtMs > 40, "it has ended too early");
  assert.equal(await client.ask("GET", "lock"), "$3\r\ntwo\r\n");
});

Deno.test("taking, claiming and releasing can be one transaction, as redis-py's pipelines are", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.ask("MULTI");
  await client.ask("SET", "lock", "one", "NX", "PX", "5000");
  await client.ask("GET", "lock");
  await client.ask("EVALSHA", SHA1, "1", "lock", "one");
  await client.ask("GET", "lock");
  assert.equal(await client.ask("EXEC"), "*4\r\n+OK\r\n$3\r\none\r\n:1\r\n$-1\r\n");
});

const EXTEND = "a4e8783852e6b949f9ef3a97212805108459a890";
const RENEW = "1cac51482acf5858da00f6d685d68f886cd6b6b2";

Deno.test("who has a lock can extend and renew it, nobody else can", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  await client.ask("SET", "lock", "one", "NX", "PX", "60000");
  assert.equal(await client.ask("EVALSHA", EXTEND, "1", "lock", "two", "1000", "0"), ":0\r\n");
  assert.equal(await client.ask("EVALSHA", EXTEND, "1", "lock", "one", "60000", "0"), ":1\r\n");
  assert.equal(await client.ask("TTL", "lock"), ":120\r\n");
  assert.equal(await client.ask("EVALSHA", EXTEND, "1", "lock", "one", "50000", "1"), ":1\r\n");
  assert.equal(await client.ask("TTL", "lock"), ":50\r\n");
  assert.equal(await client.ask("EVALSHA", RENEW, "1", "lock", "two", "70000"), ":0\r\n");
  assert.equal(await client.ask("EVALSHA", RENEW, "1", "lock", "one", "70000"), ":1\r\n");
  assert.equal(await client.ask("TTL", "lock"), ":70\r\n");
  assert.equal(await client.ask("EVALSHA", RENEW, "1", "none", "one", "70000"), ":0\r\n");
  assert.match(await client.ask("EVALSHA", RENEW, "1", "lock", "one"), /^-ERR the script takes 2 /);
  assert.match(await client.ask("EVALSHA", RENEW, "2", "lock", "k", "one"), /^-ERR .* takes 1 key/);
});

Deno.test("SCRIPT LOAD and EVAL know the scripts by their texts", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  for (const { text, sha1 } of LOCK_SCRIPTS) {
    assert.equal(createHash("sha1").update(text).digest("hex"), sha1);
    assert.equal(await client.ask("SCRIPT", "LOAD", text), `$40\r\n${sha1}\r\n`);
    await client.ask("SET", "lock", "one", "NX", "PX", "60000");
    assert.equal(await client.ask("EVAL", text, "1", "lock", "two", "1", "0"), ":0\r\n");
    assert.equal(await client.ask("EVAL", text, "1", "lock", "one", "1", "0"), ":1\r\n");
  }
  assert.match(await client.ask("EVAL", "return 1", "0"), /^-ERR there are no scripts here, only /);
});

Deno.test("keys and tokens may hold any bytes", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  assert.equal(await client.ask("SET", "\xff", "\xfe\0", "NX"), "+OK\r\n");
  assert.equal(await client.ask("SET", "\xfe", "x", "NX"), "+OK\r\n");
  assert.equal(await client.ask("GET", "\xff"), "$2\r\n\xfe\0\r\n");
  assert.equal(await client.ask("EVALSHA", SHA1, "1", "\xff", "\xfd\0"), ":0\r\n");
  assert.equal(await client.ask("EVALSHA", SHA1, "1", "\xff", "\xfe\0"), ":1\r\n");
});

Deno.test("nothing else can be stored: neither a string nor a script", async () => {
  await using gateway = await TestGateway.start();
  using client = await gateway.connect();
  const locksOnly =
    "-ERR SET takes locks only: SET <key> <token> NX [PX milliseconds]; messages are produced with XADD and RPUSHX\r\n";
  assert.equal(await client.ask("SET", "key", "value"), locksOnly);
  assert.equal(await client.ask("SET", "key", "value", "XX"), locksOnly);
  assert.equal(await client.ask("SET", "topics:t", "value", "NX"), locksOnly);
  const long = "x".repeat(2_048);
  assert.match(await client.ask("SET", "key", long, "NX"), /^-ERR key and token of a lock larger/);
  assert.match(await client.ask("SCRIPT", "LOAD", "return 1"), /^-ERR there are no scripts here/);
  assert.equal(await client.ask("SCRIPT", "EXISTS", SHA1, "0".repeat(40)), "*2\r\n:1\r\n:0\r\n");
});

Deno.test("the scripts of tools for lists are their commands, with the rights that these take", async () => {
  await using gateway = await TestGateway.start({
    config: {
      server: {
        keys: [{ match: "jobs", topic: "jobs-1" }],
        users: [
          "user default off",
          "user a on >a ~topics:jobs-1 +@all",
          "user b on >b ~other +@all",
        ],
      },
    },
    timeouts: { loginFailureMs: 1 },
  });
  const keda = "f024d38f3b8ceec15a07369746e81089c1f100a0";
  const logstash = "b9af23c13eeefc2ae7a9375fe3d3645e2e9c9fc8";
  using client = await gateway.connect();
  await client.ask("AUTH", "a", "a");
  assert.equal(await client.ask("RPUSH", "jobs", "m", "n"), ":2\r\n");
  assert.equal(await client.ask("DUMP", "20000"), ":0\r\n");
  assert.equal(
    await client.ask("EVALSHA", keda, "1", "jobs"),
    await client.ask("LLEN", "jobs"),
  );
  assert.equal(await client.ask("SCRIPT", "EXISTS", keda, logstash), "*2\r\n:1\r\n:1\r\n");
  assert.match(await client.ask("EVALSHA", logstash, "1", "jobs", "x"), /^-ERR batch size should/);
  assert.match(await client.ask("EVALSHA", keda, "2", "jobs", "x"), /^-ERR the script takes 1 key/);
  assert.match(await client.ask("EVALSHA", "0".repeat(40), "1", "jobs"), /^-NOSCRIPT/);
  assert.match(await client.ask("EVAL", "return 1", "0"), /^-ERR there are no scripts here/);
  assert.equal(await client.ask("SCRIPT", "FLUSH"), "+OK\r\n");
  assert.equal(await client.ask("SCRIPT", "FLUSH", "async"), "+OK\r\n");
  assert.match(await client.ask("SCRIPT", "FLUSH", "now"), /^-ERR SCRIPT FLUSH only support/);
  assert.equal(await client.ask("MULTI"), "+OK\r\n");
  await client.ask("EVALSHA", keda, "1", "jobs");
  assert.equal(await client.ask("EXEC"), "*1\r\n:2\r\n");
  using other = await gateway.connect();
  await other.ask("AUTH", "b", "b");
  assert.match(await other.ask("EVALSHA", keda, "1", "jobs"), /^-NOPERM/);
});
