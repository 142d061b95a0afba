/**
 * Clients that produce and consume, and connect again when their connection ends: what clients do while gateways are
 * replaced.
 *
 * @module
 */
import { type PoppedMessage, readPopped, TestClient } from "./client.ts";
import { until } from "./gateway.ts";

const POP_SECONDS = 1;
const DEADLINE_MS = 90_000;

/** What the load is like. */
export interface LoadOptions {
  readonly port: number;
  readonly topic: string;
  readonly group: string;
  /** What is asked of the gateway after each RPUSHX before the message counts as produced. */
  readonly confirmation?: readonly (string | number)[];
}

/** Producers and workers at one port. */
export class ReconnectingLoad {
  /** Values that were answered, and confirmed if that was asked for. */
  readonly produced = new Set<string>();
  /** How often each value was delivered. */
  readonly delivered = new Map<string, number>();
  /** Why clients could not connect: each is a fault, unless a gateway was killed. */
  readonly refusals: string[] = [];
  readonly #options: LoadOptions;
  #isProducing = true;
  #isConsuming = true;
  readonly #producing: Promise<unknown>;
  readonly #consuming: Promise<unknown>;

  /** Begins at once. */
  constructor(producers: number, workers: number, options: LoadOptions) {
    this.#options = options;
    this.#producing = Promise.all(Array.from({ length: producers }, (_, i) => this.#produce(i)));
    this.#consuming = Promise.all(Array.from({ length: workers }, (_, i) => this.#consume(i)));
  }

  /** Waits until so many more messages were delivered. */
  async more(count: number): Promise<void> {
    const before = this.delivered.size;
    await until(
      () => this.delivered.size >= before + count,
      `${count} more messages than ${before}`,
      DEADLINE_MS,
    );
  }

  /** Ends the producers, then the workers when they have got all. */
  async end(): Promise<void> {
    this.#isProducing = false;
    await this.#producing;
    try {
      await until(() => this.missing.length === 0, "the delivery of all messages", DEADLINE_MS);
    } finally {
      this.#isConsuming = false;
      await this.#consuming;
    }
  }

  /** Produced, and not delivered so far. */
  get missing(): string[] {
    return [...this.produced].filter((value) => !this.delivered.has(value));
  }

  /** Values that were delivered more than once. */
  get repeated(): string[] {
    return [...this.delivered].filter(([, times]) => times > 1).map(([value]) => value);
  }

  async #produce(producer: number): Promise<void> {
    const { topic, confirmation } = this.#options;
    let number = 0;
    const produce = async (client: TestClient): Promise<boolean> => {
      const value = `${producer}-${number++}`;
      let reply = await client.ask("RPUSHX", `topics:${topic}:${value}`, value);
      if (reply === ":1\r\n" && confirmation) reply = await client.ask(...confirmation);
      if (reply !== ":1\r\n") return false;
      this.produced.add(value);
      return true;
    };
    while (this.#isProducing) await this.#connected(produce, () => this.#isProducing);
  }

  async #consume(worker: number): Promise<void> {
    const { topic, group } = this.#options;
    const consume = async (client: TestClient): Promise<boolean> => {
      const popped = await pop(client, topic);
      if (popped === "ended") return false;
      if (!popped) return true;
      const value = popped.value!;
      this.delivered.set(value, 1 + (this.delivered.get(value) ?? 0));
      const ack = `${popped.topic}:${popped.partition}:${popped.offset}`;
      return await client.ask("RPUSH", "acks", ack) === ":1\r\n";
    };
    while (this.#isConsuming) {
      await this.#connected(async (client) => {
        await client.ask("CLIENT", "SETNAME", `${group}:worker-${worker}`);
        while (this.#isConsuming && await consume(client));
        return false;
      }, () => true);
    }
  }

  /** Repeats something with a connection until that ends. */
  async #connected(
    act: (client: TestClient) => Promise<boolean>,
    goesOn: () => boolean,
  ): Promise<void> {
    let client: TestClient;
    try {
      client = await TestClient.connect(this.#options.port);
    } catch (error) {
      this.refusals.push(String(error));
      return;
    }
    using _ = client;
    try {
      while (goesOn() && await act(client));
    } catch {
      // the connection has ended: the next one goes on
    }
  }
}

async function pop(
  client: TestClient,
  topic: string,
): Promise<PoppedMessage | "ended" | undefined> {
  await client.send("BLPOP", `topics:${topic}`, POP_SECONDS);
  const reply = await client.reply(DEADLINE_MS);
  return reply.startsWith("-") ? "ended" : readPopped(reply);
}
