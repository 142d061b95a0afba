/**
 * What travels with a committed offset as its metadata: which messages behind it are acked, and how often the others
 * were delivered. It is this module's alone: metadata of other clients, and metadata that belongs to another offset, is
 * not understood.
 *
 * Kafka keeps `offset.metadata.max.bytes`, 4,096, of it, and counts UTF-16 characters. What does not fit is left out,
 * the farthest first: those messages are delivered again after a restart, none is lost.
 *
 * @module
 */

import { BitReader, BitTextError, BitWriter, charactersFor, golombLength } from "./bit_text.ts";

/** What is known of the messages behind a committed offset. */
export interface Progress {
  /** Lengths of runs of offsets: not acked, acked, not acked, and so on; the first begins at the committed offset. */
  readonly runs: readonly number[];
  /**
   * Deliveries of messages that are not acked, where they are not 1: distance from the committed offset, increasing, and
   * number.
   */
  readonly deliveries: readonly (readonly [distance: number, count: number])[];
}

/** Nothing is known. */
export const NO_PROGRESS: Progress = { runs: [], deliveries: [] };

/** Identifies the format. */
const MAGIC = "rafka1:";
/** Two characters. */
const CHECKSUM_BITS = 30;
const ORDER_BITS = 5;
const MAX_ORDER = 30;
/** Order of the codes of counts. */
const COUNT_ORDER = 4;

/**
 * The metadata of a commit; "" when there is nothing to say, or no room to say it.
 *
 * @param maxCharacters of the text
 */
export function encodeProgress(offset: number, progress: Progress, maxCharacters: number): string {
  const room = (maxCharacters - MAGIC.length) * 15 - CHECKSUM_BITS;
  const runs = new Runs(progress.runs, room);
  if (runs.count === 0) return "";
  const counts = countsWithin(progress.deliveries, runs.reach, room - runs.bits);
  const writer = new BitWriter();
  runs.write(writer);
  writeCounts(writer, counts);
  const text = writer.toText();
  return `${MAGIC}${checksum(offset, text)}${text}`;
}

/** What metadata says; `NO_PROGRESS` for metadata that is not of this offset, or not of this module. */
export function decodeProgress(offset: number, metadata: string): Progress {
  if (!metadata.startsWith(MAGIC)) return NO_PROGRESS;
  const start = MAGIC.length + charactersFor(CHECKSUM_BITS);
  const text = metadata.slice(start);
  if (metadata.slice(MAGIC.length, start) !== checksum(offset, text)) return NO_PROGRESS;
  try {
    const reader = new BitReader(text);
    return { runs: readRuns(reader), deliveries: readCounts(reader) };
  } catch (error) {
    if (error instanceof BitTextError) return NO_PROGRESS; // a later format
    throw error;
  }
}

/** As many runs as fit, with the orders of their codes. */
class Runs {
  /** Number of runs that fit. */
  readonly count: number;
  /** Number of offsets in them. */
  readonly reach: number;
  /** Size of these runs. */
  readonly bits: number;
  readonly #lengths: readonly number[];
  readonly #orders: readonly [unacked: number, acked: number];

  constructor(lengths: readonly number[], room: number) {
    this.#lengths = lengths;
    this.#orders = [bestOrder(lengths, 0), bestOrder(lengths, 1)];
    let [count, reach] = [0, 0];
    let bits = 2 * ORDER_BITS + golombLength(lengths.length, COUNT_ORDER);
    for (const length of lengths) {
      const more = golombLength(length - 1, this.#orders[count % 2]!);
      if (bits + more + golombLength(0, COUNT_ORDER) > room) break;
      bits += more;
      reach += length;
      count++;
    }
    [this.count, this.reach, this.bits] = [count, reach, bits];
  }

  write(writer: BitWriter): void {
    for (const order of this.#orders) writer.write(order, ORDER_BITS);
    writer.writeGolomb(this.count, COUNT_ORDER);
    for (let at = 0; at < this.count; at++) {
      writer.writeGolomb(this.#lengths[at]! - 1, this.#orders[at % 2]!);
    }
  }
}

/** The order that makes every second number, from `first` on, shortest together. */
function bestOrder(lengths: readonly number[], first: number): number {
  let [best, fewest] = [0, Infinity];
  for (let order = 0; order <= MAX_ORDER; order++) {
    let bits = 0;
    for (let at = first; at < lengths.length; at += 2) {
      bits += golombLength(lengths[at]! - 1, order);
    }
    if (bits > fewest) break; // from there on it only grows
    [best, fewest] = [order, bits];
  }
  return best;
}

function readRuns(reader: BitReader): number[] {
  const orders = [reader.read(ORDER_BITS), reader.read(ORDER_BITS)];
  const count = reader.readGolomb(COUNT_ORDER);
  const runs: number[] = [];
  for (let at = 0; at < count; at++) runs.push(reader.readGolomb(orders[at % 2]!) + 1);
  return runs;
}

type Counts = Progress["deliveries"];

/** Those within the runs that fit into what these leave. */
function countsWithin(deliveries: Counts, reach: number, room: number): Counts {
  let [bits, last, taken] = [golombLength(deliveries.length, COUNT_ORDER), -1, 0];
  for (const [distance, count] of deliveries) {
    bits += golombLength(distance - last - 1, COUNT_ORDER) + golombLength(storedCount(count), 0);
    if (distance >= reach || bits > room) break;
    last = distance;
    taken++;
  }
  return deliveries.slice(0, taken);
}

function writeCounts(writer: BitWriter, deliveries: Counts): void {
  writer.writeGolomb(deliveries.length, COUNT_ORDER);
  let last = -1;
  for (const [distance, count] of deliveries) {
    writer.writeGolomb(distance - last - 1, COUNT_ORDER);
    writer.writeGolomb(storedCount(count), 0);
    last = distance;
  }
}

function readCounts(reader: BitReader): [number, number][] {
  const length = reader.readGolomb(COUNT_ORDER);
  const deliveries: [number, number][] = [];
  let last = -1;
  for (let at = 0; at < length; at++) {
    last += reader.readGolomb(COUNT_ORDER) + 1;
    const stored = reader.readGolomb(0);
    deliveries.push([last, stored === 0 ? 0 : stored + 1]);
  }
  return deliveries;
}

/** 1 is never stored: 0, 2, 3, … become 0, 1, 2, … */
function storedCount(count: number): number {
  return count === 0 ? 0 : count - 1;
}

/** Of the offset and the text (FNV-1a). */
function checksum(offset: number, text: string): string {
  let hash = 0x811c9dc5;
  const all = `${offset}:${text}`;
  for (let at = 0; at < all.length; at++) {
    hash = Math.imul(hash ^ all.charCodeAt(at), 0x01000193);
  }
  const writer = new BitWriter();
  writer.write((hash ^ hash >>> 15) >>> (32 - CHECKSUM_BITS), CHECKSUM_BITS);
  return writer.toText();
}
