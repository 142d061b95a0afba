/**
 * What writers and readers have seen: which messages they sent, what was answered, what was handed out to them, what
 * they acked. Only what a client can know, so that it can be held against what is in Kafka.
 *
 * @module
 */

/** A command that covers messages: its answer says that they are in Kafka. */
export type Cover = "WAIT" | "DUMP";

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

/** All that the clients of a trial have written down. */
export class Journal {
  readonly sent: Sent[] = [];
  readonly handedOut: HandedOut[] = [];
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
