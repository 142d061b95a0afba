/**
 * What writers and readers have seen: which messages they sent, what was answered, what was handed out to them, what
 * they acked. Only what a client can know, so that it can be held against what is in Kafka.
 *
 * @module
 */

/** A command that covers messages: its answer says that they are in Kafka. XADD covers its own. */
export type Cover = "WAIT" | "DUMP" | "XADD";

/** A message that was sent once; the same message sent again is another `Sent`. */
export interface Sent {
  /** Is its value in Kafka, before padding. */
  readonly id: string;
  /** Of all writers' connections. */
  readonly connection: number;
  readonly key: string;
  /** The message as the writer sees it; the same number again when it sends it again. */
  readonly message: string;
  /** It was sent before, and nobody could say what became of it. */
  readonly again: boolean;
  /** RPUSHX was answered with 1. */
  answered: boolean;
  /** It was answered with an error: it was not taken. */
  refused: boolean;
  covered: Cover | undefined;
  readonly atMs: number;
  /** Only a part of the command was sent: Kafka must never see it. */
  readonly incomplete: boolean;
  /** How XADD wrote it; undefined for RPUSHX. */
  readonly entry: SentEntry | undefined;
  /** The id that XADD was answered with. */
  entryId: string | undefined;
  /** The error that XADD was answered with for a message that was taken. */
  addError: string | undefined;
}

/** What an entry has beside its value and its key. */
export interface SentEntry {
  /** Name of the field that holds the value. */
  readonly valueField: string;
  /** All other fields, in order: Kafka's headers. */
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** A message that BLPOP has handed out. */
export interface HandedOut {
  /** Of all readers' connections. */
  readonly connection: number;
  /** `group:name` of the worker. */
  readonly worker: string;
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  readonly atMs: number;
  /** When its ack was answered with 1, undefined if it was not. */
  ackedAtMs: number | undefined;
}

/** How an entry came to its consumer: XREADGROUP with `>`, with an id, or a claim. */
export type HandoutWay = "new" | "history" | "claim";

/** An entry that a command of the stream's group has handed out. */
export interface EntryHandout {
  readonly way: HandoutWay;
  /** Of all connections of a trial. */
  readonly connection: number;
  readonly consumer: string;
  /** As Redis writes it. */
  readonly entryId: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the message, by its value. */
  readonly id: string;
  /** Names and values in turns. */
  readonly fields: readonly string[];
  /** Of a claim: what it asked for. */
  readonly minIdleMs: number;
  /** When the command was sent. */
  readonly askedAtMs: number;
  /** When its reply was read. */
  readonly atMs: number;
  /** When an XACK for it was sent; undefined for none. */
  ackSentAtMs: number | undefined;
  /** When its XACK was answered with 1. */
  ackedAtMs: number | undefined;
  /** When its XACK was answered with 0. */
  ackDeniedAtMs: number | undefined;
}

/** All that the clients of a trial have written down. */
export class Journal {
  readonly sent: Sent[] = [];
  readonly handedOut: HandedOut[] = [];
  /** What the stream's group has handed out. */
  readonly entries: EntryHandout[] = [];
  /** When consumers of the stream's group were deleted. */
  readonly deletedConsumers: { readonly consumer: string; readonly atMs: number }[] = [];
  /** Errors that acks were answered with, each once with its count. */
  readonly ackErrors = new Map<string, number>();
  /** When the workers had left and all that they had acked had to be committed. */
  readonly cleanRestartsMs: number[] = [];
  #connections = 0;

  /** The number of a new connection. */
  nextConnection(): number {
    return ++this.#connections;
  }

  /** Writes down a message before it is sent. */
  send(entry: Pick<Sent, "connection" | "key" | "message"> & Partial<Sent>): Sent {
    const sent: Sent = {
      again: false,
      answered: false,
      refused: false,
      covered: undefined,
      incomplete: false,
      entry: undefined,
      entryId: undefined,
      addError: undefined,
      atMs: performance.now(),
      ...entry,
      id: `${entry.connection}.${this.sent.length}`,
    };
    this.sent.push(sent);
    return sent;
  }

  /** What was sent from then on, and handed out of that, as a journal of its own. */
  since(atMs: number): Journal {
    const earlier = this.sentBefore(atMs);
    const later = new Journal();
    later.sent.push(...this.sent.filter(({ id }) => !earlier.has(id)));
    later.handedOut.push(
      ...this.handedOut.filter((one) => one.atMs >= atMs && !earlier.has(one.id)),
    );
    later.entries.push(
      ...this.entries.filter((one) => one.atMs >= atMs && !earlier.has(one.id)),
    );
    later.deletedConsumers.push(...this.deletedConsumers);
    later.cleanRestartsMs.push(...this.cleanRestartsMs.filter((restart) => restart >= atMs));
    return later;
  }

  /** The ids of what was sent before. */
  sentBefore(atMs: number): Set<string> {
    return new Set(this.sent.filter((one) => one.atMs < atMs).map(({ id }) => id));
  }

  /** Counts an error that an ack got; numbers in it are left out. */
  ackRefused(error: string): void {
    const kind = error.trim().replaceAll(/\d+/g, "n");
    this.ackErrors.set(kind, (this.ackErrors.get(kind) ?? 0) + 1);
  }
}
