/**
 * The load of a trial with plain lists, as stock tools make it: writers, workers without a name, one of which may die
 * with what it has popped, and subscribers. They write down what they see.
 *
 * @module
 */
import { TestClient } from "../support/client.ts";
import { readWireReply } from "../support/wire_reply.ts";
import { pause, type Port, Refused, REPLY_DEADLINE_MS, Worker } from "./load.ts";
import type { ListJournal, Popped, Pushed } from "./list_journal.ts";

const BATCH = 5;
const PACE_MS = 25;
const POP_SECONDS = 1;
const WORK_MS = 5;
/** Longer than a message that is acked takes to be committed: a fault must find one that is not. */
const SLOW_WORK_MS = 3_000;

/** How a writer sends a message, or some. */
export type PushCommand = "RPUSH" | "LPUSH" | "PUBLISH";

/** Where a topic is. */
export interface ListPlace {
  readonly port: Port;
  /** `topics:<topic>` */
  readonly key: string;
  readonly journal: ListJournal;
}

/** Sends each message once; what is not confirmed may or may not be stored. */
export class ListWriter extends Worker {
  protected readonly what: string;
  readonly #command: PushCommand;
  readonly #place: ListPlace;

  constructor(command: PushCommand, place: ListPlace) {
    super();
    this.what = `writer with ${command}`;
    this.#command = command;
    this.#place = place;
  }

  protected async connection(): Promise<void> {
    const { port, key, journal } = this.#place;
    using client = await TestClient.connect(port());
    for (let batch = 0; !this.stopped; batch++) {
      const count = this.#command === "PUBLISH" ? 1 : BATCH;
      const pushed = Array.from({ length: count }, () => journal.push());
      const target = `${key}:${this.#command}-${batch % 12}`; // in all partitions
      await client.send(this.#command, target, ...pushed.map(({ id }) => id));
      const reply = await client.reply(REPLY_DEADLINE_MS);
      if (!reply.startsWith(":")) throw new Refused(reply);
      const confirmedAtMs = performance.now();
      for (const one of pushed) one.confirmedAtMs = confirmedAtMs;
      this.succeeded();
      await pause(PACE_MS);
    }
  }
}

/** Pops one message after the other, without a name. */
export class PlainWorker extends Worker {
  protected readonly what = "worker of a list";
  readonly #place: ListPlace;
  readonly #diesAfter: number;
  readonly #workMs: number;
  #lives = 0;

  /**
   * @param diesAfter a connection ends without QUIT after so many pops, or in the last of them, and another one opens
   * @param slow it takes long for a message
   */
  constructor(place: ListPlace, diesAfter = Infinity, slow = false) {
    super();
    this.#place = place;
    this.#diesAfter = diesAfter;
    this.#workMs = slow ? SLOW_WORK_MS : WORK_MS;
  }

  protected async connection(): Promise<void> {
    const { port, key, journal } = this.#place;
    using client = await TestClient.connect(port());
    let held: Popped | undefined;
    journal.connections++;
    try {
      for (let count = 0; !this.stopped; count++) {
        if (count === this.#diesAfter) throw new Refused("dies");
        if (held) held.askedAgainAtMs = performance.now();
        await client.send("BLPOP", key, POP_SECONDS);
        if (count === this.#diesAfter - 1 && this.#lives++ % 2 === 1) { // in the middle of a pop
          throw new Refused("dies");
        }
        const reply = await client.reply(REPLY_DEADLINE_MS);
        if (reply.startsWith("-")) throw new Refused(reply);
        settle(held); // by this pop
        held = journal.pop(valueIn(reply));
        if (!held) continue;
        this.succeeded();
        await pause(this.#workMs); // a fault finds some at work
      }
      if (held) held.askedAgainAtMs = performance.now();
      await client.ask("QUIT");
      settle(held);
      held = undefined;
    } catch (error) {
      journal.deaths++;
      throw error;
    } finally {
      if (held) held.heldUntilMs = performance.now();
    }
  }
}

/** Hears all that is produced while it is subscribed. */
export class TopicSubscriber extends Worker {
  protected readonly what = "subscriber";
  readonly #place: ListPlace;

  constructor(place: ListPlace) {
    super();
    this.#place = place;
  }

  protected async connection(): Promise<void> {
    const { port, key, journal } = this.#place;
    using client = await TestClient.connect(port());
    const reply = await client.ask("SUBSCRIBE", key);
    if (reply.startsWith("-")) throw new Refused(reply);
    const session = journal.subscribe();
    try {
      while (!this.stopped) {
        await client.send("PING"); // so that it notices its end
        for (;;) {
          const message = readWireReply(await client.reply(REPLY_DEADLINE_MS));
          const [kind, , text] = "items" in message ? message.items.map(wordOf) : [];
          if (kind !== "message") break;
          session.ids.push(text!);
          this.succeeded();
        }
        await pause(PACE_MS);
      }
      session.isWhole = true;
    } finally {
      session.endedAtMs = performance.now();
    }
  }
}

function settle(held: Popped | undefined): void {
  if (held) held.settledAtMs = performance.now();
}

/** BLPOP's message; undefined for a null. */
function valueIn(reply: string): string | undefined {
  const wire = readWireReply(reply);
  return "items" in wire ? wordOf(wire.items[1]!) : undefined;
}

function wordOf(item: ReturnType<typeof readWireReply>): string {
  return "text" in item ? item.text : "";
}

/** Of all that writers have sent. */
export function confirmed({ pushed }: ListJournal): Pushed[] {
  return pushed.filter(({ confirmedAtMs }) => confirmedAtMs !== undefined);
}
