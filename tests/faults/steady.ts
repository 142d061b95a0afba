/**
 * Writers of one key that never stop for an answer: they send one message after the other on one connection, each of
 * them once, whatever becomes of those before. So there is always something behind a message that fails; the pipelines
 * of `Writer` wait for the end of a batch, all of which fails at once.
 *
 * @module
 */
import { type Argument, TestClient } from "../support/client.ts";
import type { Cover, Journal, Sent } from "./journal.ts";
import { note, pause, type Port, produce, REPLY_DEADLINE_MS, Worker } from "./load.ts";

/** How long the last command may wait for the messages before it. */
const LAST_COVER_TIMEOUT_MS = 30_000;
/** How long those before may, so that the next message is not late. */
const COVER_TIMEOUT_MS = 10;

/** How a writer sends. */
export interface Pace {
  readonly perSecond: number;
  /** Asked once a second; `undefined` asks at the end alone. */
  readonly cover: Cover | undefined;
}

/** Sends each message once, at its pace. */
export class SteadyWriter extends Worker {
  protected readonly what: string;
  readonly #name: string;
  readonly #pace: Pace;
  readonly #port: Port;
  readonly #topic: string;
  readonly #journal: Journal;
  #next = 0;

  constructor(name: string, pace: Pace, port: Port, topic: string, journal: Journal) {
    super();
    this.what = `steady writer ${name}`;
    this.#name = name;
    this.#pace = pace;
    this.#port = port;
    this.#topic = topic;
    this.#journal = journal;
  }

  protected async connection(): Promise<void> {
    using client = await TestClient.connect(this.#port());
    const pipeline = new Pipeline(client);
    const connection = this.#journal.nextConnection();
    const taken: Sent[] = [];
    const { perSecond, cover } = this.#pace;
    const startMs = performance.now();
    for (let count = 1; !this.stopped; count++) {
      await this.#produce(pipeline, connection, taken);
      if (cover && count % perSecond === 0) await this.#ask(pipeline, cover, taken);
      await pause(Math.max(0, startMs + count * 1_000 / perSecond - performance.now()));
    }
    await this.#ask(pipeline, cover ?? "DUMP", taken, LAST_COVER_TIMEOUT_MS);
    await pipeline.done();
  }

  async #produce(pipeline: Pipeline, connection: number, taken: Sent[]): Promise<void> {
    const message = `${this.#name}.${this.#next++}`;
    const sent = this.#journal.send({ connection, key: this.#name, message });
    await pipeline.send(produce(this.#topic, sent), (reply) => {
      note(sent, reply);
      if (!sent.answered) return;
      taken.push(sent);
      if (!this.#pace.cover) this.succeeded();
    });
  }

  async #ask(
    pipeline: Pipeline,
    cover: Cover,
    taken: Sent[],
    timeoutMs = COVER_TIMEOUT_MS,
  ): Promise<void> {
    const request = cover === "WAIT" ? ["WAIT", 1, timeoutMs] : ["DUMP", timeoutMs];
    await pipeline.send(request, (reply) => {
      const asked = taken.splice(0); // WAIT tells of a failure once: the next one says nothing of these
      if (reply !== (cover === "WAIT" ? ":1\r\n" : ":0\r\n")) return;
      for (const sent of asked) sent.covered = cover;
      this.succeeded();
    });
  }
}

/** Reads replies in the order of their requests, while more requests are sent. */
class Pipeline {
  readonly #client: TestClient;
  #last: Promise<void> = Promise.resolve();
  #failure: { readonly error: unknown } | undefined;

  constructor(client: TestClient) {
    this.#client = client;
  }

  /** @throws whatever has ended the connection before */
  async send(request: readonly Argument[], onReply: (reply: string) => void): Promise<void> {
    if (this.#failure) throw this.#failure.error;
    await this.#client.send(...request);
    this.#last = this.#last.then(async () => onReply(await this.#client.reply(REPLY_DEADLINE_MS)));
    this.#last.catch((error) => this.#failure ??= { error });
  }

  /** All replies are read. */
  done(): Promise<void> {
    return this.#last;
  }
}
