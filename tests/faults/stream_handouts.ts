/**
 * What the stream's group has handed out, held against the topic and the acks: all of it, as it was written, and again
 * only for a reason.
 *
 * @module
 */
import type { TopicRecord } from "./check.ts";
import type { EntryHandout, Journal, Sent } from "./journal.ts";
import type { Problems } from "./problems.ts";
import { placeIn } from "./stream_replies.ts";

/** The pending list of the group is gone: what was not acked is handed out again. */
export interface Loss {
  readonly atMs: number;
  /** undefined for all. */
  readonly partition: number | undefined;
  /** Acks of so long before may have been lost with it. */
  readonly unsafeMs: number;
}

/** What is known beside the journal. */
export interface EntryEvidence {
  readonly losses: readonly Loss[];
  /** A key's next entry waits until the one before it is acked. */
  readonly inOrderOfKeys: boolean;
}

/** For the table. */
export interface EntryCounts {
  readonly added: number;
  readonly entriesHandedOut: number;
  readonly entriesAcked: number;
  /** By XCLAIM and XAUTOCLAIM. */
  readonly claimed: number;
  /** Handed out as new once more: not acked, or not committed. */
  readonly redeliveredEntries: number;
}

/** A reply is read so much later than it was true, or before the log has the reason for it. */
const READING_MS = 1_000;

/** Compares. */
export function checkEntries(
  journal: Journal,
  topic: readonly TopicRecord[],
  evidence: EntryEvidence,
  problems: Problems,
): EntryCounts {
  const { entries } = journal;
  const sent = new Map(journal.sent.map((one) => [one.id, one]));
  const records = new Map(topic.map((record) => [nameOf(record), record]));
  const byPlace = handoutsByPlace(entries);
  if (entries.length > 0) {
    for (const [place, { id }] of records) {
      if (!byPlace.has(place)) problems.add("never handed out by the stream", `${id} ${place}`);
    }
  }
  let redeliveredEntries = 0;
  for (const [place, handouts] of byPlace) {
    for (const handout of handouts) checkContent(handout, records.get(place), sent, problems);
    for (const [index, again] of handouts.entries()) {
      const earlier = handouts.slice(0, index);
      if (earlier.length === 0) continue;
      if (again.way === "new") redeliveredEntries++;
      checkAgain(earlier, again, journal, evidence, problems);
    }
    checkDenied(handouts, evidence, problems);
  }
  if (evidence.inOrderOfKeys) checkKeys(topic, byPlace, evidence, problems);
  return {
    added: journal.sent.filter(({ covered }) => covered === "XADD").length,
    entriesHandedOut: entries.length,
    entriesAcked: entries.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length,
    claimed: entries.filter(({ way }) => way === "claim").length,
    redeliveredEntries,
  };
}

/** In the order in which their replies were read. */
export function handoutsByPlace(entries: readonly EntryHandout[]): Map<string, EntryHandout[]> {
  return Map.groupBy(entries.toSorted((a, b) => a.atMs - b.atMs), nameOf);
}

/** `[partition]@offset` */
export function nameOf({ partition, offset }: { partition: number; offset: number }): string {
  return `[${partition}]@${offset}`;
}

/** The id names the message, whose fields are those that were written. */
function checkContent(
  handout: EntryHandout,
  record: TopicRecord | undefined,
  sent: ReadonlyMap<string, Sent>,
  problems: Problems,
): void {
  const { entryId, id, fields } = handout;
  if (record?.id !== id) {
    problems.add("an entry with another value than is in the topic", `${entryId} ${id}`);
    return;
  }
  if (record.timestampMs !== undefined && placeIn(entryId)?.timestampMs !== record.timestampMs) {
    problems.add("an entry with another time than is in the topic", entryId);
  }
  const { entry, key } = sent.get(id) ?? {};
  const [, value] = fields;
  const expected = [
    ...[entry?.valueField ?? "value", value],
    ...["key", key],
    ...(entry?.headers ?? []).flat(),
  ];
  if (fields.join("\n") !== expected.join("\n")) {
    problems.add("an entry with other fields than were written", `${entryId} ${fields.join(" ")}`);
  }
}

/** There is a reason, which explains the loss of an ack, too. */
function checkAgain(
  earlier: readonly EntryHandout[],
  again: EntryHandout,
  { deletedConsumers }: Journal,
  { losses }: EntryEvidence,
  problems: Problems,
): void {
  const before = earlier.at(-1)!;
  const own = losses.filter(({ partition }) => (partition ?? again.partition) === again.partition);
  const example = `${again.entryId}, ${before.consumer} → ${again.consumer}`;
  const ackedAtMs = lastAckBefore(earlier, again);
  if (ackedAtMs !== undefined) {
    const isExplained = own.some(({ atMs, unsafeMs }) =>
      ackedAtMs - READING_MS <= atMs && atMs <= Math.min(again.atMs, ackedAtMs + unsafeMs)
    );
    if (!isExplained) problems.add(`acked, and handed out again (${again.way})`, example);
    return;
  }
  const isSince = ({ atMs }: { atMs: number }): boolean =>
    before.askedAtMs <= atMs && atMs <= again.atMs;
  const isReleased = deletedConsumers.some((one) =>
    one.consumer === before.consumer && isSince(one)
  );
  if (again.way === "new" && !own.some(isSince) && !isReleased) {
    problems.add("handed out as new again without a reason", example);
  }
  if (again.way === "claim" && again.atMs - before.askedAtMs < again.minIdleMs) {
    problems.add("claimed before it was idle for so long", example);
  }
}

/**
 * The last ack since it came as new that was answered before this was asked for, or, if this comes as new, before it
 * came.
 */
function lastAckBefore(
  earlier: readonly EntryHandout[],
  { way, askedAtMs, atMs }: EntryHandout,
): number | undefined {
  const sinceMs = earlier.findLast((one) => one.way === "new")?.atMs ?? -Infinity;
  const untilMs = way === "new" ? atMs : askedAtMs;
  const acks = earlier.flatMap(({ ackedAtMs }) => ackedAtMs ?? [])
    .filter((ack) => sinceMs <= ack && ack < untilMs);
  return acks.length === 0 ? undefined : Math.max(...acks);
}

/** An XACK of what is pending is counted. */
function checkDenied(
  handouts: readonly EntryHandout[],
  { losses }: EntryEvidence,
  problems: Problems,
): void {
  for (
    const { ackDeniedAtMs, ackSentAtMs = 0, askedAtMs, entryId, consumer, partition } of handouts
  ) {
    if (ackDeniedAtMs === undefined) continue;
    const isLost = losses.some((loss) =>
      (loss.partition ?? partition) === partition &&
      askedAtMs <= loss.atMs && loss.atMs <= ackDeniedAtMs + READING_MS
    );
    const isAcked = handouts.some((other) =>
      other.ackSentAtMs !== undefined && other.ackSentAtMs <= ackDeniedAtMs &&
      (other.ackSentAtMs !== ackSentAtMs || other.consumer !== consumer)
    );
    if (!isLost && !isAcked) problems.add("pending, and its ack counted for nothing", entryId);
  }
}

/** Whenever an entry comes as new, the one of its key before it is acked. */
function checkKeys(
  topic: readonly TopicRecord[],
  byPlace: ReadonlyMap<string, readonly EntryHandout[]>,
  { losses }: EntryEvidence,
  problems: Problems,
): void {
  const sorted = topic.toSorted((a, b) => a.partition - b.partition || a.offset - b.offset);
  for (
    const records of Map.groupBy(sorted, ({ partition, key }) => `${partition} ${key}`).values()
  ) {
    for (const [index, record] of records.entries()) {
      const before = records[index - 1];
      if (!before) continue;
      const handouts = (byPlace.get(nameOf(record)) ?? []).filter(({ way }) => way === "new");
      const priors = byPlace.get(nameOf(before)) ?? [];
      for (const handout of handouts) {
        if (!isDone(priors, handout, losses)) {
          problems.add(
            "handed out while the one of its key before it is pending",
            `${handout.entryId} behind ${nameOf(before)}`,
          );
        }
      }
    }
  }
}

/** All that had it before then have acked it, or somebody has for them. */
function isDone(
  priors: readonly EntryHandout[],
  { atMs }: EntryHandout,
  losses: readonly Loss[],
): boolean {
  const earlier = priors.filter((prior) => prior.askedAtMs < atMs);
  const acks = earlier.flatMap(({ ackSentAtMs }) => ackSentAtMs ?? []).filter((ack) => ack < atMs);
  if (acks.length === 0) return false;
  const last = earlier.filter((prior) => prior.way === "new" && prior.atMs <= atMs).at(-1);
  const ackedSince = acks.some((ack) => !last || ack >= last.askedAtMs);
  const lostSince = losses.some((loss) => last && loss.atMs >= last.askedAtMs && loss.atMs <= atMs);
  return ackedSince || lostSince;
}
