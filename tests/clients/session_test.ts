/**
 * A whole session of each Redis client, with its defaults: everything that it says of itself when it connects,
 * produce, consume, ack, a restart of the gateway that only the client's own reconnect logic bridges, and the end.
 * Whatever the client, its program prints the same.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type TestGateway, uniqueName } from "../support/gateway.ts";
import { type StartGateway, testOnEachKafka } from "../support/kafka.ts";
import { lastingPort } from "../support/lasting_port.ts";
import { ownPart } from "../support/part.ts";
import { ClientProgram } from "./client_program.ts";
import { type Client, clients, type Protocol, protocolOption } from "./clients.ts";

const DEADLINE_MS = 90_000;

for (const client of ownPart(clients.filter(({ programs }) => programs.includes("session")))) {
  for (const protocol of client.protocols) {
    testOnEachKafka(
      `${client.client} ${client.version} (${protocol}): a session across a restart`,
      (startGateway) => holdSession(client, protocol, startGateway),
      { ignore: client.command === undefined },
    );
  }
}

/**
 * Runs `session <port> <name> <topic> [<protocol>]`, the last one where it isn't the client's default. On the line
 * RESTART the gateway is replaced by another one; then the program gets a line and goes on.
 */
async function holdSession(
  client: Client,
  protocol: Protocol,
  startGateway: StartGateway,
): Promise<void> {
  const [name, topic] = [`${uniqueName("sessions")}:${client.folder}`, uniqueName("session")];
  const option = protocolOption(client, protocol);
  await using gateway = await ReplaceableGateway.start(startGateway);
  await using program = await ClientProgram.start(client, {
    name: "session",
    args: [String(gateway.port), name, topic, ...option],
    deadlineMs: DEADLINE_MS,
  });
  await program.prints("RESTART\n");
  await gateway.replace();
  await program.write("restarted\n");
  assert.equal(await program.output(), transcript(name, topic));
}

/** A gateway that another one can follow at the same port. */
class ReplaceableGateway implements AsyncDisposable {
  readonly port: number;
  readonly #startGateway: StartGateway;
  #gateway: TestGateway | undefined;

  private constructor(gateway: TestGateway, startGateway: StartGateway) {
    this.port = gateway.port;
    this.#startGateway = startGateway;
    this.#gateway = gateway;
  }

  static async start(startGateway: StartGateway): Promise<ReplaceableGateway> {
    return new ReplaceableGateway(
      await startGateway({ server: { port: lastingPort() } }),
      startGateway,
    );
  }

  /** Ends the gateway, then starts another one. */
  async replace(): Promise<void> {
    await this[Symbol.asyncDispose]();
    this.#gateway = await this.#startGateway({ server: { port: this.port } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gateway = this.#gateway;
    this.#gateway = undefined;
    await gateway?.[Symbol.asyncDispose]();
  }
}

function transcript(name: string, topic: string): string {
  return `PING PONG
SELECT OK
NAME ${name}
PRODUCED 1
PIPELINED 1 1 1
FLUSHED 1
CONSUMED one two three four
ACKED 1 1 1 1
TOPICS topics:${topic}
INFO standalone
RESTART
PING PONG
NAME ${name}
PRODUCED 1
FLUSHED 1
CONSUMED five
ACKED 1
CLOSED
`;
}
