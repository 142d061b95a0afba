/**
 * The judge of lists: a trial in which all is well passes, and one with a message lost, doubled or not heard does not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { checkLists, type ListAck, ListJournal, type Popped } from "./list_journal.ts";

const STORED = ["0", "1", "2"];

/** Three messages, each confirmed, popped, acked and heard, a second apart. */
function trial(): ListJournal {
  const journal = new ListJournal();
  for (const [at, id] of STORED.entries()) {
    const atMs = at * 1_000;
    journal.pushed.push({ id, sentAtMs: atMs, confirmedAtMs: atMs + 1 });
    journal.popped.push(pop(id, atMs + 2, { settledAtMs: atMs + 3 }));
  }
  journal.subscriptions.push({
    subscribedAtMs: -1,
    ids: [...STORED],
    endedAtMs: 9_000,
    isWhole: true,
  });
  return journal;
}

function pop(id: string, atMs: number, more: Partial<Popped> = {}): Popped {
  return {
    id,
    atMs,
    settledAtMs: undefined,
    heldUntilMs: undefined,
    askedAgainAtMs: undefined,
    ...more,
  };
}

function problemsOf(
  change: (journal: ListJournal) => void,
  ack: ListAck = "next",
  stored: readonly string[] = STORED,
): readonly string[] {
  const journal = trial();
  change(journal);
  return checkLists(journal, ack, stored).problems;
}

Deno.test("lists: a trial in which all is well has no problems", () => {
  assert.deepEqual(problemsOf(() => {}), []);
  assert.deepEqual(problemsOf(() => {}, "sent"), []);
});

Deno.test("lists: what is confirmed is in the topic, once", () => {
  assert.deepEqual(problemsOf(() => {}, "next", ["0", "1"]), [
    "1 confirmed and not in the topic: 2",
    "1 popped and not in the topic: 2",
  ]);
  assert.deepEqual(problemsOf(() => {}, "next", [...STORED, "1"]), [
    "1 sent once and twice in the topic: 1",
  ]);
});

Deno.test("lists: a pop that a killed gateway has not read acks nothing, one that it may have read may", () => {
  const killed = (askedAgainAtMs: number) => (journal: ListJournal): void => {
    Object.assign(journal.popped[0]!, { settledAtMs: undefined, askedAgainAtMs });
    journal.disturbances.push({ fromMs: 500, toMs: 5_000 });
  };
  assert.deepEqual(problemsOf(killed(100)), []);
  assert.deepEqual(problemsOf(killed(900)), ["1 died with its worker and never came again: 0"]);
});

Deno.test("lists: what nobody pops is lost, with `sent` unless a connection has died for it", () => {
  const lose = (journal: ListJournal): void => void journal.popped.pop();
  assert.deepEqual(problemsOf(lose), ["1 lost: never popped: 2"]);
  assert.deepEqual(problemsOf(lose, "sent"), [
    "1 lost: more than the connections that died: 1 (2)",
  ]);
  const dies = (journal: ListJournal): void => {
    lose(journal);
    journal.deaths = 1;
  };
  assert.deepEqual(problemsOf(dies, "sent"), []);
  assert.equal(problemsOf(dies).length, 1);
});

Deno.test("lists: what a dead worker has popped comes again, and what is acked does not", () => {
  const dead = pop("0", 5_000, { heldUntilMs: 5_100 });
  const dies = (journal: ListJournal): void => void journal.popped.splice(0, 1, dead);
  assert.deepEqual(problemsOf(dies), ["1 died with its worker and never came again: 0"]);
  const comes = (journal: ListJournal): void => {
    dies(journal);
    journal.popped.push(pop("0", 5_200, { settledAtMs: 5_300 }));
  };
  assert.deepEqual(problemsOf(comes), []);
  const again = (journal: ListJournal): void =>
    void journal.popped.push(pop("0", 5_200, { settledAtMs: 5_300 }));
  assert.deepEqual(problemsOf(again), ["1 popped again after its ack: 0"]);
  assert.deepEqual(problemsOf(again, "sent"), ["1 popped twice: 0"]);
});

Deno.test("lists: a message is with one worker at a time", () => {
  const both = (journal: ListJournal): void => {
    journal.popped.splice(0, 1, pop("0", 2, { heldUntilMs: 60_000 }));
    journal.popped.push(pop("0", 5_000, { settledAtMs: 5_001 }));
  };
  assert.deepEqual(problemsOf(both), ["1 with two workers: 0"]);
});

Deno.test("lists: an ack may be lost when the group is disturbed just then", () => {
  const again = (fromMs: number) => (journal: ListJournal): void => {
    journal.disturbances.push({ fromMs, toMs: fromMs + 1_000 });
    journal.popped.push(pop("0", fromMs + 500, { settledAtMs: fromMs + 501 }));
  };
  assert.deepEqual(problemsOf(again(1_000)), []);
  assert.deepEqual(problemsOf(again(1_000), "sent"), []);
  assert.equal(problemsOf(again(10_000)).length, 1); // committed long before
  assert.equal(problemsOf(again(10_000), "sent").length, 1);
});

Deno.test("lists: a subscriber hears once what is produced meanwhile", () => {
  assert.deepEqual(problemsOf(({ subscriptions }) => void subscriptions[0]!.ids.pop()), [
    "1 produced and not heard: 2",
  ]);
  assert.deepEqual(problemsOf(({ subscriptions }) => void subscriptions[0]!.ids.push("1")), [
    "1 heard twice: 1 of 4",
  ]);
  const cutOff = ({ subscriptions: [one] }: ListJournal): void => {
    one!.ids.pop();
    one!.isWhole = false;
    one!.endedAtMs = 2_002;
  };
  assert.deepEqual(problemsOf(cutOff), []);
});
