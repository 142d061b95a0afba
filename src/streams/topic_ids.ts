/**
 * Which topic was read last under a name: one that is deleted and created again has other messages at the same offsets,
 * and where clients go on in the old one says nothing about it.
 *
 * @module
 */

/** The ids of topics, as Kafka gives them. */
export class TopicIds {
  readonly #ids = new Map<string, string>();
  readonly #onRecreated: (topic: string) => void;

  /** Knows none; `onRecreated` forgets what was known of a topic. */
  constructor(onRecreated: (topic: string) => void) {
    this.#onRecreated = onRecreated;
  }

  /** The id of the topic that was read last; undefined when it is not known. */
  of(topic: string): string | undefined {
    return this.#ids.get(topic);
  }

  /** Takes note of the id that was read; returns whether it is another one than before. */
  note(topic: string, id: string | undefined): boolean {
    const known = this.#ids.get(topic);
    if (id === undefined || id === known) return false;
    this.#ids.set(topic, id);
    if (known !== undefined) this.#onRecreated(topic);
    return known !== undefined;
  }
}
