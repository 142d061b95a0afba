/**
 * Connections with TLS: what clients of each kind get, and that what breaks one harms nobody else.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestAuthority } from "../support/certificates.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { readText, TestClient } from "../support/client.ts";
import { clientList, connectionId, untilBlocked } from "../support/client_list.ts";
import { sClient, startTls } from "../support/tls_gateway.ts";
import { chooseSeed, encodeRequest, SeededRandom } from "../support/wire.ts";
import { signalProcess } from "../support/signal_process.ts";

Deno.test("A client with TLS produces, consumes and sees what one without does", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority);
  using client = await gateway.connectTls(authority);
  using plain = await gateway.connect();
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  const value = "é\0\r\n".repeat(40_000);
  assert.equal(await client.ask("RPUSHX", "topics:t", value), ":1\r\n");
  assert.equal(await plain.ask("CLIENT", "SETNAME", "group:a"), "+OK\r\n");
  assert.equal((await plain.pop("topics:t", 20))?.value, value);
  assert.equal((await clientList(plain)).length, 2);
});

for (const version of ["1.2", "1.3"]) {
  Deno.test(`TLS ${version} is spoken, ends with close_notify, and resumes no session`, async () => {
    await using authority = await TestAuthority.create();
    await using gateway = await startTls(authority);
    const session = `${authority.folder}/session`;
    const args = [`-tls${version.replace(".", "_")}`, "-CAfile", authority.caFile];
    const first = await sClient(gateway.tlsPort, [...args, "-sess_out", session]);
    assert.match(first, /Verification: OK/);
    assert.match(first, new RegExp(`New, TLSv${version}`));
    assert.match(first, /\+PONG\r\n\+OK\r\n/);
    assert.match(first, /\nclosed\n/);
    assert.doesNotMatch(first, /unexpected eof/);
    if (version === "1.2") return assert.match(first, /Session-ID: \n/);
    const again = await sClient(gateway.tlsPort, [...args, "-sess_in", session]);
    assert.match(again, /\nNew, /);
    assert.match(again, /\+PONG/);
  });
}

Deno.test("23: TLS 1.1 is refused, and the log calls it so", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority);
  const args = ["-tls1_1", "-cipher", "ALL:@SECLEVEL=0"];
  assert.match(await sClient(gateway.tlsPort, args), /alert protocol version/);
  await log.has("it offers no TLS version from 1.2 on");
});

Deno.test("23: a cipher without forward secrecy is refused", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority);
  const args = ["-tls1_2", "-cipher", "AES128-GCM-SHA256"];
  assert.match(await sClient(gateway.tlsPort, args), /handshake failure/);
  await log.has("it offers no cipher that is allowed here");
});

Deno.test("A client of TLS 1.2 cannot renegotiate", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority);
  await interactive(gateway.tlsPort, ["-tls1_2"], [["R\n", "no renegotiation"]]);
});

Deno.test("A client of TLS 1.3 may ask for new keys, again and again", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority);
  using other = await gateway.connectTls(authority);
  const newKeys = ["K\n", "KEYUPDATE"] as const;
  const steps = [...Array.from({ length: 50 }, () => newKeys), ["PING\r\n", "+PONG\r\n"] as const];
  await interactive(gateway.tlsPort, [], steps);
  assert.equal(await other.ask("PING"), "+PONG\r\n");
});

/** Gives `openssl s_client` lines, of which a letter may be a command of its own; waits for words behind each. */
async function interactive(
  port: number,
  args: readonly string[],
  steps: readonly (readonly [line: string, words: string])[],
): Promise<void> {
  await using child = new Deno.Command("sh", {
    args: ["-c", 'exec openssl s_client "$@" 2>&1', "sh", "-connect", `127.0.0.1:${port}`, ...args],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const timer = setTimeout(signalProcess, 20_000, child);
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const writer = child.stdin.getWriter();
  const printed = async (words: string): Promise<void> => {
    for (let text = ""; !text.includes(words);) {
      const { done, value } = await output.read();
      assert.ok(!done, `s_client ended without ${words}:\n${text}`);
      text += value;
    }
  };
  await printed("Verify return code");
  for (const [line, words] of steps) {
    await writer.write(new TextEncoder().encode(line));
    await printed(words);
  }
  clearTimeout(timer);
  signalProcess(child); // some ends are its own
  await output.cancel();
  await writer.close().catch(() => {}); // it has ended
}

for (
  const { name, request, reply, says } of [
    {
      name: "The Redis protocol",
      request: encodeRequest(["PING"]),
      reply: "-ERR this port speaks TLS only\r\n",
      says: "the Redis protocol without TLS",
    },
    {
      name: "An inline command",
      request: "PING\r\n",
      reply: "-ERR this port speaks TLS only\r\n",
      says: "the Redis protocol without TLS",
    },
    { name: "HTTP", request: "GET / HTTP/1.1\r\n\r\n", reply: "", says: "HTTP without TLS" },
    { name: "Garbage", request: "\x00\xff\x80", reply: "", says: "something else than TLS" },
  ]
) {
  Deno.test(`${name} at the port for TLS is called by its name, in the log`, async () => {
    await using authority = await TestAuthority.create();
    await using log = await CapturedLog.start();
    await using gateway = await startTls(authority);
    using client = await TestClient.connect(gateway.tlsPort);
    await client.write(request);
    assert.equal(await client.untilClosed(), reply);
    await log.has(`${says} at the port for TLS`);
  });
}

Deno.test("5: a handshake has a time limit, however it is spread", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority, { timeouts: { handshakeMs: 300 } });
  using silent = await TestClient.connect(gateway.tlsPort);
  using slow = await TestClient.connect(gateway.tlsPort);
  const startedAtMs = performance.now();
  const writing = (async (): Promise<void> => {
    for (const byte of "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".repeat(100)) {
      await slow.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })().catch(() => {}); // until it is closed
  await Promise.all([silent.untilClosed(), slow.untilClosed()]);
  const tookMs = performance.now() - startedAtMs;
  assert.ok(tookMs > 250 && tookMs < 5_000, `${tookMs} ms`);
  await log.has("its TLS handshake has taken more than 300 ms");
  slow[Symbol.dispose]();
  await writing;
  await gateway.untilSessions(0);
});

Deno.test("5: a client counts against maxClients before its handshake", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority, { server: { maxClients: 2 } });
  const waiting = [await TestClient.connect(gateway.tlsPort), await gateway.connect()];
  await gateway.untilSessions(2);
  using info = await gateway.connect(); // of the reserve for this machine
  assert.match(readText(await info.ask("INFO", "clients")), /\nconnected_clients:3\r\n/);
  assert.equal(await info.ask("RPUSHX", "topics:t", "m"), "-ERR max number of clients reached\r\n");
  for (const client of waiting) client[Symbol.dispose]();
});

Deno.test("A shutdown does not wait for a handshake", async () => {
  await using authority = await TestAuthority.create();
  const gateway = await startTls(authority);
  using silent = await TestClient.connect(gateway.tlsPort);
  await gateway.untilSessions(1);
  const startedAtMs = performance.now();
  await gateway[Symbol.asyncDispose]();
  assert.equal(await silent.untilClosed(), "");
  assert.ok(performance.now() - startedAtMs < 5_000);
});

Deno.test("Random bytes in and behind a handshake harm nobody else, and leave no handle", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority, {
    timeouts: { handshakeMs: 2_000, lingerMs: 50 },
  });
  using other = await gateway.connectTls(authority);
  const seed = chooseSeed();
  const random = new SeededRandom(seed);
  for (let round = 0; round < 60; round++) {
    using client = await TestClient.connect(gateway.tlsPort);
    const bytes = Uint8Array.from({ length: 1 + random.below(600) }, () => random.below(256));
    // some begin as a record of a handshake does
    if (round % 2 === 0) bytes.set([0x16, 3, 1, 0, random.below(256), 1].slice(0, bytes.length));
    await client.write(bytes).catch(() => {});
    await client.endWriting().catch(() => {});
    await client.untilClosed().catch(() => {});
    assert.equal(await other.ask("PING"), "+PONG\r\n", `seed ${seed}`);
  }
  await gateway.untilSessions(1);
  assert.equal(gateway.library.handles.open.SSL, 1);
  assert.equal(log.count("Bug"), 0, log.lines.join("\n"));
});

Deno.test("Ciphertext that was changed on its way ends the connection, and the log says so", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority);
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  let changes = false;
  const forwarded = listener.accept().then(async (from) => {
    const to = await Deno.connect({ hostname: "127.0.0.1", port: gateway.tlsPort });
    const back = to.readable.pipeTo(from.writable).catch(() => {});
    for await (const chunk of from.readable) {
      if (changes) chunk[chunk.length - 1]! ^= 1;
      await to.write(chunk);
    }
    await back;
  }).catch(() => {});
  using client = await TestClient.connectTls((listener.addr as Deno.NetAddr).port, authority);
  assert.equal(await client.ask("PING"), "+PONG\r\n");
  changes = true;
  await client.send("RPUSHX", "topics:t", "changed");
  await client.untilClosed().catch(() => {});
  await log.has("bad record mac");
  await gateway.untilSessions(0);
  client[Symbol.dispose]();
  await forwarded;
});

Deno.test("11: a client that is killed while decrypted bytes wait is gone, with all of its handles", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority);
  using killer = await gateway.connect();
  for (let round = 0; round < 10; round++) {
    using client = await gateway.connectTls(authority);
    assert.equal(await client.ask("CLIENT", "SETNAME", "group:a"), "+OK\r\n");
    const id = await connectionId(client);
    await client.send("BLPOP", "topics:never", 0);
    await untilBlocked(killer, id);
    // more than it reads ahead, in records that are larger than its buffer
    const flood = client.write(encodeRequest(["PING", "x".repeat(1_000)]).repeat(3_000))
      .catch(() => {});
    assert.equal(await killer.ask("CLIENT", "KILL", "ID", id), ":1\r\n");
    await client.untilClosed().catch(() => {});
    client[Symbol.dispose]();
    await flood;
    await gateway.untilSessions(1);
    assert.deepEqual(gateway.library.handles.open.SSL, undefined);
  }
});

Deno.test("12: a slow reader of large replies gets all of them, in order", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority, { server: { outputLimitBytes: 1_000_000 } });
  using client = await gateway.connectTls(authority);
  using other = await gateway.connectTls(authority);
  const payloads = Array.from({ length: 200 }, (_, at) => `${at}:`.padEnd(50_000 + at, "x"));
  const writing = client.write(payloads.map((text) => encodeRequest(["PING", text])).join(""));
  for (let i = 0; i < 50; i++) assert.equal(await other.ask("PING"), "+PONG\r\n");
  for (const text of payloads) {
    assert.equal(await client.reply(), `$${text.length}\r\n${text}\r\n`);
  }
  await writing;
});

Deno.test("12: a reply above the output limit ends the connection, and its memory comes back", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority, { server: { outputLimitBytes: 1_000_000 } });
  using client = await gateway.connectTls(authority);
  const pings = Array.from({ length: 25 }, () => ["PING", "x".repeat(50_000)]);
  await client.write([["MULTI"], ...pings, ["EXEC"]].map(encodeRequest).join(""));
  await client.untilClosed().catch(() => {});
  await log.has("is disconnected: 1000");
  await gateway.untilSessions(0);
  assert.equal(gateway.library.handles.open.SSL, undefined);
});

Deno.test("Bytes that arrive one by one are a command", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority);
  using client = await gateway.connectTls(authority);
  for (const byte of encodeRequest(["PING", "hello"])) await client.write(byte);
  assert.equal(await client.reply(), "$5\r\nhello\r\n");
});

Deno.test("Connections that end at any point leave no handle", async () => {
  await using authority = await TestAuthority.create();
  await using log = await CapturedLog.start();
  await using gateway = await startTls(authority, {
    timeouts: { handshakeMs: 2_000, lingerMs: 50 },
  });
  const { handles } = gateway.library;
  for (let round = 0; round < 40; round++) {
    const client = await gateway.connectTls(authority);
    if (round % 4 === 0) await client.ask("PING", "x".repeat(100_000));
    if (round % 4 === 1) await client.send("PING", "x".repeat(100_000));
    if (round % 4 === 2) await client.write("*2\r\n$4\r\nPING\r\n$10000\r\n");
    client[Symbol.dispose]();
  }
  await gateway.untilSessions(0);
  assert.deepEqual([handles.open.SSL, handles.open.SSL_CTX], [undefined, 1]);
  assert.equal(log.count("Bug"), 0, log.lines.join("\n"));
});

Deno.test("23: without a plain port nobody is served in the clear", async () => {
  await using authority = await TestAuthority.create();
  await using gateway = await startTls(authority, { server: { port: null } });
  assert.equal(gateway.port, gateway.tlsPort);
  using client = await gateway.connectTls(authority);
  assert.match(readText(await client.ask("INFO", "server")), /\ntcp_port:(\d+)\r\n/);
  assert.equal(
    await client.ask("CONFIG", "GET", "port"),
    "*2\r\n$4\r\nport\r\n$1\r\n0\r\n",
  );
  using plain = await TestClient.connect(gateway.port);
  await plain.write("PING\r\n");
  assert.equal(await plain.untilClosed(), "-ERR this port speaks TLS only\r\n");
});
