/**
 * Properties 21 (the part of logins), 24, 26, 27: passwords, certificates as logins, defaults.
 *
 * @module
 */
import assert from "node:assert/strict";
import { serverDefaults } from "../../src/config/schema.ts";
import { parseConfig } from "../../src/config/load.ts";
import { TIMEOUTS } from "../../src/config/timeouts.ts";
import { UserRegistry } from "../../src/auth/user_registry.ts";
import { accessWarnings } from "../../src/app/users.ts";
import { rightCatalog } from "../../src/commands/registry.ts";
import { Cluster } from "../../src/kafka/cluster.ts";
import type { ByteStream, Listener } from "../../src/net/byte_stream.ts";
import { TcpListener } from "../../src/net/tcp.ts";
import { Server } from "../../src/session/server.ts";
import { Telemetry } from "../../src/telemetry/telemetry.ts";
import { CapturedLog } from "../support/captured_log.ts";
import { TestClient } from "../support/client.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { TestKafka } from "../support/kafka_environment.ts";
import { serverParts } from "../support/server_parts.ts";
import { connectAs, startWith } from "./users.ts";

const encoder = new TextEncoder();

Deno.test("24: an unknown user takes as long as a wrong password, a long password no longer", () => {
  const users = new UserRegistry(rightCatalog);
  users.replace([{ source: "test", lines: ["user red on >red", "user many on >1 >2 >3 >4 >5"] }]);
  const bigPassword = new Uint8Array(4 * 1024 * 1024);
  const time = (name: string, password: Uint8Array): number => {
    const startMs = performance.now();
    for (let times = 0; times < 300; times++) users.logIn(name, password);
    return performance.now() - startMs;
  };
  // the shortest of many, in turns: what else this machine does takes longer
  let [known, unknown] = [Infinity, Infinity];
  for (let round = 0; round < 50; round++) {
    known = Math.min(known, time("red", encoder.encode("wrong")));
    unknown = Math.min(unknown, time("nosuch", encoder.encode("wrong")));
  }
  assert.ok(unknown > known / 3 && unknown < known * 3, `${unknown} and ${known} ms`);
  assert.equal(users.logIn("red", bigPassword), undefined);
  assert.ok(time("red", bigPassword) < 300 * 0.5); // hashes 4 KiB of it at most
});

Deno.test("24: names have at most 255 bytes, passwords 4 KiB, whatever is sent", async () => {
  const users = new UserRegistry(rightCatalog);
  const longest = "p".repeat(4_096);
  users.replace([{ source: "test", lines: [`user red on >${longest}`] }]);
  assert.ok(users.logIn("red", encoder.encode(longest)));
  assert.equal(users.logIn("red", encoder.encode(`${longest}p`)), undefined);
  for (const line of [`user ${"n".repeat(256)} on`, `user red on >${longest}p`]) {
    assert.throws(() => users.replace([{ source: "test", lines: [line] }]), / at most /);
  }
  const name = "n".repeat(255);
  await using gateway = await startWith([`user ${name} on >n`, "user red on >red ~* +@all"]);
  using client = await gateway.connect();
  assert.match(await client.ask("AUTH", "n".repeat(10_000), "n"), /^-WRONGPASS/);
  assert.match(await client.ask("AUTH", `${name}n`, "n"), /^-WRONGPASS/);
  assert.equal(await client.ask("AUTH", name, "n"), "+OK\r\n");
  assert.match(await client.ask("AUTH", "red", "x".repeat(10_000)), /^-WRONGPASS/);
  assert.equal(await client.ask("AUTH", "red", "red"), "+OK\r\n");
});

Deno.test("24: each failure of a connection is answered later than the one before", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { users: ["user red on >red ~* +@all", "user default off"] } },
    timeouts: { loginFailureMs: 40 },
  });
  using client = await gateway.connect();
  using other = await connectAs(gateway, "red");
  const startMs = performance.now();
  await client.write("AUTH red 1\r\nAUTH red 2\r\nAUTH red 3\r\nAUTH red red\r\n");
  let isIn = false;
  const loggingIn = (async (): Promise<void> => {
    for (let times = 0; times < 3; times++) assert.match(await client.reply(), /^-WRONGPASS/);
    assert.equal(await client.reply(), "+OK\r\n");
    isIn = true;
  })();
  assert.equal(await other.ask("PING"), "+PONG\r\n");
  assert.ok(!isIn, "nobody else waits");
  await loggingIn;
  assert.ok(performance.now() - startMs >= 40 + 80 + 160 - 5);
});

Deno.test("24: guesses by new connections are delayed as those of one, others behind the address are not", async () => {
  await using gateway = await TestGateway.start({
    config: { server: { users: ["user red on >red ~* +@all", "user blue on >blue ~* +@all"] } },
    timeouts: { loginFailureMs: 20 },
  });
  const guess = async (password: string): Promise<string> => {
    using client = await gateway.connect();
    return await client.ask("AUTH", "red", password);
  };
  let round = 0;
  const refused = "-ERR too many failed logins of this user from your address: try again later\r\n";
  await until(async () => {
    round++;
    const guesses = Array.from({ length: 50 }, (_, at) => guess(`${round}.${at}`));
    return (await Promise.all(guesses)).includes(refused);
  }, "guesses to be refused");
  const guesses = Promise.all(Array.from({ length: 50 }, (_, at) => guess(`${at}`)));
  using blue = await connectAs(gateway, "blue"); // is not in their line
  assert.equal(await blue.ask("PING"), "+PONG\r\n");
  assert.ok((await guesses).includes(refused));
  await until(async () => await guess("red") === "+OK\r\n", "the right password to be accepted");
});

Deno.test("24: a client that disconnects while its login is delayed is no connection of the user", async () => {
  await using gateway = await TestGateway.start({
    config: {
      server: {
        users: ["user red on >red ~* +@all"],
        userLimits: { red: { connections: 1 } },
      },
    },
    timeouts: { loginFailureMs: 20, halfClosedMs: 1 },
  });
  const clients = await Promise.all(Array.from({ length: 20 }, () => gateway.connect()));
  await Promise.all(clients.map((client, at) => client.ask("AUTH", "red", `${at}`)));
  for (const client of clients) client[Symbol.dispose]();
  {
    using client = await gateway.connect();
    await client.send("AUTH", "red", "red");
    await until(
      () => gateway.rafka.server.state.clientList.some(({ lastCommand }) => lastCommand === "auth"),
      "the login to be delayed",
    );
  }
  await gateway.untilSessions(0);
  using behind = await gateway.connect(); // its turn is behind the one that is gone
  assert.equal(await behind.ask("AUTH", "red", "red"), "+OK\r\n");
});

Deno.test("21: a certificate is a login; its user has no other without a password", async () => {
  const users = new UserRegistry(rightCatalog);
  users.replace([{ source: "test", lines: ["user machine on ~* +@all", "user default off"] }]);
  await using kafka = await TestKafka.start();
  const listener = new CertifiedListener();
  const server = new Server([listener], {
    settings: serverDefaults,
    own: {
      cluster: new Cluster(kafka.environment, {
        producer: kafka.settings,
        consumer: kafka.settings,
      }),
      events: { close: () => {} },
    },
    telemetry: new Telemetry(0),
    timeouts: { ...TIMEOUTS, loginFailureMs: 1 },
    about: { version: "test", librdkafkaVersion: "", brokers: "", runId: "" },
    port: listener.port,
    users,
  });
  for (
    const [names, reply] of [
      [["machine"], "$7\r\nmachine\r\n"],
      [["other", "machine"], "$7\r\nmachine\r\n"],
      [["machine\0.evil"], "-NOAUTH Authentication required.\r\n"],
      [[], "-NOAUTH Authentication required.\r\n"],
    ] as const
  ) {
    listener.names = names;
    using client = await TestClient.connect(listener.port);
    assert.equal(await client.ask("ACL", "WHOAMI"), reply);
    assert.match(await client.ask("AUTH", "machine", ""), /^-WRONGPASS/);
  }
  await server.stop();
});

Deno.test("26: without users, clients on other machines are refused in Redis' words; this one's are not", async () => {
  await using log = await CapturedLog.start();
  for (
    const [isLocal, isProtected, lines, reply] of [
      [
        false,
        true,
        [],
        /^-DENIED Rafka is running in protected mode because protected mode is enabled /,
      ],
      [true, true, [], /^\+PONG/],
      [false, false, [], /^\+PONG/],
      [false, true, ["user default on nopass ~* +@all"], /^\+PONG/],
      [false, true, ["user red on >red"], /^-NOAUTH/],
    ] as const
  ) {
    await using kafka = await TestKafka.start();
    const users = new UserRegistry(rightCatalog);
    if (lines.length > 0) users.replace([{ source: "test", lines }]);
    const listener = new CertifiedListener();
    listener.isLocal = isLocal;
    const server = new Server([listener], {
      settings: { ...serverDefaults, protectedMode: isProtected },
      ...serverParts(kafka, listener.port),
      users,
    });
    {
      using client = await TestClient.connect(listener.port);
      await client.write("PING\r\n");
      assert.match(await client.reply(), reply);
    }
    await server.stop();
  }
  assert.equal(log.count("Protected mode: client "), 1);
});

Deno.test("26: the start says so where nobody can miss it", () => {
  const warning = (server: Record<string, unknown>): string =>
    accessWarnings(parseConfig(JSON.stringify({ server }), "test")).join();
  assert.match(warning({}), /^Protected mode: .* REFUSED\. .*"users".*"protectedMode": false/);
  assert.match(warning({ protectedMode: false }), /^Everybody who can connect to 0\.0\.0\.0 may /);
  assert.equal(warning({ host: "127.0.0.1" }), "");
  assert.equal(warning({ users: ["user red on"] }), "");
  assert.equal(warning({ aclFile: "users.acl" }), "");
});

Deno.test("27: with users, a client without a login is nobody: nothing of Kafka's login is its own", async () => {
  await using gateway = await startWith(["user red on >red ~* +@all"]); // not a word of default
  using client = await gateway.connect();
  assert.match(await client.ask("RPUSHX", "topics:t", "m"), /^-NOAUTH/);
  assert.match(await client.ask("AUTH", "anything"), /^-WRONGPASS/);
  assert.match(await client.ask("AUTH", "default", ""), /^-WRONGPASS/);
});

/** TCP connections whose clients are said to have certificates, or to be elsewhere. */
class CertifiedListener implements Listener {
  names: readonly string[] = [];
  isLocal = true;
  readonly #listener = new TcpListener("127.0.0.1", 0);

  get address(): string {
    return this.#listener.address;
  }

  get port(): number {
    return this.#listener.port;
  }

  async accept(): Promise<ByteStream> {
    const stream = await this.#listener.accept();
    return {
      remoteAddress: stream.remoteAddress,
      localAddress: stream.localAddress,
      isLocal: this.isLocal,
      peerNames: this.names,
      read: (into) => stream.read(into),
      write: (bytes) => stream.write(bytes),
      closeWrite: () => stream.closeWrite(),
      close: () => stream.close(),
      peerAnswers: () => stream.peerAnswers(),
    };
  }

  close(): void {
    this.#listener.close();
  }
}
