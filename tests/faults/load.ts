/**
 * The load of a trial: writers and readers as users write them. They hang on to their connections, open new ones when
 * those end, and write down what they see. None of them looks at Kafka.
 *
 * @module
 */
import { type Argument, encode, readPopped, TestClient } from "../support/client.ts";
import { fromBytes } from "../support/wire.ts";
import type { Cover, HandedOut, Journal, Sent } from "./journal.ts";

/** Messages that a writer sends before it waits for their delivery. */
const BATCH = 10;
const KEYS = 5;
/** Between batches, so that a trial of a minute fits in memory. */
const PACE_MS = 20;
const RECONNECT_MS = 100;
/** How long a writer waits for the delivery of a batch before it sends it again. */
const COVER_TIMEOUT_MS = 5_000;
/** How long a client waits for a reply. */
export const REPLY_DEADLINE_MS = 60_000;
/** BLPOP's timeout. */
const POP_SECONDS = 1;
/** Makes records as large as small ones of users are. */
export const PADDING = " " + ".".repeat(80);

/** Where the gateway is; it may be another port after a restart. */
export type Port = () => number;

/** Repeats itself until it is stopped; the longest time without success. */
export abstract class Worker {
  /** The longest time without success. */
  longestStallMs = 0;
  /** How often a connection was lost or refused. */
  connectionsLost = 0;
  #stopped = false;
  #lastSuccessMs = performance.now();
  readonly #wakers = new Set<() => void>();
  #running: Promise<void> | undefined;

  /** Begins. */
  start(): this {
    this.#lastSuccessMs = performance.now();
    this.#running = this.#run();
    return this;
  }

  /** Ends after what it is doing. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }

  /** It is to end. */
  get stopped(): boolean {
    return this.#stopped;
  }

  /** Waits for the next success. */
  succeeds(deadlineMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`no success of ${this.what} in ${deadlineMs} ms`)),
        deadlineMs,
      );
      this.#wakers.add(() => (clearTimeout(timer), resolve()));
    });
  }

  protected abstract readonly what: string;
  /** One connection, until it ends or the worker is stopped. */
  protected abstract connection(): Promise<void>;

  protected succeeded(): void {
    const now = performance.now();
    this.longestStallMs = Math.max(this.longestStallMs, now - this.#lastSuccessMs);
    this.#lastSuccessMs = now;
    for (const wake of this.#wakers) wake();
    this.#wakers.clear();
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      try {
        await this.connection();
      } catch (error) {
        if (!isLost(error)) throw error;
        this.connectionsLost++;
        await pause(RECONNECT_MS);
      }
    }
  }
}

/** Sends numbered messages in pipelines, and has each batch confirmed; what is not, it sends again. */
export class Writer extends Worker {
  protected readonly what: string;
  readonly #name: string;
  readonly #port: Port;
  readonly #topic: string;
  readonly #journal: Journal;
  readonly #cover: Cover;
  #next = 0;
  #unconfirmed: { readonly message: string; readonly key: string }[] = [];

  constructor(name: string, cover: Cover, port: Port, topic: string, journal: Journal) {
    super();
    this.what = `writer ${name}`;
    this.#name = name;
    this.#cover = cover;
    this.#port = port;
    this.#topic = topic;
    this.#journal = journal;
  }

  protected async connection(): Promise<void> {
    using client = await TestClient.connect(this.#port());
    const connection = this.#journal.nextConnection();
    while (!this.stopped) {
      const batch = this.#batch(connection);
      await sendAll(client, [
        ...batch.map((sent) => produce(this.#topic, sent)),
        this.#cover === "WAIT" ? ["WAIT", 1, COVER_TIMEOUT_MS] : ["DUMP", COVER_TIMEOUT_MS],
      ]);
      for (const sent of batch) note(sent, await client.reply(REPLY_DEADLINE_MS));
      const confirmed = await client.reply(REPLY_DEADLINE_MS) ===
        (this.#cover === "WAIT" ? ":1\r\n" : ":0\r\n");
      this.#settle(batch, confirmed);
      await pause(PACE_MS);
    }
  }

  #batch(connection: number): Sent[] {
    const again = this.#unconfirmed;
    const fresh = Array.from({ length: BATCH - again.length }, () => {
      const number = this.#next++;
      return { message: `${this.#name}.${number}`, key: `${this.#name}-key${number % KEYS}` };
    });
    const batch = [
      ...again.map(({ message, key }) =>
        this.#journal.send({ connection, message, key, again: true })
      ),
      ...fresh.map((one) => this.#journal.send({ connection, ...one })),
    ];
    this.#unconfirmed = batch;
    return batch;
  }

  #settle(batch: readonly Sent[], confirmed: boolean): void {
    const taken = batch.filter(({ answered }) => answered);
    if (confirmed) { for (const sent of taken) sent.covered = this.#cover; }
    this.#unconfirmed = batch.filter(({ covered }) => !covered);
    if (confirmed && taken.length > 0) this.succeeded();
  }
}

/** A worker of a group: pops one message after the other and acks each. */
export class Reader extends Worker {
  protected readonly what: string;
  /** `group:name` */
  readonly name: string;
  readonly #port: Port;
  readonly #topic: string;
  readonly #journal: Journal;
  /** Called with each message before its ack: a user's work. */
  readonly #work: (handedOut: HandedOut) => void | Promise<void>;

  constructor(
    name: string,
    port: Port,
    topic: string,
    journal: Journal,
    work: (handedOut: HandedOut) => void | Promise<void> = () => {},
  ) {
    super();
    this.what = `reader ${name}`;
    this.name = name;
    this.#port = port;
    this.#topic = topic;
    this.#journal = journal;
    this.#work = work;
  }

  protected async connection(): Promise<void> {
    using client = await TestClient.connect(this.#port());
    const connection = this.#journal.nextConnection();
    if (await client.ask("CLIENT", "SETNAME", this.name) !== "+OK\r\n") throw new Refused();
    while (!this.stopped) {
      await client.send("BLPOP", `topics:${this.#topic}`, POP_SECONDS);
      const reply = await client.reply(REPLY_DEADLINE_MS);
      if (reply.startsWith("-")) throw new Refused(reply);
      const message = readPopped(reply);
      if (!message) continue;
      const handedOut: HandedOut = {
        connection,
        worker: this.name,
        partition: message.partition,
        offset: message.offset,
        id: idOf(message.value),
        atMs: performance.now(),
        ackedAtMs: undefined,
      };
      this.#journal.handedOut.push(handedOut);
      await this.#work(handedOut);
      await this.#ack(client, handedOut);
      this.succeeded();
    }
    await client.ask("QUIT");
    await client.untilClosed(REPLY_DEADLINE_MS);
  }

  async #ack(client: TestClient, handedOut: HandedOut): Promise<void> {
    const { partition, offset } = handedOut;
    const reply = await client.ask("RPUSH", "acks", `${this.#topic}:${partition}:${offset}`);
    if (reply === ":1\r\n") handedOut.ackedAtMs = performance.now();
    else this.#journal.ackRefused(reply);
  }
}

/** The gateway answered with an error that ends what the connection is for; the client comes back. */
export class Refused extends Error {
  override name = "Refused";
}

/** A message's number in the journal, as it stands at the beginning of its value. */
export function idOf(value: string | null): string {
  return (value ?? "").split(" ")[0]!;
}

/** RPUSHX of a message. */
export function produce(topic: string, { key, id }: Sent): Argument[] {
  return ["RPUSHX", `topics:${topic}:${key}`, id + PADDING];
}

/** All requests in one write. */
async function sendAll(client: TestClient, requests: readonly Argument[][]): Promise<void> {
  await client.write(requests.map((request) => fromBytes(encode(request))).join(""));
}

/** Writes down what RPUSHX was answered. */
export function note(sent: Sent, reply: string): void {
  if (reply === ":1\r\n") sent.answered = true;
  else sent.refused = true;
}

function isLost(error: unknown): boolean {
  return error instanceof Refused || error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionRefused || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.BadResource ||
    /The connection was closed after|Waited \d+ ms for/.test(String(error));
}

/** Time passes: the load's pace, not a wait for something. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
