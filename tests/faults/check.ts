/**
 * Holds journals against the topic: what was promised and is not so. Pure, so that it can be tested with journals that
 * lie.
 *
 * @module
 */
import type { Counters, Failures } from "./failures.ts";
import { checkFates, type Surplus } from "./fates.ts";
import type { HandedOut, Journal, Sent } from "./journal.ts";
import { Problems } from "./problems.ts";
import { checkAdded } from "./stream_adds.ts";
import { checkEntries, type EntryCounts, type EntryEvidence } from "./stream_handouts.ts";
import { checkState, type Observation } from "./stream_state.ts";

/** A message of the topic, as an independent client has read it. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly id: string;
  /** What an entry of a stream consists of beside these. */
  readonly timestampMs?: number;
  /** `name=value,name=value`, without those that begin with `rafka.`. */
  readonly headers?: string;
}

/** Something that happened to a worker's partition. */
export interface PartitionEvent {
  /** `group:name` of the worker. */
  readonly worker: string;
  readonly partition: number;
  readonly atMs: number;
}

/** What is known of a trial beside the journal. */
export interface Evidence {
  readonly topic: readonly TopicRecord[];
  /** Also what was sent before the journal began; undefined where that is nothing. */
  readonly wholeTopic?: readonly TopicRecord[];
  /** From the log of the gateway. */
  readonly assignments: readonly PartitionEvent[];
  /** From there, too: acks that Kafka has not taken. */
  readonly refusedCommits: readonly PartitionEvent[];
  /** What the gateway says it has taken and not delivered. */
  readonly failures: Failures;
  /** Of a gateway that has taken all messages of the trial, when nothing was under way any more. */
  readonly counters: Counters | undefined;
  /** What the gateway had answered and not delivered is gone with it; what is covered is not. */
  readonly gatewayKilled: boolean;
  /** What was acked may be handed out again: the gateway was killed, or Kafka could not take the commit. */
  readonly acksMayBeLost: boolean;
  /** Of the stream's group. */
  readonly stream: EntryEvidence;
  /** What the gateway and Kafka have said of it when nothing moved. */
  readonly observations: readonly Observation[];
}

/** Counts for the table, and what is wrong. */
export interface Verdict extends Surplus, EntryCounts {
  readonly sent: number;
  readonly answered: number;
  readonly covered: number;
  /** Different messages of the topic. */
  readonly inKafka: number;
  /** Answered, and not in the topic. */
  readonly missing: number;
  readonly handedOut: number;
  readonly acked: number;
  /** In the topic twice, since the client sent it again. */
  readonly sentAgain: number;
  /** Handed out again, since the one who had it lost its partition or its connection before it had acked. */
  readonly redeliveredUnacked: number;
  /** Handed out again, since the ack was not committed when the partition was lost. */
  readonly redeliveredUncommitted: number;
  readonly problems: readonly string[];
}

/** A client may read a message so much later than it was sent: the one who gets it again may be assigned by then. */
const READING_MS = 1_000;

/** Compares. */
export function check(journal: Journal, evidence: Evidence): Verdict {
  const problems = new Problems();
  const sent = new Map(journal.sent.map((one) => [one.id, one]));
  const { topic } = evidence;
  const inTopic = new Set(topic.map(({ id }) => id));

  checkOrigin(sent, topic, problems);
  const missing = journal.sent.filter(({ id, answered }) => answered && !inTopic.has(id));
  checkMissing(missing, evidence, problems);
  checkFailures(sent, inTopic, evidence, problems);
  checkAdded(journal, topic, problems);
  const surplus = checkFates(journal, evidence, problems);
  const redeliveries = checkHandouts(journal, evidence, problems);
  const entries = checkEntries(journal, topic, evidence.stream, problems);
  for (const observation of evidence.observations) {
    checkState(observation, evidence.wholeTopic ?? topic, problems);
  }

  const messages = topic.map(({ id }) => sent.get(id)?.message);
  return {
    sent: journal.sent.filter(({ incomplete }) => !incomplete).length,
    answered: journal.sent.filter(({ answered }) => answered).length,
    covered: journal.sent.filter(({ covered }) => covered).length,
    inKafka: new Set(messages).size,
    missing: missing.length,
    handedOut: journal.handedOut.length,
    acked: journal.handedOut.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length,
    sentAgain: inTopic.size - new Set(messages).size,
    ...surplus,
    ...redeliveries,
    ...entries,
    problems: problems.lines,
  };
}

/** Everything in the topic was sent, whole, with this key. */
function checkOrigin(
  sent: ReadonlyMap<string, Sent>,
  topic: readonly TopicRecord[],
  problems: Problems,
): void {
  for (const record of topic) {
    const origin = sent.get(record.id);
    if (!origin) problems.add("in the topic, but nobody has sent it", placeOf(record));
    else if (origin.incomplete) problems.add("in the topic from half a command", placeOf(record));
    else if (origin.refused) problems.add("in the topic, but refused", placeOf(record));
    else if (origin.key !== record.key) problems.add("in the topic with another key", record.id);
  }
}

/** What WAIT has covered is there; what else was answered is there, or named as a failure, or at least logged. */
function checkMissing(
  missing: readonly Sent[],
  { failures: { named, logged }, gatewayKilled }: Evidence,
  problems: Problems,
): void {
  for (const { id, covered } of missing) {
    if (covered === "WAIT") problems.add("covered by WAIT 1 and not in the topic", id);
    if (covered === "XADD") problems.add("added by XADD and not in the topic", id);
  }
  const names = new Set(named.map(({ id }) => id));
  const unnamed = missing.filter(({ id, covered }) =>
    (covered || !gatewayKilled) && !names.has(id)
  );
  if (unnamed.length <= logged - named.length) return; // it failed while the gateway ended
  for (const { id, covered } of unnamed) {
    if (covered === "XADD") continue; // said above
    const how = covered === "DUMP" ? "covered by DUMP 0" : "answered";
    problems.add(`${how}, not in the topic, and no failure is known`, id);
  }
}

/** What the gateway says of failures is true, and the same everywhere. */
function checkFailures(
  sent: ReadonlyMap<string, Sent>,
  inTopic: ReadonlySet<string>,
  { failures: { named, counted, logged } }: Evidence,
  problems: Problems,
): void {
  const seen = new Set<string>();
  for (const { id, key, possiblyPersisted } of named) {
    const origin = sent.get(id);
    if (seen.has(id)) problems.add("named twice as a failure", id);
    seen.add(id);
    if (!origin) problems.add("named as a failure, but nobody has sent it", id);
    else if (origin.refused || origin.incomplete) {
      problems.add("named as a failure, but never taken", id);
    }
    if (origin && origin.key !== key) problems.add("named as a failure with another key", id);
    if (origin?.covered === "WAIT") problems.add("named as a failure, but covered by WAIT 1", id);
    if (origin?.covered === "XADD") problems.add("named as a failure, but added by XADD", id);
    if (inTopic.has(id) && !possiblyPersisted) {
      problems.add("named as NOT_PERSISTED, but in the topic", id);
    }
  }
  const numbers = `${named.length} named, ${counted} counted, ${logged} logged`;
  if (named.length !== counted || logged < counted) problems.add("failures do not add up", numbers);
}

/** Everything is handed out, what is acked and committed only once; the rest of the repetitions have a reason. */
function checkHandouts(
  journal: Journal,
  evidence: Evidence,
  problems: Problems,
): Pick<Verdict, "redeliveredUnacked" | "redeliveredUncommitted"> {
  const records = new Map(evidence.topic.map((record) => [placeOf(record), record]));
  const byPlace = Map.groupBy(journal.handedOut, placeOf);
  for (const [place, { id }] of records) {
    if (!byPlace.has(place)) problems.add("never handed out", `${id} ${place}`);
  }
  const repetitions: HandedOut[] = [];
  for (const [place, handouts] of byPlace) {
    if (records.get(place)?.id !== handouts[0]!.id) {
      problems.add("handed out with another value than is in the topic", place);
    }
    for (const [index, again] of handouts.entries()) {
      const before = handouts[index - 1];
      if (!before) continue;
      repetitions.push(before);
      checkRepetition(before, again, evidence, problems);
    }
  }
  checkRestarts(journal, evidence, problems);
  const acked = repetitions.filter(({ ackedAtMs }) => ackedAtMs !== undefined).length;
  return { redeliveredUnacked: repetitions.length - acked, redeliveredUncommitted: acked };
}

/**
 * There is a reason: the one who gets it again was given the partition since then; and if it was acked, the log says
 * that Kafka has refused that worker's commit, which it may while a group is rebalanced.
 */
function checkRepetition(
  before: HandedOut,
  again: HandedOut,
  { assignments, refusedCommits, acksMayBeLost }: Evidence,
  problems: Problems,
): void {
  const place = placeOf(again);
  if (before.id !== again.id) problems.add("two values at one offset", place);
  const { ackedAtMs = Infinity } = before;
  if (ackedAtMs < again.atMs && !acksMayBeLost && !isRefused(before, refusedCommits, again.atMs)) {
    problems.add("acked, and handed out again", place);
  }
  const wasReassigned = assignments.some(({ worker, partition, atMs }) =>
    worker === again.worker && partition === again.partition &&
    before.atMs - READING_MS <= atMs && atMs <= again.atMs
  );
  if (!wasReassigned) problems.add("handed out again without a new owner", place);
}

/** The log says that Kafka has not taken this worker's commit, after the ack and before `untilMs`. */
function isRefused(
  { worker, partition, ackedAtMs = Infinity }: HandedOut,
  refusedCommits: readonly PartitionEvent[],
  untilMs: number,
): boolean {
  return refusedCommits.some((refused) =>
    refused.worker === worker && refused.partition === partition &&
    ackedAtMs - READING_MS <= refused.atMs && refused.atMs <= untilMs
  );
}

/**
 * After a clean restart the group goes on behind the last ack of each partition that Kafka has not refused to commit.
 */
function checkRestarts(
  { handedOut, cleanRestartsMs }: Journal,
  { refusedCommits }: Evidence,
  problems: Problems,
): void {
  for (const restartMs of cleanRestartsMs) {
    const last = new Map<number, HandedOut>();
    for (const handout of handedOut) {
      const { partition, ackedAtMs = Infinity } = handout;
      const lastAckedAtMs = last.get(partition)?.ackedAtMs ?? 0;
      if (ackedAtMs >= restartMs || ackedAtMs < lastAckedAtMs) continue;
      if (!isRefused(handout, refusedCommits, restartMs)) last.set(partition, handout);
    }
    for (const handout of handedOut) {
      const acked = last.get(handout.partition);
      if (handout.atMs > restartMs && acked && handout.offset <= acked.offset) {
        problems.add("acked, committed, and handed out after a clean restart", placeOf(handout));
      }
    }
  }
}

function placeOf({ partition, offset }: { partition: number; offset: number }): string {
  return `[${partition}]@${offset}`;
}
