/**
 * A client's machine that is gone without a word: a network namespace whose cable is cut.
 *
 * @module
 */
import assert from "node:assert/strict";
import { CapturedLog } from "../support/captured_log.ts";
import { TestClient } from "../support/client.ts";
import { TestGateway, until } from "../support/gateway.ts";
import { hasNamespaces } from "../support/machine.ts";
import { signalProcess } from "../support/signal_process.ts";

/** Two of four addresses in a range that is for tests of networks; a run beside this one has others. */
const [HERE, THERE] = [1, 2].map((host) => {
  const at = 4 * (Deno.pid % 2 ** 14) + host;
  return `198.18.${at >> 8}.${at & 255}`;
}) as [string, string];

Deno.test({
  name:
    "The connection of a machine that is gone ends after twice keepAliveMs, and its name is free",
  ignore: !hasNamespaces(),
  async fn(): Promise<void> {
    await using machine = await OtherMachine.connect();
    await using gateway = await TestGateway.start({
      config: { server: { host: HERE, keepAliveMs: 1_000, protectedMode: false } },
    });
    await machine.say(gateway.port, "CLIENT SETNAME group:a");
    await until(
      () => gateway.rafka.server.state.clientList.some(({ name }) => name === "group:a"),
      "its name",
    );
    await machine.vanish();
    await gateway.untilSessions(0);
  },
});

Deno.test({
  name:
    "Who takes the name of a machine that is gone gets it in seconds; that of one that is there is taken",
  ignore: !hasNamespaces(),
  async fn(): Promise<void> {
    await using log = await CapturedLog.start();
    await using machine = await OtherMachine.connect();
    await using gateway = await TestGateway.start({
      config: { server: { host: HERE, protectedMode: false } },
    });
    const { state: server } = gateway.rafka.server;
    await machine.say(gateway.port, "CLIENT SETNAME group:a");
    await until(() => server.clientList.some(({ name }) => name === "group:a"), "its name");
    await until(() => server.clientList[0]!.idleMs > 1_500, "its silence");
    using other = await TestClient.connect(gateway.port, HERE);
    const startMs = performance.now();
    assert.equal(
      await other.ask("CLIENT", "SETNAME", "group:a"),
      "-CONS id group:a is already taken\r\n",
    );
    assert.ok(performance.now() - startMs < 2_500, "it is there, and answers at once");
    await until(() => server.clientList[0]!.idleMs > 3_500, "its silence");
    await machine.vanish();
    assert.match(await other.ask("CLIENT", "SETNAME", "group:a"), /OK\r\n$/);
    assert.equal(log.count("group:a is disconnected: its machine does not answer"), 1);
    await gateway.untilSessions(1);
  },
});

/** A machine at the other end of a cable. */
class OtherMachine implements AsyncDisposable {
  readonly #name = `rafka-${Deno.pid}`;
  readonly #cable = `rafka${Deno.pid % 100_000}`;
  #process: Deno.ChildProcess | undefined;

  static async connect(): Promise<OtherMachine> {
    const machine = new OtherMachine();
    await machine.#setUp();
    return machine;
  }

  /** Sends a line, and stays connected. */
  async say(port: number, line: string): Promise<void> {
    const script =
      `exec 3<>/dev/tcp/${HERE}/${port}; printf '${line}\\r\\n' >&3; head -n 1 <&3; exec sleep 600`;
    this.#process = new Deno.Command("ip", {
      args: ["netns", "exec", this.#name, "bash", "-c", script],
      stdin: "null",
      stdout: "null",
    }).spawn();
    await Promise.resolve();
  }

  /** Nothing comes from it any more, not even an end. */
  async vanish(): Promise<void> {
    await ip("link", "set", this.#cable, "down");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process !== undefined) {
      signalProcess(this.#process, "SIGKILL");
      await this.#process.status;
    }
    await ip("link", "del", this.#cable);
    await ip("netns", "del", this.#name);
  }

  async #setUp(): Promise<void> {
    const there = ["-n", this.#name];
    await ip("netns", "add", this.#name);
    await ip(
      "link",
      "add",
      this.#cable,
      "type",
      "veth",
      "peer",
      "name",
      "eth0",
      "netns",
      this.#name,
    );
    await ip("addr", "add", `${HERE}/30`, "dev", this.#cable);
    await ip("link", "set", this.#cable, "up");
    await ip(...there, "addr", "add", `${THERE}/30`, "dev", "eth0");
    await ip(...there, "link", "set", "eth0", "up");
  }
}

async function ip(...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("ip", { args }).output();
  assert.ok(success, `ip ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
}
