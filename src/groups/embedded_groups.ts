/**
 * The groups of the embedded Kafka, which can neither list groups nor delete what they have committed. All of them are
 * in this process, which remembers them.
 *
 * @module
 */

/** Groups by topic. */
export class EmbeddedGroups {
  readonly #groups = new Map<string, Set<string>>();
  readonly #destroyed = new Map<string, Set<string>>();

  /** A group has offsets of a topic. */
  seen(group: string, topic: string): void {
    add(this.#groups, group, topic);
  }

  /** The same, also after its end. */
  created(group: string, topic: string): void {
    this.#destroyed.get(topic)?.delete(group);
    this.seen(group, topic);
  }

  /** A group has no offsets of a topic any more, whatever Kafka says. */
  destroyed(group: string, topic: string): void {
    this.#groups.get(topic)?.delete(group);
    add(this.#destroyed, group, topic);
  }

  /** Whether that is so. */
  isDestroyed(group: string, topic: string): boolean {
    return this.#destroyed.get(topic)?.has(group) ?? false;
  }

  /** Groups with offsets of a topic, in the order of their names. */
  groupsOf(topic: string): string[] {
    return [...this.#groups.get(topic) ?? []].sort();
  }
}

function add(groups: Map<string, Set<string>>, group: string, topic: string): void {
  const known = groups.get(topic);
  if (known) known.add(group);
  else groups.set(topic, new Set([group]));
}
