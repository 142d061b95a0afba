/**
 * What the checker says of copies, of order, and of numbers that do not add up: each in a trial that is spoilt on
 * purpose.
 *
 * @module
 */
import assert from "node:assert/strict";
import { check, type Evidence, type TopicRecord } from "./check.ts";
import { NO_FAILURES } from "./failures.ts";
import { failuresOf, NOTHING_ELSE, problemsOf, READER, trial } from "./faultless_trial.ts";
import type { Journal } from "./journal.ts";

/** Of the six messages that a trial has. */
const ALL_DELIVERED = { produced: 6, delivered: 6, failed: 0 };
const ONE_FAILED = { produced: 6, delivered: 5, failed: 1 };

/** The topic has these messages of a trial, by their numbers, and all are read. */
function store({ journal }: { journal: Journal }, ...numbers: number[]): TopicRecord[] {
  journal.handedOut.splice(0);
  return numbers.map((number, offset) => {
    const { id, key } = journal.sent[number]!;
    const atMs = 10 * offset;
    const place = { partition: 0, offset };
    journal.handedOut.push({ ...READER, ...place, id, atMs, ackedAtMs: atMs + 1 });
    return { ...place, key, id };
  });
}

/** The last message has failed; the client was told no more of it than that. */
function failLast(
  { journal }: { journal: Journal },
  possiblyPersisted: boolean,
): Partial<Evidence> {
  journal.sent.at(-1)!.covered = undefined;
  return { failures: failuresOf({ possiblyPersisted }), counters: ONE_FAILED };
}

Deno.test("a message that is reported as delivered and stored again is seen, and each copy counted", () => {
  const spoilt = trial();
  const topic = store(spoilt, 0, 1, 2, 3, 4, 5, 3, 4, 4);
  const evidence = { ...NOTHING_ELSE, topic, counters: ALL_DELIVERED };
  const { problems, ...counts } = check(spoilt.journal, evidence);
  assert.deepEqual(problems, [
    "2 sent once, reported as delivered, and again in the topic: " +
    "1.3 [0]@3 [0]@6, 1.4 [0]@4 [0]@7 [0]@8",
  ]);
  const { inKafka, sentAgain, copies, copiesOfDelivered, stepsBack } = counts;
  assert.deepEqual(
    { inKafka, sentAgain, copies, copiesOfDelivered, stepsBack },
    { inKafka: 6, sentAgain: 0, copies: 3, copiesOfDelivered: 3, stepsBack: 1 },
  );
});

Deno.test("a message that is named as a failure may be in the topic once, and no more", () => {
  const once = trial();
  const evidence = failLast(once, true);
  assert.deepEqual(problemsOf({ ...once, topic: store(once, 0, 1, 2, 3, 4, 5) }, evidence), []);
  const twice = trial();
  failLast(twice, true);
  const topic = store(twice, 0, 1, 2, 3, 4, 5, 5);
  assert.deepEqual(problemsOf({ ...twice, topic }, evidence), [
    "1 sent once, named as a failure, and again in the topic",
  ]);
  const { copies, copiesOfDelivered } = check(twice.journal, {
    ...NOTHING_ELSE,
    ...evidence,
    topic,
  });
  assert.deepEqual({ copies, copiesOfDelivered }, { copies: 1, copiesOfDelivered: 0 });
});

Deno.test("a message that is named as a failure may be twice in the topic when the client has sent it again", () => {
  const sentAgain = trial();
  const { journal } = sentAgain;
  const evidence = failLast(sentAgain, true);
  const last = journal.sent.at(-1)!;
  journal.send({ ...last, again: true, answered: true, atMs: 9 });
  const topic = store(sentAgain, 0, 1, 2, 3, 4, 5, 6);
  const counters = { produced: 7, delivered: 6, failed: 1 };
  const { problems, ...counts } = check(journal, {
    ...NOTHING_ELSE,
    ...evidence,
    counters,
    topic,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual([counts.inKafka, counts.sentAgain, counts.copies], [6, 1, 0]);
});

Deno.test("a message that is stored twice, and never reported on, is seen", () => {
  const spoilt = trial();
  Object.assign(spoilt.journal.sent.at(-1)!, { answered: false, covered: undefined });
  assert.deepEqual(problemsOf({ ...spoilt, topic: store(spoilt, 0, 1, 2, 3, 4, 5, 5) }), [
    "1 sent once, never reported on, and again in the topic",
  ]);
});

Deno.test("a message that is named as NOT_PERSISTED is not in the topic", () => {
  const lying = trial();
  const evidence = failLast(lying, false);
  assert.deepEqual(problemsOf({ ...lying, topic: store(lying, 0, 1, 2, 3, 4, 5) }, evidence), [
    "1 named as NOT_PERSISTED, but in the topic",
  ]);
  const honest = trial();
  failLast(honest, false);
  assert.deepEqual(problemsOf({ ...honest, topic: store(honest, 0, 1, 2, 3, 4) }, evidence), []);
});

Deno.test("a message whose fate is unknown must be named", () => {
  const silent = trial();
  failLast(silent, true);
  const evidence = { failures: NO_FAILURES, counters: ONE_FAILED };
  assert.deepEqual(problemsOf({ ...silent, topic: store(silent, 0, 1, 2, 3, 4) }, evidence), [
    "1 answered, not in the topic, and no failure is known",
  ]);
});

Deno.test("order holds among the first copies of what is delivered; what has failed is stored at any time", () => {
  const swapped = trial();
  assert.deepEqual(problemsOf({ ...swapped, topic: store(swapped, 0, 1, 3, 2, 4, 5) }), [
    "1 in the topic behind what was sent later",
  ]);
  const failed = trial();
  failed.journal.sent[2]!.covered = undefined;
  const topic = store(failed, 0, 1, 3, 4, 2, 5);
  const evidence = {
    failures: failuresOf({ id: failed.journal.sent[2]!.id, possiblyPersisted: true }),
  };
  assert.deepEqual(problemsOf({ ...failed, topic }, evidence), []);
  assert.equal(check(failed.journal, { ...NOTHING_ELSE, ...evidence, topic }).stepsBack, 1);
});

Deno.test("a key that is in two partitions is seen", () => {
  const { journal, topic } = trial();
  const split = topic.with(5, { ...topic[5]!, partition: 1, offset: 0 });
  Object.assign(journal.handedOut[5]!, { partition: 1, offset: 0 });
  assert.deepEqual(problemsOf({ journal, topic: split }), ["1 one key in two partitions"]);
});

Deno.test("counters that do not add up, or are not what the topic has, are seen", () => {
  for (
    const [counters, expected] of [
      [ALL_DELIVERED, []],
      [{ produced: 6, delivered: 5, failed: 0 }, [
        "1 taken is not delivered and failed",
        "1 counted as delivered is not in the topic",
      ]],
      [ONE_FAILED, ["1 counted as delivered is not in the topic"]],
      [{ produced: 7, delivered: 6, failed: 1 }, ["1 taken is not what was sent"]],
      [{ produced: 5, delivered: 5, failed: 0 }, [
        "1 taken is not what was sent",
        "1 counted as delivered is not in the topic",
      ]],
    ] as const
  ) assert.deepEqual(problemsOf(trial(), { counters }), expected, JSON.stringify(counters));
});
