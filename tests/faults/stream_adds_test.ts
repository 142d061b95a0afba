/**
 * What the checker says of XADD's answers that are not so.
 *
 * @module
 */
import assert from "node:assert/strict";
import { failuresOf, idAt, problemsOf, streamTrial } from "./faultless_trial.ts";

Deno.test("a stream in which all is well has no problems", () => {
  assert.deepEqual(problemsOf(streamTrial()), []);
});

Deno.test("an entry that XADD has answered with an id and that is not in the topic is missed", () => {
  const { journal, topic } = streamTrial();
  topic.pop();
  const missing = "1 added by XADD and not in the topic";
  for (const evidence of [{}, { gatewayKilled: true }, { failures: failuresOf({}) }]) {
    assert.ok(problemsOf({ journal, topic }, evidence).includes(missing));
  }
});

Deno.test("an entry that XADD has added cannot have failed", () => {
  const problems = problemsOf(streamTrial(), {
    failures: failuresOf({ possiblyPersisted: true }),
  });
  assert.deepEqual(problems, ["1 named as a failure, but added by XADD"]);
});

Deno.test("an entry that XADD has added twice is seen", () => {
  const { journal, topic } = streamTrial();
  const problems = problemsOf({ journal, topic: [...topic, { ...topic[2]!, offset: 6 }] });
  assert.ok(
    problems.includes("1 sent once, reported as delivered, and again in the topic"),
    String(problems),
  );
});

for (
  const [what, entryId] of [
    ["offset", idAt(4)],
    ["partition", idAt(2, 1)],
    ["id at all", "5"],
  ] as const
) {
  Deno.test(`XADD that names another ${what} is seen`, () => {
    const { journal, topic } = streamTrial();
    journal.sent[2]!.entryId = entryId;
    assert.deepEqual(problemsOf({ journal, topic }), ["1 XADD named another place"]);
  });
}

Deno.test("XADD that names another time is seen", () => {
  const { journal, topic } = streamTrial();
  journal.sent[2]!.entryId = "1234-4096";
  assert.deepEqual(problemsOf({ journal, topic }), ["1 XADD named another time"]);
});

Deno.test("headers that are not those of the entry are seen", () => {
  const { journal, topic } = streamTrial();
  topic[2] = { ...topic[2]!, headers: "h=2" };
  assert.deepEqual(problemsOf({ journal, topic }), ["1 in the topic with other headers"]);
});

Deno.test("an entry that XADD could not add may be in the topic if the error says so", () => {
  for (
    const [addError, expected] of [
      ["PROD _MSG_TIMED_OUT: it may be stored all the same", []],
      ["PROD _MSG_TIMED_OUT", ["1 answered as not stored, but in the topic"]],
    ] as const
  ) {
    const { journal, topic } = streamTrial();
    const sent = journal.sent.at(-1)!;
    Object.assign(sent, { answered: false, covered: undefined, entryId: undefined, addError });
    assert.deepEqual(problemsOf({ journal, topic }), expected);
  }
});
