/**
 * What became of each message, by what the gateway has said, held against the topic: what is reported as delivered is
 * there once, in the order of sending, and the numbers add up. Each message of the journal was sent once; the same one
 * that a client sends again is another message here.
 *
 * @module
 */
import type { Evidence, TopicRecord } from "./check.ts";
import type { Journal, Sent } from "./journal.ts";
import type { Problems } from "./problems.ts";

/**
 * What a client knows in the end. What was taken and is not named as a failure is delivered: nothing is under way any
 * more. Nothing is known of what had no answer, nor of what only a gateway that was killed has answered.
 */
type Fate = "delivered" | "failed" | "unknown";

const DESCRIPTIONS: Readonly<Record<Fate, string>> = {
  delivered: "reported as delivered",
  failed: "named as a failure",
  unknown: "never reported on",
};

/** What is in the topic beside one of each, in order. */
export interface Surplus {
  /** Records of messages that are in the topic before them. */
  readonly copies: number;
  /** Those of them whose messages are reported as delivered. */
  readonly copiesOfDelivered: number;
  /** How often a record is behind one that the same connection sent later with the same key. */
  readonly stepsBack: number;
}

/** Compares. */
export function checkFates(journal: Journal, evidence: Evidence, problems: Problems): Surplus {
  const fates = fatesOf(journal, evidence);
  checkNumbers(journal, fates, evidence, problems);
  return {
    ...checkCopies(fates, evidence.topic, problems),
    stepsBack: checkOrder(journal, fates, evidence.topic, problems),
  };
}

function fatesOf({ sent }: Journal, { failures, gatewayKilled }: Evidence): Map<string, Fate> {
  const names = new Set(failures.named.map(({ id }) => id));
  const fateOf = ({ id, answered, covered }: Sent): Fate => {
    if (names.has(id)) return "failed";
    return covered || (answered && !gatewayKilled) ? "delivered" : "unknown";
  };
  return new Map(sent.map((one) => [one.id, fateOf(one)]));
}

/** What is sent once is in the topic once, also when it has failed: only the client may send it again. */
function checkCopies(
  fates: ReadonlyMap<string, Fate>,
  topic: readonly TopicRecord[],
  problems: Problems,
): Pick<Surplus, "copies" | "copiesOfDelivered"> {
  const count: Record<Fate, number> = { delivered: 0, failed: 0, unknown: 0 };
  for (const [id, records] of Map.groupBy(topic, (record) => record.id)) {
    if (records.length === 1) continue;
    const fate = fates.get(id) ?? "unknown";
    count[fate] += records.length - 1;
    const places = records.map(({ partition, offset }) => `[${partition}]@${offset}`).join(" ");
    problems.add(`sent once, ${DESCRIPTIONS[fate]}, and again in the topic`, `${id} ${places}`);
  }
  return {
    copies: count.delivered + count.failed + count.unknown,
    copiesOfDelivered: count.delivered,
  };
}

/**
 * Messages of a key that one connection sent are in one partition, in the order of sending, but for those that have
 * failed: what may be stored all the same is stored at any time. Copies are no matter of order, but counted.
 */
function checkOrder(
  { sent }: Journal,
  fates: ReadonlyMap<string, Fate>,
  topic: readonly TopicRecord[],
  problems: Problems,
): number {
  const position = new Map(sent.map(({ id }, index) => [id, index]));
  const senderOf = ({ id, key }: TopicRecord): string =>
    `${sent[position.get(id)!]!.connection} ${key}`;
  const known = topic.filter(({ id }) => position.has(id)).toSorted(byPlace);
  let count = 0;
  for (const records of Map.groupBy(known, senderOf).values()) {
    for (const { id, partition } of records) {
      if (partition !== records[0]!.partition) problems.add("one key in two partitions", id);
    }
    count += stepsBack(records, position).length;
    const promised = firsts(records).filter(({ id }) => fates.get(id) !== "failed");
    for (const { id } of stepsBack(promised, position)) {
      problems.add("in the topic behind what was sent later", id);
    }
  }
  return count;
}

function stepsBack(
  records: readonly TopicRecord[],
  position: ReadonlyMap<string, number>,
): TopicRecord[] {
  return records.filter(({ id }, at) => {
    const before = records[at - 1];
    return before !== undefined && position.get(id)! < position.get(before.id)!;
  });
}

function firsts(records: readonly TopicRecord[]): TopicRecord[] {
  return [...Map.groupBy(records, ({ id }) => id).values()].map(([first]) => first!);
}

function byPlace(a: TopicRecord, b: TopicRecord): number {
  return a.partition - b.partition || a.offset - b.offset;
}

/** Each message that was taken is delivered or has failed, and the topic has what is counted as delivered. */
function checkNumbers(
  { sent }: Journal,
  fates: ReadonlyMap<string, Fate>,
  { topic, counters }: Evidence,
  problems: Problems,
): void {
  if (!counters) return;
  const { produced, delivered, failed } = counters;
  const numbers = `${produced} taken, ${delivered} delivered, ${failed} failed`;
  if (produced !== delivered + failed) problems.add("taken is not delivered and failed", numbers);
  const answered = sent.filter((one) => one.answered).length;
  const whole = sent.filter((one) => !one.incomplete && !one.refused).length;
  if (produced < answered || produced > whole) {
    problems.add("taken is not what was sent", `${numbers}; ${whole} sent, ${answered} answered`);
  }
  const stored = new Set(topic.map(({ id }) => id).filter((id) => fates.get(id) !== "failed"));
  if (stored.size !== delivered) {
    problems.add("counted as delivered is not in the topic", `${numbers}; ${stored.size} there`);
  }
}
