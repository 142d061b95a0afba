/**
 * Gateways on one port: the system divides the connections, and none is lost when a gateway leaves.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Listener } from "../../src/net/byte_stream.ts";
import { TlsListener } from "../../src/net/tls.ts";
import { ConfigFile } from "../support/config_file.ts";
import type { TestClient } from "../support/client.ts";
import { until } from "../support/gateway.ts";
import { onBrokers } from "../support/kafka.ts";
import { type Launcher, Program, runProgram, startArguments } from "../support/program.ts";
import { pidOf, SharedPort } from "../support/shared_port.ts";

/** Nobody is there: these connections need no Kafka. */
const CONFIG = onBrokers("127.0.0.1:1");
const ignore = Deno.build.os !== "linux";
/** A client that is held up for longer between connecting and its request may find that the gateway has ended. */
const PROMPT_MS = 150;
const PONG = "+PONG\r\n";

Deno.test({
  name: "Two gateways on one port share the connections, and each knows its own",
  ignore,
  async fn(): Promise<void> {
    const [shared, ...programs] = await SharedPort.start(2, CONFIG);
    await using _ = shared;
    using clients = await connectAll(shared, 60);
    const pids = await Promise.all(clients.all.map(pidOf));
    assert.deepEqual(new Set(pids), new Set(programs.map(({ pid }) => pid)));
    const first = pids.findIndex((pid) => pid === programs[0]!.pid);
    const listed = await clients.all[first]!.ask("CLIENT", "LIST");
    const ownCount = pids.filter((pid) => pid === programs[0]!.pid).length;
    assert.equal(listed.match(/ addr=/g)?.length, ownCount);
  },
});

Deno.test({
  name: "A name is taken on the gateway of its connection only",
  ignore,
  async fn(): Promise<void> {
    const [shared, first, second] = await SharedPort.start(2, CONFIG);
    await using _ = shared;
    using client = await shared.connectTo(first!);
    using sameGateway = await shared.connectTo(first!);
    using otherGateway = await shared.connectTo(second!);
    assert.equal(await client.ask("CLIENT", "SETNAME", "group:worker"), "+OK\r\n");
    assert.match(await sameGateway.ask("CLIENT", "SETNAME", "group:worker"), /^-.*taken/);
    assert.equal(await otherGateway.ask("CLIENT", "SETNAME", "group:worker"), "+OK\r\n");
  },
});

Deno.test({
  name: "Connections that wait for a gateway when it is ended are served, not reset",
  ignore,
  async fn(): Promise<void> {
    const [shared, first, second] = await SharedPort.start(2, CONFIG);
    await using _ = shared;
    first!.signal("SIGSTOP");
    using clients = await connectAll(shared, 200); // established by the system, about half at the first one
    for (const client of clients.all) await client.send("PING");
    first!.signal("SIGTERM");
    first!.signal("SIGCONT");
    const replies = await Promise.all(clients.all.map(replyOrEnd));
    assert.deepEqual(replies.filter((reply) => reply !== PONG), []);
    assert.equal(await first!.exited(), 0, first!.log);
    using late = await shared.connect();
    assert.equal(await pidOf(late), second!.pid);
  },
});

Deno.test({
  name:
    "Clients that connect again and again notice nothing when one gateway after the other is replaced",
  ignore,
  async fn(): Promise<void> {
    const [shared, ...programs] = await SharedPort.start(2, CONFIG);
    await using _ = shared;
    let isEnough = false;
    let count = 0;
    const come = async (): Promise<void> => {
      while (!isEnough) {
        const startMs = performance.now();
        using client = await shared.connect();
        await client.send("PING");
        const isPrompt = performance.now() - startMs < PROMPT_MS;
        const reply = await replyOrEnd(client);
        if (isPrompt) assert.equal(reply, PONG);
        count++;
      }
    };
    const coming = Promise.all(Array.from({ length: 8 }, come));
    const replacing = (async (): Promise<void> => {
      for (const program of programs) {
        const before = count;
        await until(() => count > before + 100, "100 connections", 60_000);
        program.signal("SIGTERM");
        assert.equal(await program.exited(), 0, program.log);
        await shared.join();
      }
    })().finally(() => isEnough = true);
    await Promise.all([coming, replacing]);
  },
});

Deno.test({
  name:
    "The death of one gateway leaves the connections of the other alone, which gets the new ones",
  ignore,
  async fn(): Promise<void> {
    const [shared, first, second] = await SharedPort.start(2, CONFIG);
    await using _ = shared;
    using client = await shared.connectTo(second!);
    first!.signal("SIGKILL");
    await first!.exited();
    using clients = await connectAll(shared, 20);
    for (const each of [client, ...clients.all]) assert.equal(await pidOf(each), second!.pid);
  },
});

Deno.test({
  name: "A port is not shared unless both gateways say so, and the error says how",
  ignore,
  async fn(): Promise<void> {
    for (const [first, second] of [[true, false], [false, true], [false, false]]) {
      using file = new ConfigFile({ ...CONFIG, server: { reusePort: first } });
      using otherFile = new ConfigFile({ ...CONFIG, server: { reusePort: second } });
      await using program = await Program.start(["--config", file.path]);
      const { port } = program;
      const at = ["--host", "127.0.0.1", "--port", String(port)];
      const { code, stderr } = await runProgram(["--config", otherFile.path, ...at]);
      assert.equal(code, 1);
      const says = `Cannot listen on 127.0.0.1:${port}: Address already in use (os error 98); ` +
        "--port names another port" + (second
          ? ". Gateways that share one must all have server.reusePort, and run as the same user\n"
          : "\n");
      assert.ok(stderr.endsWith(says), stderr);
    }
  },
});

Deno.test("A port that cannot be shared here is refused with what it takes", async () => {
  using file = new ConfigFile({ ...CONFIG, server: { reusePort: true } });
  const args = startArguments.filter((argument) => argument !== "--unstable-net");
  const launcher: Launcher = (more, env) => ({
    command: Deno.execPath(),
    args: [...args, ...more],
    cwd: new URL("../../", import.meta.url),
    env,
  });
  for (const flags of [["--check-config"], ["--port", "0"]]) {
    const ended = await runProgram(["--config", file.path, ...flags], {}, launcher);
    assert.equal(ended.code, 2);
    assert.match(
      ended.stderr,
      /'server\.reusePort' is true, which is not possible here: (only Linux|Deno takes --unstable-net)/,
    );
  }
});

Deno.test("A port with TLS is left like one without it", async () => {
  const left: number[] = [];
  const tcp: Listener = {
    address: "127.0.0.1:6381",
    accept: () => Promise.reject(new Error("nobody comes")),
    leave: (deadlineMs) => Promise.resolve(void left.push(deadlineMs)),
    close: () => {},
  };
  const rules = { context: () => assert.fail("no handshake"), userFrom: "none" } as const;
  await new TlsListener(tcp, rules).leave(900);
  assert.deepEqual(left, [900]);
});

Deno.test("--http-port opens that port, without a word in the configuration", async () => {
  using file = new ConfigFile(CONFIG);
  await using program = await Program.start(["--config", file.path, "--http-port", "0"]);
  const health = await fetch(`http://127.0.0.1:${program.httpPort}/healthz`);
  assert.equal(health.status, 200, await health.text());
});

/** Many connections, closed together. */
async function connectAll(
  shared: SharedPort,
  count: number,
): Promise<{ readonly all: readonly TestClient[] } & Disposable> {
  const all = await Promise.all(Array.from({ length: count }, () => shared.connect()));
  return {
    all,
    [Symbol.dispose](): void {
      for (const client of all) client[Symbol.dispose]();
    },
  };
}

/** What a client is told before its connection ends. */
async function replyOrEnd(client: TestClient): Promise<string> {
  try {
    return await client.reply();
  } catch (error) {
    return (error as Error).message;
  }
}
