/**
 * What the checker says of entries that the stream's group has handed out wrongly.
 *
 * @module
 */
import assert from "node:assert/strict";
import { check } from "./check.ts";
import { entryAgain, NOTHING_ELSE, problemsOf, streamTrial, unack } from "./faultless_trial.ts";
import type { EntryEvidence, Loss } from "./stream_handouts.ts";

/** A kill at that time, with acks of the second before it. */
function kill(atMs: number, unsafeMs = 1_000): { stream: EntryEvidence } {
  return losses({ atMs, partition: undefined, unsafeMs });
}

function losses(...all: Loss[]): { stream: EntryEvidence } {
  return { stream: { losses: all, inOrderOfKeys: false } };
}

Deno.test("an entry that is never handed out is missed", () => {
  const trial = streamTrial();
  trial.journal.entries.splice(2, 1);
  assert.deepEqual(problemsOf(trial), ["1 never handed out by the stream"]);
});

Deno.test("an entry that holds another message than is at its place is seen", () => {
  const trial = streamTrial();
  Object.assign(trial.journal.entries[2]!, { id: "1.0" });
  assert.deepEqual(problemsOf(trial), ["1 an entry with another value than is in the topic"]);
});

Deno.test("an entry whose id has another time than its message is seen", () => {
  const trial = streamTrial();
  Object.assign(trial.journal.entries[2]!, { entryId: "1-4096" });
  assert.deepEqual(problemsOf(trial), ["1 an entry with another time than is in the topic"]);
});

for (
  const [what, fields] of [
    ["value's name", ["value", "1.2", "key", "k", "h", "1"]],
    ["key", ["data", "1.2", "key", "other", "h", "1"]],
    ["number of headers", ["data", "1.2", "key", "k"]],
    ["header", ["data", "1.2", "key", "k", "h", "2"]],
  ] as const
) {
  Deno.test(`an entry with another ${what} than was written is seen`, () => {
    const trial = streamTrial();
    Object.assign(trial.journal.entries[2]!, { fields });
    assert.deepEqual(problemsOf(trial), ["1 an entry with other fields than were written"]);
  });
}

Deno.test("an entry that was acked and comes again is seen, whichever way it comes", () => {
  for (const way of ["new", "claim", "history"] as const) {
    const trial = streamTrial();
    entryAgain(trial.journal, 2, { way });
    assert.deepEqual(problemsOf(trial), [`1 acked, and handed out again (${way})`]);
  }
});

Deno.test("a kill may lose the acks of the last second, and no others", () => {
  const again = "1 acked, and handed out again (new)";
  for (
    const [atMs, expected] of [[24, []], [900, []], [1_100, [again]], [6_000, [again]]] as const
  ) {
    const trial = streamTrial();
    entryAgain(trial.journal, 2);
    assert.deepEqual(problemsOf(trial, kill(atMs)), expected, `killed at ${atMs}`);
  }
});

Deno.test("what was committed does not come again, also when the gateway stops or loses a partition", () => {
  const trial = streamTrial();
  entryAgain(trial.journal, 2);
  assert.deepEqual(problemsOf(trial, kill(500, 0)), ["1 acked, and handed out again (new)"]);
  const other = losses({ atMs: 500, partition: 1, unsafeMs: Infinity });
  assert.deepEqual(problemsOf(trial, other), ["1 acked, and handed out again (new)"]);
  const same = losses({ atMs: 500, partition: 0, unsafeMs: Infinity });
  assert.deepEqual(problemsOf(trial, same), []);
});

Deno.test("an ack that was lost once is no excuse for the next one", () => {
  const trial = streamTrial();
  entryAgain(trial.journal, 2, {
    askedAtMs: 1_500,
    atMs: 1_501,
    ackSentAtMs: 1_502,
    ackedAtMs: 1_503,
  });
  entryAgain(trial.journal, 2);
  assert.deepEqual(problemsOf(trial, kill(500)), ["1 acked, and handed out again (new)"]);
});

Deno.test("an entry that is not acked comes as new again only when its consumer or the group has lost it", () => {
  const trial = streamTrial();
  unack(trial.journal, 2);
  entryAgain(trial.journal, 2);
  const problem = "1 handed out as new again without a reason";
  assert.deepEqual(problemsOf(trial), [problem]);
  assert.deepEqual(problemsOf(trial, kill(3_000)), []);
  assert.deepEqual(problemsOf(trial, kill(10)), [problem]);
  for (const [consumer, expected] of [["one", []], ["another", [problem]]] as const) {
    trial.journal.deletedConsumers.splice(0, 1, { consumer, atMs: 3_000 });
    assert.deepEqual(problemsOf(trial), expected);
  }
});

Deno.test("an entry is claimed by whoever says how long it must be idle, and not before", () => {
  for (
    const [minIdleMs, expected] of [
      [4_000, []],
      [6_000, ["1 claimed before it was idle for so long"]],
    ] as const
  ) {
    const trial = streamTrial();
    unack(trial.journal, 2);
    entryAgain(trial.journal, 2, { way: "claim", minIdleMs });
    assert.deepEqual(problemsOf(trial), expected);
  }
});

Deno.test("an ack of a pending entry counts, unless somebody else has acked it, or the group has lost it", () => {
  const trial = streamTrial();
  const [entry] = trial.journal.entries.slice(2);
  Object.assign(entry!, { ackedAtMs: undefined, ackDeniedAtMs: 23 });
  const problem = "1 pending, and its ack counted for nothing";
  assert.deepEqual(problemsOf(trial), [problem]);
  assert.deepEqual(problemsOf(trial, kill(21)), []);
  assert.deepEqual(problemsOf(trial, kill(19)), [problem]);
  assert.deepEqual(problemsOf(trial, kill(1_500)), [problem]);
  entryAgain(trial.journal, 2, {
    ...{ way: "claim", askedAtMs: 20, atMs: 21, ackSentAtMs: 21, ackedAtMs: 22 },
  });
  assert.deepEqual(problemsOf(trial), []);
});

Deno.test("a key's next entry that comes before the one before it is acked is seen where order is kept", () => {
  const ordered = { stream: { losses: [], inOrderOfKeys: true } };
  const trial = streamTrial();
  assert.deepEqual(problemsOf(trial, ordered), []);
  Object.assign(trial.journal.entries[2]!, { ackSentAtMs: 35, ackedAtMs: 36 });
  const problem = "1 handed out while the one of its key before it is pending";
  assert.deepEqual(problemsOf(trial, ordered), [problem]);
  assert.deepEqual(problemsOf(trial), []);
  const otherKey = streamTrial();
  Object.assign(otherKey.journal.entries[2]!, { ackSentAtMs: 35, ackedAtMs: 36 });
  otherKey.topic[2] = { ...otherKey.topic[2]!, key: "other" };
  assert.ok(!problemsOf(otherKey, ordered).includes(problem));
});

Deno.test("handouts are counted by what they are", () => {
  const trial = streamTrial();
  unack(trial.journal, 2);
  entryAgain(trial.journal, 2, { way: "claim" });
  entryAgain(trial.journal, 2, {
    askedAtMs: 6_000,
    atMs: 6_001,
    ackSentAtMs: 6_002,
    ackedAtMs: 6_003,
  });
  const { added, entriesHandedOut, entriesAcked, claimed, redeliveredEntries, problems } = check(
    trial.journal,
    { ...NOTHING_ELSE, topic: trial.topic, ...kill(5_500) },
  );
  assert.deepEqual(
    { added, entriesHandedOut, entriesAcked, claimed, redeliveredEntries, problems },
    {
      added: 6,
      entriesHandedOut: 8,
      entriesAcked: 6,
      claimed: 1,
      redeliveredEntries: 1,
      problems: [],
    },
  );
});
