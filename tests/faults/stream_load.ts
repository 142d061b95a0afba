/**
 * The stream's part of a trial's load: writers that XADD, and what they and the workers share.
 *
 * @module
 */
import { type Argument, encode, TestClient } from "../support/client.ts";
import { fromBytes } from "../support/wire.ts";
import { readWireReply } from "../support/wire_reply.ts";
import type { Journal, Sent, SentEntry } from "./journal.ts";
import { idOf, PADDING, pause, type Port, REPLY_DEADLINE_MS, Worker } from "./load.ts";
import type { Entry } from "./stream_replies.ts";

const KEYS = 3;
/** Between batches. */
const PACE_MS = 25;

/** Ways to write an entry: where the key is, what the value is called, what else there is. */
const SHAPES: readonly { readonly keyInName: boolean; readonly entry: SentEntry }[] = [
  { keyInName: true, entry: { valueField: "value", headers: [] } },
  { keyInName: false, entry: { valueField: "data", headers: [["trace", "a1"]] } },
  { keyInName: true, entry: { valueField: "value", headers: [["h", "1"], ["h", "2"]] } },
];

/** Adds numbered entries, so many at a time, and sends again what XADD has given no id. */
export class StreamWriter extends Worker {
  protected readonly what: string;
  readonly #name: string;
  readonly #atATime: number;
  readonly #port: Port;
  readonly #topic: string;
  readonly #journal: Journal;
  #next = 0;
  #unconfirmed: Pick<Sent, "message" | "key" | "entry">[] = [];

  constructor(name: string, atATime: number, port: Port, topic: string, journal: Journal) {
    super();
    this.what = `stream writer ${name}`;
    this.#name = name;
    this.#atATime = atATime;
    this.#port = port;
    this.#topic = topic;
    this.#journal = journal;
  }

  protected async connection(): Promise<void> {
    using client = await TestClient.connect(this.#port());
    const connection = this.#journal.nextConnection();
    while (!this.stopped) {
      const batch = this.#batch(connection);
      const requests = batch.map((sent) => fromBytes(encode(add(this.#topic, sent))));
      await client.write(requests.join(""));
      for (const sent of batch) noteAdded(sent, await client.reply(REPLY_DEADLINE_MS));
      this.#unconfirmed = batch.filter(({ covered }) => !covered);
      if (this.#unconfirmed.length < batch.length) this.succeeded();
      await pause(PACE_MS);
    }
  }

  #batch(connection: number): Sent[] {
    const again = this.#unconfirmed;
    const fresh = Array.from({ length: this.#atATime - again.length }, () => {
      const number = this.#next++;
      return {
        message: `${this.#name}.${number}`,
        key: `${this.#name}-key${number % KEYS}`,
        entry: SHAPES[number % SHAPES.length]!.entry,
      };
    });
    const batch = [
      ...again.map(({ message, key, entry }) =>
        this.#journal.send({ connection, message, key, entry, again: true })
      ),
      ...fresh.map((one) => this.#journal.send({ connection, ...one })),
    ];
    this.#unconfirmed = batch;
    return batch;
  }
}

/** XADD of a message. */
function add(topic: string, { id, key, entry }: Sent): Argument[] {
  const { keyInName } = SHAPES.find((shape) => shape.entry === entry)!;
  const { valueField, headers } = entry!;
  return [
    ...["XADD", `topics:${topic}${keyInName ? `:${key}` : ""}`, "*", valueField, id + PADDING],
    ...(keyInName ? [] : ["key", key]),
    ...headers.flat(),
  ];
}

/** Writes down what XADD was answered. */
function noteAdded(sent: Sent, wire: string): void {
  const reply = readWireReply(wire);
  if (reply.type === "$") {
    sent.answered = true;
    sent.covered = "XADD";
    sent.entryId = reply.text;
  } else if (reply.type === "-" && reply.text.startsWith("PROD ")) {
    sent.addError = reply.text;
  } else {
    sent.refused = true;
  }
}

/** The message that an entry holds, by its value: an entry has that first. */
export function messageIn({ fields = [] }: Entry): string {
  return idOf(fields[1] ?? null);
}
