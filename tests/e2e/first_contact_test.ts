/**
 * A Kafka that was never reached: after `socket.connection.setup.timeout.ms` the clients are told why, and with the
 * first contact all is well. No real Kafka is needed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { UntrustedBroker } from "../support/untrusted_broker.ts";
import { Forwarder } from "../support/forwarder.ts";
import { TestGateway, uniqueName, until } from "../support/gateway.ts";
import { onBrokers, TestCluster } from "../support/kafka.ts";
import { lastingPort } from "../support/lasting_port.ts";
import type { TestClient } from "../support/client.ts";

const TIMEOUT_MS = 1_000;
const SETTINGS = {
  "socket.connection.setup.timeout.ms": TIMEOUT_MS,
  "reconnect.backoff.max.ms": 200,
};
/** Before librdkafka is tired of looking for a broker to ask (5 seconds). */
const METADATA_MS = 4_000;
/** librdkafka looks at its timeouts once a second; the machine may be busy. */
const SLACK_MS = 4_000;

/** A place where no Kafka is, for as long as the test uses it, and the words of the reason. */
interface Place {
  readonly what: string;
  readonly open: () => AsyncDisposable & { readonly address: string };
  readonly words: RegExp;
}

const PLACES: readonly Place[] = [
  {
    what: "an unknown host",
    open: () => nothingAt("nowhere.invalid:9092"),
    words: /Failed to resolve 'nowhere\.invalid:9092'.*; check bootstrap\.servers/,
  },
  {
    what: "a port that nobody listens on",
    open: () => nothingAt(freeAddress()),
    words: /Connection refused.*; check bootstrap\.servers/,
  },
  {
    what: "a server that never answers",
    open: () => new Silence(),
    words: /(Connection setup timed out|No answer from 127).*; check bootstrap\.servers/,
  },
];

for (const { what, open, words } of PLACES) {
  Deno.test(`Who produces, consumes or lists topics is told of ${what}, in time`, async () => {
    await using place = open();
    await using gateway = await TestGateway.start({ config: onBrokers(place.address, config()) });
    using client = await gateway.connectAs("group:worker");
    const startMs = performance.now();
    assert.match(await client.ask("BLPOP", "topics:any", 0), words);
    assert.ok(performance.now() - startMs < TIMEOUT_MS + SLACK_MS);
    assert.match(await client.ask("RPUSHX", "topics:any", "Hello"), words);
    assert.match(await client.ask("LMPOP", 1, "topics:any", "LEFT"), words);
    assert.match(await client.ask("KEYS", "topics:"), words);
    assert.equal(await client.ask("WAIT", 1, 100), ":0\r\n");
    assert.equal(await client.ask("PING"), "+PONG\r\n");
  });
}

Deno.test("A Kafka that starts after the gateway gets what was taken before, and heals all", async () => {
  await using cluster = await TestCluster.start();
  const topic = uniqueName("topic");
  cluster.mock.createTopic(topic, 1);
  const address = freeAddress();
  await using gateway = await TestGateway.start({
    config: cluster.config({ general: { ...SETTINGS, "bootstrap.servers": address } }),
  });
  using client = await gateway.connectAs("group:worker");
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "early"), ":1\r\n");
  assert.match(await client.ask("BLPOP", `topics:${topic}`, 0), /^-CONS Poll .*refused/);
  assert.match(await client.ask("RPUSHX", `topics:${topic}`, "refused"), /^-PROD .*refused/);
  const [hostname, port] = address.split(":");
  await using _kafka = new Forwarder(cluster.mock.bootstrapServers, hostname!, Number(port));
  await until(
    async () => await client.ask("RPUSHX", `topics:${topic}`, "late") === ":1\r\n",
    "the first contact",
  );
  assert.equal(await client.ask("DUMP", 10_000), ":0\r\n");
  assert.deepEqual(await popTwo(client, topic), ["early", "late"]);
});

Deno.test("Who lists topics is told of a refusal as soon as it is known, however it waits", async () => {
  await using broker = new UntrustedBroker();
  const address = freeAddress();
  const general = {
    "security.protocol": "ssl",
    "reconnect.backoff.max.ms": SETTINGS["reconnect.backoff.max.ms"],
  };
  await using gateway = await TestGateway.start({ config: onBrokers(address, { general }) });
  using first = await gateway.connect();
  using second = await gateway.connect();
  await first.send("KEYS", "topics:");
  await second.send("SCAN", 0); // one question at a time: it is behind the first
  const [hostname, port] = address.split(":");
  await using _kafka = new Forwarder(broker.address, hostname!, Number(port));
  const refused = /^-ERR .*certificate verify failed.*; check ssl\.ca\.location/;
  for (const client of [first, second]) assert.match(await client.reply(METADATA_MS), refused);
});

Deno.test("A Kafka that was known and is away is waited for, whatever the timeout", async () => {
  await using cluster = await TestCluster.start();
  const topic = uniqueName("topic");
  cluster.mock.createTopic(topic, 1);
  await using gateway = await TestGateway.start({
    config: cluster.config({ general: SETTINGS }),
  });
  using client = await gateway.connectAs("group:worker");
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "first"), ":1\r\n");
  assert.equal(await client.ask("WAIT", 1, 10_000), ":1\r\n");
  cluster.mock.setBrokerUp(1, false);
  assert.equal(await client.ask("BLPOP", `topics:${topic}`, 2 * TIMEOUT_MS / 1_000), "*-1\r\n");
  assert.equal(await client.ask("RPUSHX", `topics:${topic}`, "second"), ":1\r\n");
  cluster.mock.setBrokerUp(1, true);
  assert.equal(await client.ask("WAIT", 1, 10_000), ":1\r\n");
  assert.deepEqual(await popTwo(client, topic), ["first", "second"]);
});

async function popTwo(client: TestClient, topic: string): Promise<(string | null | undefined)[]> {
  const first = await client.pop(`topics:${topic}`, 20);
  return [first?.value, (await client.pop(`topics:${topic}`, 20))?.value];
}

function config(): { general: typeof SETTINGS } {
  return { general: SETTINGS };
}

function nothingAt(address: string): ReturnType<Place["open"]> {
  return { address, [Symbol.asyncDispose]: () => Promise.resolve() };
}

/** Nobody listens there, and nobody else is given it soon. */
function freeAddress(): string {
  return `127.0.0.1:${lastingPort()}`;
}

/** Takes connections and says nothing. */
class Silence implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #conns: Deno.Conn[] = [];
  readonly #ended = this.#accept();

  get address(): string {
    return `127.0.0.1:${(this.#listener.addr as Deno.NetAddr).port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#ended;
    for (const conn of this.#conns) conn.close();
  }

  async #accept(): Promise<void> {
    for await (const conn of this.#listener) this.#conns.push(conn);
  }
}
