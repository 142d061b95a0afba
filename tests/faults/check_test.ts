/**
 * The checker itself: a trial in which all is well passes, and one with a message dropped, doubled or swapped on
 * purpose does not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { check } from "./check.ts";
import { NO_FAILURES } from "./failures.ts";
import { again, failuresOf, NOTHING_ELSE, problemsOf, READER, trial } from "./faultless_trial.ts";

Deno.test("a trial in which all is well has no problems", () => {
  const { journal, topic } = trial();
  journal.cleanRestartsMs.push(500);
  assert.deepEqual(problemsOf({ journal, topic }), []);
  assert.equal(check(journal, { ...NOTHING_ELSE, topic }).inKafka, 6);
});

Deno.test("a message that is dropped from the topic is missed", () => {
  const { journal, topic } = trial();
  assert.deepEqual(problemsOf({ journal, topic: topic.slice(0, -1) }), [
    "1 covered by WAIT 1 and not in the topic",
    "1 answered, not in the topic, and no failure is known",
    "1 handed out with another value than is in the topic",
  ]);
});

Deno.test("a message that was answered only is missed, unless its failure is known or the gateway was killed", () => {
  const { journal, topic } = trial();
  journal.sent.at(-1)!.covered = undefined;
  journal.handedOut.pop();
  topic.pop();
  assert.deepEqual(problemsOf({ journal, topic }), [
    "1 answered, not in the topic, and no failure is known",
  ]);
  const { id, key } = journal.sent.at(-1)!;
  for (const failures of [failuresOf({ id, key }), { ...NO_FAILURES, logged: 1 }]) {
    assert.deepEqual(problemsOf({ journal, topic }, { failures }), []);
  }
  assert.deepEqual(problemsOf({ journal, topic }, { gatewayKilled: true }), []);
});

Deno.test("a message that DUMP has covered is missed, also when the gateway was killed", () => {
  const { journal, topic } = trial();
  journal.sent.at(-1)!.covered = "DUMP";
  journal.handedOut.pop();
  topic.pop();
  const missing = "1 covered by DUMP 0, not in the topic, and no failure is known";
  assert.deepEqual(problemsOf({ journal, topic }, { gatewayKilled: true }), [missing]);
});

Deno.test("what is said of failures must be true", () => {
  for (
    const [wrong, failures] of [
      ["1 named as NOT_PERSISTED, but in the topic", { id: "1.4" }],
      ["1 named as a failure with another key", { key: "other" }],
      ["1 named as a failure, but nobody has sent it", { id: "9.9" }],
      ["1 failures do not add up", { counted: 2 }],
      ["1 failures do not add up", { logged: 0 }],
    ] as const
  ) {
    const { journal, topic } = trial();
    for (const sent of journal.sent) sent.covered = undefined;
    journal.handedOut.pop();
    topic.pop();
    const problems = problemsOf({ journal, topic }, { failures: failuresOf(failures) });
    assert.ok(problems.includes(wrong), `${wrong} in ${problems}`);
  }
});

Deno.test("a message cannot fail that WAIT has covered, or that was refused", () => {
  const { journal, topic } = trial();
  const failures = failuresOf({ possiblyPersisted: true });
  assert.deepEqual(problemsOf({ journal, topic }, { failures }), [
    "1 named as a failure, but covered by WAIT 1",
  ]);
  const [last] = journal.sent.slice(-1);
  Object.assign(last!, { covered: undefined, answered: false, refused: true });
  journal.handedOut.pop();
  topic.pop();
  assert.deepEqual(problemsOf({ journal, topic }, { failures }), [
    "1 named as a failure, but never taken",
  ]);
});

Deno.test("a message that is doubled in the topic is seen", () => {
  const { journal, topic } = trial();
  const doubled = { ...topic.at(-1)!, offset: topic.length };
  journal.handedOut.push({
    ...journal.handedOut.at(-1)!,
    offset: topic.length,
    atMs: 999,
  });
  assert.deepEqual(problemsOf({ journal, topic: [...topic, doubled] }), [
    "1 sent once, reported as delivered, and again in the topic",
  ]);
});

Deno.test("a message that the client has sent again is counted, and no problem", () => {
  const { journal, topic } = trial();
  const sent = journal.send({ connection: 1, key: "k", message: "m5", again: true, atMs: 9 });
  const offset = topic.length;
  journal.handedOut.push({ ...journal.handedOut.at(-1)!, offset, id: sent.id, atMs: 999 });
  const longer = [...topic, { partition: 0, offset, key: "k", id: sent.id }];
  assert.deepEqual(problemsOf({ journal, topic: longer }), []);
});

Deno.test("two messages of a key that are swapped are seen, of two connections they are not", () => {
  const { journal, topic } = trial();
  const swapped = topic.with(2, { ...topic[2]!, id: topic[3]!.id })
    .with(3, { ...topic[3]!, id: topic[2]!.id });
  assert.ok(
    problemsOf({ journal, topic: swapped }).includes("1 in the topic behind what was sent later"),
  );
  const other = journal.send({ connection: 2, key: "k", message: "o", atMs: 9 });
  const between = [{ partition: 0, offset: 0, key: "k", id: other.id }];
  topic.forEach((record) => between.push({ ...record, key: "k", offset: record.offset + 1 }));
  journal.handedOut.forEach((handout, index) =>
    journal.handedOut[index] = { ...handout, offset: handout.offset + 1 }
  );
  journal.handedOut.push({ ...journal.handedOut[0]!, offset: 0, id: other.id, atMs: -1 });
  assert.deepEqual(problemsOf({ journal, topic: between }), []);
});

Deno.test("what nobody has sent, only half, or with another key is seen in the topic", () => {
  const { journal, topic } = trial();
  const half = journal.send({
    connection: 1,
    key: "k",
    message: "half",
    incomplete: true,
    atMs: 9,
  });
  const strange = [
    ...topic.with(0, { ...topic[0]!, key: "other" }),
    { partition: 0, offset: 6, key: "k", id: half.id },
    { partition: 0, offset: 7, key: "k", id: "9.9" },
  ];
  const problems = problemsOf({ journal, topic: strange });
  for (
    const kind of [
      "1 in the topic with another key",
      "1 in the topic from half a command",
      "1 in the topic, but nobody has sent it",
      "2 never handed out",
    ]
  ) assert.ok(problems.includes(kind), `${kind} in ${problems}`);
});

Deno.test("a message that is handed out to nobody is missed", () => {
  const { journal, topic } = trial();
  journal.handedOut.splice(3, 1);
  assert.deepEqual(problemsOf({ journal, topic }), ["1 never handed out"]);
});

Deno.test("a message that is handed out twice needs a reason: a new owner of its partition", () => {
  const { journal, topic } = trial();
  journal.handedOut[5]!.ackedAtMs = undefined;
  again(journal, 5, { connection: 101, worker: "group:other" });
  const problem = "1 handed out again without a new owner";
  assert.deepEqual(problemsOf({ journal, topic }), [problem]);
  for (const [atMs, expected] of [[900, []], [1_001, [problem]], [-2_000, [problem]]] as const) {
    const assignments = [{ worker: "group:other", partition: 0, atMs }];
    assert.deepEqual(problemsOf({ journal, topic }, { assignments }), expected);
  }
});

Deno.test("what was acked comes again only where acks may be lost", () => {
  const { journal, topic } = trial();
  again(journal, 5, { connection: 101 });
  assert.deepEqual(problemsOf({ journal, topic }), ["1 acked, and handed out again"]);
  assert.deepEqual(problemsOf({ journal, topic }, { acksMayBeLost: true }), []);
});

Deno.test("an ack comes to nothing where Kafka has refused its worker's commit, and nowhere else", () => {
  const { journal, topic } = trial();
  again(journal, 5, { connection: 101 });
  const refused = { worker: READER.worker, partition: 0, atMs: 500 };
  assert.deepEqual(problemsOf({ journal, topic }, { refusedCommits: [refused] }), []);
  for (
    const other of [{ worker: "group:other" }, { partition: 1 }, { atMs: 1_001 }, { atMs: -2_000 }]
  ) {
    const refusedCommits = [{ ...refused, ...other }];
    assert.deepEqual(problemsOf({ journal, topic }, { refusedCommits }), [
      "1 acked, and handed out again",
    ]);
  }
});

Deno.test("what was acked never comes again after a clean restart", () => {
  const { journal, topic } = trial();
  journal.cleanRestartsMs.push(500);
  again(journal, 2, { connection: 101 });
  assert.deepEqual(problemsOf({ journal, topic }, { acksMayBeLost: true }), [
    "1 acked, committed, and handed out after a clean restart",
  ]);
});

Deno.test("an ack whose commit Kafka has refused while the worker left is no promise", () => {
  const { journal, topic } = trial();
  journal.cleanRestartsMs.push(500);
  again(journal, 2, { connection: 101 });
  const refusedCommits = [{ worker: READER.worker, partition: 0, atMs: 490 }];
  assert.deepEqual(problemsOf({ journal, topic }, { acksMayBeLost: true, refusedCommits }), []);
});
