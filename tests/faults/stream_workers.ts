/**
 * Consumers of the stream's group, as workers of users are: some ack late and out of order, some share a name, one
 * keeps what it has, some die, and one takes over what the dead have left.
 *
 * @module
 */
import { TestClient } from "../support/client.ts";
import type { EntryHandout, HandoutWay, Journal } from "./journal.ts";
import { pause, type Port, Refused, REPLY_DEADLINE_MS, Worker } from "./load.ts";
import { messageIn } from "./stream_load.ts";
import { HOARDER } from "./stream_state.ts";
import {
  askFor,
  entriesOf,
  entriesRead,
  type Entry,
  ErrorReply,
  listOf,
  placeIn,
  textOf,
} from "./stream_replies.ts";

const BLOCK_MS = 1_000;
/** After so long an entry may be claimed. */
export const MIN_IDLE_MS = 1_500;
const REAP_EVERY_MS = 400;
const HEARTBEAT_MS = 400;
/** So many entries a hoarder keeps. */
const HOARD = 12;
/** Of the entries of a read, so many are acked with those of the next. */
const LATE_SHARE = 0.25;
const COUNT_OF_CLAIM = 50;

/** Where the stream is. */
export interface StreamPlace {
  readonly port: Port;
  readonly topic: string;
  readonly group: string;
  readonly journal: Journal;
}

/** What all consumers of the group do alike. */
abstract class Consumer extends Worker {
  protected readonly what: string;
  protected readonly place: StreamPlace;
  protected readonly key: string;

  constructor(name: string, place: StreamPlace) {
    super();
    this.what = `stream consumer ${name}`;
    this.place = place;
    this.key = `topics:${place.topic}`;
  }

  protected async connection(): Promise<void> {
    using client = await TestClient.connect(this.place.port());
    try {
      await this.work(client, this.place.journal.nextConnection());
    } catch (error) {
      if (!(error instanceof ErrorReply)) throw error;
      if (error.message.startsWith("NOGROUP")) await this.#createGroup(client);
      throw new Refused(error.message);
    }
  }

  /** Until it is stopped, or its connection ends. */
  protected abstract work(client: TestClient, connection: number): Promise<void>;

  /** XREADGROUP; what it has handed out, written down. */
  protected async read(
    client: TestClient,
    connection: number,
    consumer: string,
    count: number,
    from = ">",
  ): Promise<EntryHandout[]> {
    const askedAtMs = performance.now();
    const reply = await this.ask(
      client,
      ...["XREADGROUP", "GROUP", this.place.group, consumer, "COUNT", count, "BLOCK", BLOCK_MS],
      ...["STREAMS", this.key, from],
    );
    const way = from === ">" ? "new" : "history";
    return this.note(entriesRead(reply) ?? [], way, { connection, consumer, askedAtMs });
  }

  /** Writes down what was handed out. */
  protected note(
    entries: readonly Entry[],
    way: HandoutWay,
    rest: Pick<EntryHandout, "connection" | "consumer" | "askedAtMs"> & { minIdleMs?: number },
  ): EntryHandout[] {
    const atMs = performance.now();
    const handouts = entries.filter(({ fields }) => fields !== undefined).map((entry) => {
      const { partition = NaN, offset = NaN } = placeIn(entry.entryId) ?? {};
      return {
        minIdleMs: 0,
        ...rest,
        way,
        entryId: entry.entryId,
        partition,
        offset,
        id: messageIn(entry),
        fields: entry.fields!,
        atMs,
        ackSentAtMs: undefined,
        ackedAtMs: undefined,
        ackDeniedAtMs: undefined,
      };
    });
    this.place.journal.entries.push(...handouts);
    if (handouts.length > 0) this.succeeded();
    return handouts;
  }

  /** XACK, of one alone or of several; of several that were not all counted nothing is known. */
  protected async ack(client: TestClient, ...handouts: readonly EntryHandout[]): Promise<void> {
    const now = performance.now();
    for (const handout of handouts) handout.ackSentAtMs = now;
    const ids = handouts.map(({ entryId }) => entryId);
    const count = textOf(await this.ask(client, "XACK", this.key, this.place.group, ...ids));
    const atMs = performance.now();
    if (count === String(handouts.length)) {
      for (const handout of handouts) handout.ackedAtMs = atMs;
    } else if (handouts.length === 1) {
      handouts[0]!.ackDeniedAtMs = atMs;
    }
  }

  protected ask(client: TestClient, ...args: (string | number)[]): ReturnType<typeof askFor> {
    return askFor(client, REPLY_DEADLINE_MS, ...args);
  }

  /** As clients do when there is none: the topic was deleted, say. */
  async #createGroup(client: TestClient): Promise<void> {
    try {
      await createGroup(client, this.key, this.place.group);
    } catch (error) {
      if (!(error instanceof ErrorReply)) throw error; // no topic yet: comes again
    }
  }
}

/** The group begins with the first entry; that there is one already is as well. */
export async function createGroup(client: TestClient, key: string, group: string): Promise<void> {
  try {
    await askFor(client, REPLY_DEADLINE_MS, "XGROUP", "CREATE", key, group, 0);
  } catch (error) {
    if (!(error instanceof ErrorReply) || !error.message.startsWith("BUSYGROUP")) throw error;
  }
}

/** Reads what it had first, then new entries; acks them in any order, some of them later, on another connection. */
export class StreamWorker extends Consumer {
  /** Of the consumer; several workers may have one. */
  readonly name: string;
  readonly #count: number;

  constructor(name: string, count: number, place: StreamPlace) {
    super(name, place);
    this.name = name;
    this.#count = count;
  }

  protected async work(client: TestClient, connection: number): Promise<void> {
    using acking = await TestClient.connect(this.place.port());
    for (const handout of await this.read(client, connection, this.name, 1_000, "0")) {
      await this.ack(acking, handout);
    }
    let late: EntryHandout[] = [];
    while (!this.stopped) {
      const [now, later] = split(await this.read(client, connection, this.name, this.#count));
      const [alone, together] = split([...now, ...late]);
      late = later;
      for (const handout of alone) await this.ack(acking, handout);
      if (together.length > 0) await this.ack(acking, ...together);
    }
    for (const handout of late) await this.ack(acking, handout);
  }
}

/** Most of them, and the rest; both in any order. */
function split(handouts: readonly EntryHandout[]): [EntryHandout[], EntryHandout[]] {
  const shuffled = handouts.map((handout) => ({ handout, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at).map(({ handout }) => handout);
  const count = Math.round(shuffled.length * LATE_SHARE);
  return [shuffled.slice(count), shuffled.slice(0, count)];
}

/** Lives for a read or two, each time with another name; what it had stays pending. */
export class MortalWorker extends Consumer {
  readonly #name: string;
  #lives = 0;

  constructor(name: string, place: StreamPlace) {
    super(name, place);
    this.#name = name;
  }

  protected async work(client: TestClient, connection: number): Promise<void> {
    const life = this.#lives++;
    const name = `${this.#name}-${life}`;
    const handouts = await this.read(client, connection, name, 5);
    for (const handout of handouts.filter((_, at) => at % 2 === 1)) await this.ack(client, handout);
    if (life % 3 === 0) {
      await client.send(
        ...["XREADGROUP", "GROUP", this.place.group, name, "COUNT", 3, "STREAMS", this.key, ">"],
      );
    } else if (life % 3 === 1) {
      this.place.journal.deletedConsumers.push({ consumer: name, atMs: performance.now() });
      await this.ask(client, "XGROUP", "DELCONSUMER", this.key, this.place.group, name);
    }
    await pause(250);
  }
}

/** Takes over what nobody has acked for a while, and acks it. */
export class Reaper extends Consumer {
  protected async work(client: TestClient, connection: number): Promise<void> {
    for (let cursor = "0-0"; !this.stopped;) {
      const askedAtMs = performance.now();
      const reply = await this.ask(
        client,
        ...["XAUTOCLAIM", this.key, this.place.group, "reaper", MIN_IDLE_MS, cursor],
        ...["COUNT", COUNT_OF_CLAIM],
      );
      const [next, entries] = listOf(reply);
      const rest = { connection, consumer: "reaper", askedAtMs, minIdleMs: MIN_IDLE_MS };
      for (const handout of this.note(entriesOf(entries!), "claim", rest)) {
        await this.ack(client, handout);
      }
      cursor = textOf(next!);
      if (cursor === "0-0") await pause(REAP_EVERY_MS);
    }
  }
}

/** Takes some entries and keeps them: it tells the group so, and acks none. */
export class Hoarder extends Consumer {
  /** What it has, by its ids. */
  readonly hoard = new Map<string, EntryHandout>();

  protected async work(client: TestClient, connection: number): Promise<void> {
    const { group } = this.place;
    this.hoard.clear();
    for (const handout of await this.read(client, connection, HOARDER, 1_000, "0")) {
      this.hoard.set(handout.entryId, handout);
    }
    while (!this.stopped) {
      if (this.hoard.size < HOARD) {
        for (const handout of await this.read(client, connection, HOARDER, 1)) {
          this.hoard.set(handout.entryId, handout);
        }
      }
      if (this.hoard.size > 0) {
        const reply = await this.ask(
          client,
          ...["XCLAIM", this.key, group, HOARDER, 0, ...this.hoard.keys(), "JUSTID"],
        );
        const kept = new Set(listOf(reply).map(textOf));
        for (const id of this.hoard.keys()) if (!kept.has(id)) this.hoard.delete(id);
      }
      await pause(HEARTBEAT_MS);
    }
  }
}
