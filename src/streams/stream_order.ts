/**
 * The order of entries over several partitions: that of ids, but the entries of a partition always keep theirs. So it is
 * the order of ids wherever timestamps do not go backwards within a partition; an entry with an older timestamp than the
 * one before it in its partition comes behind that.
 *
 * @module
 */

import type { Message } from "../kafka/client/message.ts";
import { compareIds, recordId, type StreamId } from "./stream_id.ts";

/** A message as an entry of a stream. */
export interface ReadEntry {
  /** Its id. */
  readonly id: StreamId;
  /** The message with its metadata. */
  readonly message: Message;
}

/** A message as an entry. */
export function entryOf(message: Message): ReadEntry {
  const { partition, offset, metadata } = message;
  return { id: recordId(metadata?.timestampMs, partition, offset), message };
}

/** The entries of a partition, from which the first or the last one can be taken. */
export interface EntrySource {
  /** The next one; undefined for none. */
  readonly head: ReadEntry | undefined;
}

/** The source whose head has the smallest id; undefined when none has a head. */
export function firstOf<T extends EntrySource>(sources: readonly T[]): T | undefined {
  return best(sources, (a, b) => compareIds(a.id, b.id) < 0);
}

/** The source whose head has the largest id. */
export function lastOf<T extends EntrySource>(sources: readonly T[]): T | undefined {
  return best(sources, (a, b) => compareIds(a.id, b.id) > 0);
}

/** Messages of several partitions, those of each in their order. */
export function inIdOrder(messages: readonly Message[]): readonly Message[] {
  if (messages.length < 2) return messages;
  const byPartition = Map.groupBy(messages, ({ partition }) => partition);
  if (byPartition.size === 1) return messages;
  const sources = [...byPartition.values()].map((group) => new Queue(group.map(entryOf)));
  const ordered: Message[] = [];
  for (let source = firstOf(sources); source; source = firstOf(sources)) {
    ordered.push(source.shift().message);
  }
  return ordered;
}

class Queue implements EntrySource {
  readonly #entries: readonly ReadEntry[];
  #at = 0;

  constructor(entries: readonly ReadEntry[]) {
    this.#entries = entries;
  }

  get head(): ReadEntry | undefined {
    return this.#entries[this.#at];
  }

  shift(): ReadEntry {
    return this.#entries[this.#at++]!;
  }
}

function best<T extends EntrySource>(
  sources: readonly T[],
  isBetter: (a: ReadEntry, b: ReadEntry) => boolean,
): T | undefined {
  let found: T | undefined;
  for (const source of sources) {
    if (source.head && (!found || isBetter(source.head, found.head!))) found = source;
  }
  return found;
}
