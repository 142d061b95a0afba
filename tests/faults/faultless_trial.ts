/**
 * A trial in which all is well, for the checker's tests to spoil.
 *
 * @module
 */
import { check, type Evidence, type TopicRecord } from "./check.ts";
import { type Failures, type NamedFailure, NO_FAILURES } from "./failures.ts";
import { type EntryHandout, type HandedOut, Journal } from "./journal.ts";

/** Who reads all. */
export const READER = { connection: 100, worker: "group:reader" };
/** The reader is given its partition, before all and at the end. */
const ASSIGNMENTS = [-1_000, 900].map((atMs) => ({ worker: READER.worker, partition: 0, atMs }));
/** No failure, no kill, no topic yet. */
export const NOTHING_ELSE: Evidence = {
  topic: [],
  assignments: ASSIGNMENTS,
  refusedCommits: [],
  failures: NO_FAILURES,
  counters: undefined,
  gatewayKilled: false,
  acksMayBeLost: false,
  stream: { losses: [], inOrderOfKeys: false },
  observations: [],
};

/** A trial without a fault: one writer, one partition, one reader that has acked all. */
export function trial(count = 6): { journal: Journal; topic: TopicRecord[] } {
  const journal = new Journal();
  for (let n = 0; n < count; n++) {
    const sent = journal.send({ connection: 1, key: "k", message: `m${n}`, atMs: n });
    sent.answered = true;
    sent.covered = "WAIT";
    journal.handedOut.push({
      ...READER,
      partition: 0,
      offset: n,
      id: sent.id,
      atMs: 10 * n,
      ackedAtMs: 10 * n + 1,
    });
  }
  const topic = journal.sent.map(({ id }, offset) => ({ partition: 0, offset, key: "k", id }));
  return { journal, topic };
}

/** Kinds of problems, each with its number. */
export function problemsOf(
  { journal, topic }: { journal: Journal; topic: readonly TopicRecord[] },
  evidence: Partial<Evidence> = {},
): string[] {
  const { problems } = check(journal, { ...NOTHING_ELSE, topic, ...evidence });
  return problems.map((problem) => problem.replace(/:.*/, ""));
}

/** The gateway says that the last message of a trial was not delivered, or something else. */
export function failuresOf(
  {
    id = "1.5",
    key = "k",
    possiblyPersisted = false,
    counted = 1,
    logged = 1,
  }: Partial<NamedFailure & Omit<Failures, "named">>,
): Failures {
  return { named: [{ id, key, possiblyPersisted }], counted, logged };
}

/** The message at `offset` is handed out once more, at the end. */
export function again(journal: Journal, offset: number, change: Partial<HandedOut> = {}): void {
  const before = journal.handedOut.find((handout) => handout.offset === offset)!;
  journal.handedOut.push({ ...before, atMs: 1_000, ackedAtMs: undefined, ...change });
}

/** The same trial with XADD: the first of two workers of the stream's group has acked all. */
export function streamTrial(count = 6): { journal: Journal; topic: TopicRecord[] } {
  const { journal, topic } = trial(count);
  for (const [offset, sent] of journal.sent.entries()) {
    const entry = { valueField: "data", headers: [["h", "1"]] as const };
    const entryId = idAt(offset);
    Object.assign(sent, { covered: "XADD", entryId, entry });
    Object.assign(topic[offset]!, { timestampMs: TIME_MS, headers: "h=1" });
    journal.entries.push({
      way: "new",
      connection: 200,
      consumer: "one",
      entryId,
      partition: 0,
      offset,
      id: sent.id,
      fields: ["data", `${sent.id} and more`, "key", "k", "h", "1"],
      minIdleMs: 0,
      askedAtMs: 10 * offset,
      atMs: 10 * offset + 1,
      ackSentAtMs: 10 * offset + 2,
      ackedAtMs: 10 * offset + 3,
      ackDeniedAtMs: undefined,
    });
  }
  return { journal, topic };
}

/** Of all messages of the stream. */
const TIME_MS = 1_700_000_000_000;

/** The id of the message at this offset of partition 0. */
export function idAt(offset: number, partition = 0): string {
  return `${TIME_MS}-${2_048 * offset + partition}`;
}

/** The entry at `offset` is handed out once more, long after all. */
export function entryAgain(
  journal: Journal,
  offset: number,
  change: Partial<EntryHandout> = {},
): EntryHandout {
  const before = journal.entries.find((entry) => entry.offset === offset)!;
  const again: EntryHandout = {
    ...before,
    consumer: "other",
    askedAtMs: 5_000,
    atMs: 5_001,
    ackSentAtMs: undefined,
    ackedAtMs: undefined,
    ...change,
  };
  journal.entries.push(again);
  return again;
}

/** Nobody has acked it. */
export function unack(journal: Journal, offset: number): void {
  const entry = journal.entries.find((one) => one.offset === offset)!;
  Object.assign(entry, { ackSentAtMs: undefined, ackedAtMs: undefined });
}
