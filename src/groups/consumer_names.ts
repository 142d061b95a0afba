/**
 * The consumers of a group on a topic: names, no members of the Kafka group.
 *
 * @module
 */

/** A consumer. */
export interface NamedConsumer {
  /** Its name. */
  readonly name: string;
  /** Stands for it in the columns of pending entries. */
  readonly number: number;
  /** Number of its pending entries. */
  pending: number;
  /** When it last asked for something, on the clock of `performance.now()`. */
  askedAtMs: number;
}

/** With more, those that have nothing and have not asked for longest are forgotten. */
const MAX_IDLE_NAMES = 10_000;

/** All consumers of a group on a topic. */
export class ConsumerNames {
  /** Has the entries that XNACK has given back. */
  readonly nobody: NamedConsumer = { name: "", number: 0, pending: 0, askedAtMs: 0 };
  readonly #byName = new Map<string, NamedConsumer>();
  readonly #byNumber: (NamedConsumer | undefined)[] = [this.nobody];
  readonly #free: number[] = [];

  /** Number of consumers. */
  get count(): number {
    return this.#byName.size;
  }

  /** Number of pending entries, also of those that nobody has. */
  get pending(): number {
    let { pending } = this.nobody;
    for (const consumer of this.#byName.values()) pending += consumer.pending;
    return pending;
  }

  /** The consumer with this name. */
  get(name: string): NamedConsumer | undefined {
    return this.#byName.get(name);
  }

  /** The consumer with this number, which somebody has. */
  at(number: number): NamedConsumer {
    return this.#byNumber[number]!;
  }

  /** The same, made if it isn't there. It counts as asking. */
  asking(name: string, nowMs: number): NamedConsumer {
    const consumer = this.#byName.get(name) ?? this.#add(name, nowMs);
    consumer.askedAtMs = nowMs;
    return consumer;
  }

  /** Removes a consumer that has no pending entries. */
  remove({ name, number }: NamedConsumer): void {
    this.#byName.delete(name);
    this.#byNumber[number] = undefined;
    this.#free.push(number);
  }

  /** In the order of their names. */
  sorted(): NamedConsumer[] {
    return [...this.#byName.values()].sort((a, b) => a.name < b.name ? -1 : 1);
  }

  #add(name: string, nowMs: number): NamedConsumer {
    if (this.#byName.size >= MAX_IDLE_NAMES) this.#forgetIdle();
    const number = this.#free.pop() ?? this.#byNumber.length;
    const consumer = { name, number, pending: 0, askedAtMs: nowMs };
    this.#byName.set(name, consumer);
    this.#byNumber[number] = consumer;
    return consumer;
  }

  /** A tenth at a time: looking for them takes as long as for one. */
  #forgetIdle(): void {
    const idle = [...this.#byName.values()].filter(({ pending }) => pending === 0)
      .sort((a, b) => a.askedAtMs - b.askedAtMs);
    for (const consumer of idle.slice(0, MAX_IDLE_NAMES / 10)) this.remove(consumer);
  }
}
