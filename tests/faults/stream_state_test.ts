/**
 * What the checker says when XPENDING, XINFO, XLEN, XRANGE or Kafka's own tool do not agree with the clients.
 *
 * @module
 */
import assert from "node:assert/strict";
import { entryAgain, idAt, problemsOf, streamTrial, unack } from "./faultless_trial.ts";
import type { Journal } from "./journal.ts";
import { Problems } from "./problems.ts";
import { checkState, HOARDER, holdings, type StreamState } from "./stream_state.ts";

/** One partition of six entries, the third of which the hoarder has. */
const TRUE_STATE: StreamState = {
  pending: new Map([[idAt(2), HOARDER]]),
  pendingCount: 1,
  group: { pending: 1, lag: 1 },
  xlen: 6,
  stream: { length: 6, first: idAt(0), last: idAt(5) },
  ids: [0, 1, 2, 3, 4, 5].map((offset) => idAt(offset)),
  history: [idAt(2)],
  committed: new Map([[0, { offset: 2, end: 6 }], [1, { offset: undefined, end: 0 }]]),
};

function problemsWith(
  change: Partial<StreamState>,
  spoil: (journal: Journal) => void = () => {},
): string[] {
  const { journal, topic } = streamTrial();
  unack(journal, 2);
  Object.assign(journal.entries[2]!, { consumer: HOARDER });
  spoil(journal);
  const state = { ...TRUE_STATE, ...change };
  const observation = { when: "then", state, held: holdings(journal) };
  return problemsOf({ journal, topic }, { observations: [observation] });
}

Deno.test("a state that agrees has no problems", () => {
  assert.deepEqual(problemsWith({}), []);
  const unknown = { committed: undefined, group: undefined, stream: undefined };
  assert.deepEqual(problemsWith(unknown), []);
});

const SPOILT: readonly (readonly [what: string, change: Partial<StreamState>, problem: string])[] =
  [
    ["an acked entry that is pending", {
      pending: new Map([[idAt(2), HOARDER], [idAt(4), "one"]]),
      pendingCount: 2,
      group: { pending: 2, lag: 1 },
    }, "1 acked, and pending then"],
    ["an entry that is not pending any more", {
      pending: new Map(),
      pendingCount: 0,
      group: { pending: 0, lag: 1 },
      history: [],
      committed: new Map([[0, { offset: 6, end: 6 }]]),
    }, "1 not acked, and not pending then"],
    ["an entry that somebody else has", {
      pending: new Map([[idAt(2), "one"]]),
      history: [],
    }, "1 pending with somebody else then"],
    ["an entry that nobody was given", {
      pending: new Map([[idAt(2), HOARDER], [idAt(9), "one"]]),
      pendingCount: 2,
      group: { pending: 2, lag: 1 },
    }, "1 pending with nobody then"],
    [
      "a summary with another number",
      { pendingCount: 2 },
      "1 the numbers of pending entries differ then",
    ],
    [
      "XINFO GROUPS with another number",
      { group: { pending: 0, lag: 1 } },
      "1 the numbers of pending entries differ then",
    ],
    ["a history without a pending entry", { history: [] }, "1 XREADGROUP and XPENDING differ then"],
    ["a null for a history", { history: undefined }, "1 XREADGROUP and XPENDING differ then"],
    [
      "a lag that is too small",
      { group: { pending: 1, lag: 0 } },
      "1 another lag than is not acked then",
    ],
    [
      "a lag that is not known",
      { group: { pending: 1, lag: undefined } },
      "1 another lag than is not acked then",
    ],
    [
      "a commit behind what is not acked",
      { committed: new Map([[0, { offset: 3, end: 6 }]]) },
      "1 another offset is committed then",
    ],
    [
      "a commit before what is acked",
      { committed: new Map([[0, { offset: 1, end: 6 }]]) },
      "1 another offset is committed then",
    ],
    [
      "no commit",
      { committed: new Map([[0, { offset: undefined, end: 6 }]]) },
      "1 another offset is committed then",
    ],
    ["another XLEN", { xlen: 5 }, "1 another length than the topic's then"],
    [
      "another length of XINFO STREAM",
      { stream: { ...TRUE_STATE.stream!, length: 7 } },
      "1 another length than the topic's then",
    ],
    [
      "an XRANGE without an entry",
      { ids: TRUE_STATE.ids.toSpliced(3, 1) },
      "1 in the topic, not in XRANGE then",
    ],
    [
      "an XRANGE with another entry",
      { ids: [...TRUE_STATE.ids, idAt(6)] },
      "1 in XRANGE, not in the topic then",
    ],
    [
      "an XRANGE with an entry twice",
      { ids: [...TRUE_STATE.ids, idAt(5)] },
      "1 twice in XRANGE then",
    ],
    [
      "an end that is not there",
      { stream: { ...TRUE_STATE.stream!, last: idAt(6) } },
      "1 XINFO STREAM names an entry that is not there then",
    ],
    [
      "no end",
      { stream: { ...TRUE_STATE.stream!, first: undefined } },
      "1 XINFO STREAM names an entry that is not there then",
    ],
  ];

for (const [what, change, problem] of SPOILT) {
  Deno.test(`${what} is seen`, () => assert.deepEqual(problemsWith(change), [problem]));
}

Deno.test("of an entry whose XACK had no answer nothing is known", () => {
  const sendAck = (journal: Journal): void => {
    journal.entries[2]!.ackSentAtMs = 30;
  };
  assert.deepEqual(problemsWith({}, sendAck), []);
  const acked = { pending: new Map(), pendingCount: 0, group: { pending: 0, lag: 0 }, history: [] };
  const committed = new Map([[0, { offset: 6, end: 6 }]]);
  assert.deepEqual(problemsWith({ ...acked, committed }, sendAck), []);
});

Deno.test("an entry that was handed out anew is pending, whatever became of it before", () => {
  const { journal } = streamTrial();
  entryAgain(journal, 2);
  const { id } = journal.entries[2]!;
  assert.deepEqual(holdings(journal).get("[0]@2"), { id, consumer: "other", isUncertain: false });
});

Deno.test("what was pending of a topic that was made again since is not expected any more", () => {
  const { journal, topic } = streamTrial();
  unack(journal, 2);
  Object.assign(journal.entries[2]!, { consumer: HOARDER });
  const gone = new Map([["[0]@7", { id: "0.99", consumer: HOARDER, isUncertain: false }]]);
  const held = new Map([...holdings(journal), ...gone]);
  const problems = new Problems();
  checkState({ when: "then", state: TRUE_STATE, held }, topic, problems);
  assert.deepEqual(problems.lines, []);
});
