/**
 * What watches over a Redis takes the gateway for one: HAProxy with its usual check, and zabbix.
 *
 * @module
 */
import assert from "node:assert/strict";
import { TestClient } from "../support/client.ts";
import { TestGateway } from "../support/gateway.ts";
import { lastingPort } from "../support/lasting_port.ts";
import { hasHaproxy, hasZabbixAgent } from "../support/machine.ts";
import { signalProcess } from "../support/signal_process.ts";

const DEADLINE_MS = 20_000;

Deno.test({
  name:
    "HAProxy's usual check of a Redis finds the gateway up, and clients reach it through HAProxy",
  ignore: !hasHaproxy,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start();
    const port = lastingPort();
    await using haproxy = await Haproxy.start(port, gateway.port);
    assert.match(await haproxy.health(), /check passed/);
    using client = await TestClient.connect(port);
    assert.equal(await client.ask("CLIENT", "SETNAME", "group:a"), "+OK\r\n");
    assert.equal(await client.ask("RPUSHX", "topics:t", "hello"), ":1\r\n");
    assert.equal((await client.pop("topics:t", 20))?.value, "hello");
    assert.equal(await client.ask("QUIT"), "+OK\r\n");
  },
});

Deno.test({
  name: "zabbix-agent2 pings the gateway, and reads its topics as keys",
  ignore: !hasZabbixAgent,
  async fn(): Promise<void> {
    await using gateway = await TestGateway.start();
    using client = await gateway.connect();
    for (const topic of ["a", "b"]) await client.ask("RPUSHX", `topics:${topic}`, "hello");
    assert.equal(await client.ask("DUMP", 20_000), ":0\r\n");
    const uri = `tcp://127.0.0.1:${gateway.port}`;
    assert.equal(await zabbixItem(`redis.ping[${uri}]`), "1");
    assert.equal(await zabbixItem(`redis.slowlog.count[${uri}]`), "0");
    const info = JSON.parse(await zabbixItem(`redis.info[${uri}]`));
    assert.deepEqual(info.Keyspace, { db0: { keys: "2", expires: "0", avg_ttl: "0" } });
    assert.equal(info.Replication.role, "master");
    assert.match(await zabbixItem(`redis.config[${uri}]`), /"maxclients":"10000"/);
  },
});

/** A running HAProxy in front of one Redis. */
class Haproxy implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #file: string;

  private constructor(process: Deno.ChildProcess, file: string) {
    this.#process = process;
    this.#file = file;
  }

  static async start(port: number, redisPort: number): Promise<Haproxy> {
    const file = await Deno.makeTempFile({ suffix: ".cfg" });
    await Deno.writeTextFile(file, configuration(port, redisPort));
    const args = ["-f", file, "-db"];
    const process = new Deno.Command("haproxy", { args, stdout: "piped", stderr: "inherit" });
    return new Haproxy(process.spawn(), file);
  }

  /** What its first check says. */
  async health(): Promise<string> {
    const timer = setTimeout(signalProcess, DEADLINE_MS, this.#process);
    let output = "";
    for await (const text of this.#process.stdout.pipeThrough(new TextDecoderStream())) {
      output += text;
      const line = output.split("\n").find((one) => one.startsWith("Health check"));
      if (line !== undefined) break;
    }
    clearTimeout(timer);
    return output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    signalProcess(this.#process);
    await this.#process.status;
    await Deno.remove(this.#file);
  }
}

/** As HAProxy's documentation and everybody's configurations have it for Redis. */
function configuration(port: number, redisPort: number): string {
  return `
global
  log stdout format raw local0
defaults
  mode tcp
  log global
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen redis
  bind 127.0.0.1:${port}
  option log-health-checks
  option tcp-check
  tcp-check connect
  tcp-check send PING\\r\\n
  tcp-check expect string +PONG
  tcp-check send info\\ replication\\r\\n
  tcp-check expect string role:master
  tcp-check send QUIT\\r\\n
  tcp-check expect string +OK
  server rafka 127.0.0.1:${redisPort} check inter 1s
`;
}

/** The value of an item of zabbix-agent2; this asks for it without a running agent. */
async function zabbixItem(key: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".conf" });
  try {
    await Deno.writeTextFile(file, `Hostname=test\nTimeout=10\nControlSocket=${file}.socket\n`);
    const args = ["-c", file, "-t", key];
    const { stdout } = await new Deno.Command("zabbix_agent2", { args, stdin: "null" }).output();
    const text = new TextDecoder().decode(stdout);
    const value = /^\S+ +\[s\|(.*)\]\n$/s.exec(text)?.[1];
    assert.ok(value !== undefined, text);
    return value;
  } finally {
    await Deno.remove(file);
  }
}
