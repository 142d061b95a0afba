/**
 * Where clients go on that read a stream in pages. An id says too little: while somebody reads, an entry may be appended
 * to another partition with a timestamp before the last one that was read, or with the same. So a page is remembered
 * with its last id and with the offsets behind it in all partitions, and the page after that id begins there: nothing is
 * missed, nothing comes twice.
 *
 * This holds as long as the page is remembered: the last two of each connection and stream, and of other connections
 * those that fit in the memory. Where connections have read different entries up to the same id, each goes on with its
 * own; one that has read none of them, as in a pool of connections, goes on where the first of them does, so that it may
 * see an entry twice and misses none. Without a page, and on another gateway, the id decides.
 *
 * @module
 */

import { compareIds, formatId, MAX_ID, type StreamId } from "./stream_id.ts";

/** Which pages go on from each other: in one direction, up to one id. */
export interface PageKind {
  /** Name of the topic. */
  readonly topic: string;
  /** From the last entry to the first. */
  readonly reverse: boolean;
  /** The id at which the range ends, in this direction. */
  readonly until: StreamId;
}

/** Pages up to the end of a stream: those of XREAD, too. */
export function forwards(topic: string): PageKind {
  return { topic, reverse: false, until: MAX_ID };
}

/** A page: its last id, and the offsets behind it (before it in the reverse direction), by partition. */
interface Page {
  readonly id: StreamId;
  readonly positions: readonly bigint[];
}

/** The last pages of a connection, the newest first. */
interface Reader {
  readonly kind: string;
  pages: Page[];
}

/** A reply may have been lost: the page before it is asked for again. */
const PAGES_PER_READER = 2;
/** What a page takes beside its positions. */
const PAGE_BYTES = 300;
const POSITION_BYTES = 32;

/** Pages of all connections, within a limit of memory: those that were read last. */
export class StreamCursors {
  readonly #maxBytes: number;
  /** By connection and kind, the one that has read last at the end. */
  readonly #readers = new Map<string, Reader>();
  /** Readers by kind and id of their pages. */
  readonly #byPage = new Map<string, Set<Reader>>();
  #bytes = 0;

  /** Remembers nothing yet. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** What it takes in memory, roughly. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Remembers a page. */
  add(connectionId: number, kind: PageKind, id: StreamId, positions: readonly bigint[]): void {
    const key = `${connectionId} ${nameOf(kind)}`;
    const reader = this.#readers.get(key) ?? { kind: nameOf(kind), pages: [] };
    this.#readers.delete(key);
    this.#readers.set(key, reader);
    const others = reader.pages.filter((page) => compareIds(page.id, id) !== 0);
    this.#setPages(reader, [{ id, positions }, ...others].slice(0, PAGES_PER_READER));
    while (this.#bytes > this.#maxBytes) this.#forgetFirst();
  }

  /** The positions to go on at behind an id; undefined when no such page is known. */
  find(connectionId: number, kind: PageKind, id: StreamId): readonly bigint[] | undefined {
    const name = nameOf(kind);
    const own = this.#readers.get(`${connectionId} ${name}`)?.pages
      .find((page) => compareIds(page.id, id) === 0);
    if (own) return own.positions;
    const readers = [...this.#byPage.get(pageName(name, id)) ?? []];
    const all = readers.map(({ pages }) => pages.find((page) => compareIds(page.id, id) === 0)!);
    return all.length === 0 ? undefined : earliest(all.map(({ positions }) => positions), kind);
  }

  /** Forgets the pages of a topic: it is another one from now on. */
  forget(topic: string): void {
    for (const [key, reader] of this.#readers) {
      if (reader.kind.startsWith(`${topic} `)) this.#forget(key, reader);
    }
  }

  #setPages(reader: Reader, pages: Page[]): void {
    for (const page of reader.pages) {
      const name = pageName(reader.kind, page.id);
      const readers = this.#byPage.get(name)!;
      readers.delete(reader);
      if (readers.size === 0) this.#byPage.delete(name);
      this.#bytes -= bytesOf(page);
    }
    reader.pages = pages;
    for (const page of pages) {
      const name = pageName(reader.kind, page.id);
      const readers = this.#byPage.get(name) ?? new Set();
      this.#byPage.set(name, readers.add(reader));
      this.#bytes += bytesOf(page);
    }
  }

  #forgetFirst(): void {
    const [[key, reader]] = this.#readers as Iterable<[string, Reader]> as [[string, Reader]];
    this.#forget(key, reader);
  }

  #forget(key: string, reader: Reader): void {
    this.#setPages(reader, []);
    this.#readers.delete(key);
  }
}

function nameOf({ topic, reverse, until }: PageKind): string {
  return `${topic} ${reverse ? "<" : ">"} ${formatId(until)}`;
}

function pageName(kind: string, id: StreamId): string {
  return `${kind} ${formatId(id)}`;
}

function bytesOf({ positions }: Page): number {
  return PAGE_BYTES + POSITION_BYTES * positions.length;
}

/** In each partition the position that was read least far. A partition that one of them does not know is unread. */
function earliest(all: readonly (readonly bigint[])[], { reverse }: PageKind): readonly bigint[] {
  return all.reduce((one, other) => {
    const length = reverse
      ? Math.max(one.length, other.length)
      : Math.min(one.length, other.length);
    return Array.from({ length }, (_, partition) => {
      const [a, b] = [one[partition] ?? 0n, other[partition] ?? 0n];
      return a < b === !reverse ? a : b;
    });
  });
}
