import assert from "node:assert/strict";
import type { ParserLimits } from "../../src/resp/request_parser.ts";
import {
  chooseSeed,
  cutEachByte,
  cutRandomly,
  encodeRequest,
  fromBytes,
  SEED_VARIABLE,
  SeededRandom,
  toBytes,
} from "../support/wire.ts";
import { BAD_CASES } from "./bad_request_cases.ts";
import { type Outcome, parseChunks } from "./parse_chunks.ts";
import { CASE_LIMITS, GOOD_CASES } from "./request_cases.ts";

const MUTANTS = 200_000;
const PIPELINES = 10_000;

/** Small, so that mutants reach them. */
const LIMITS: ParserLimits = { maxBulkBytes: 40, maxArguments: 6, maxRequestBytes: 25 };

/** What mutants grow from: the rows of the tables that are not made of one long line. */
const CORPUS = [...GOOD_CASES, ...BAD_CASES].map(({ wire }) => wire).filter((wire) => {
  return wire.length > 0 && wire.length < 200;
});

/** Pieces of syntax, so that a mutation makes sense now and then. */
const TOKENS = [
  ...[
    "\r\n",
    "\n",
    "\r",
    "*",
    "$",
    "*1\r\n",
    "*2\r\n",
    "*-1\r\n",
    "$0\r\n\r\n",
    "$1\r\n",
    "$-1\r\n",
  ],
  ...["0", "1", "9", "40", "41", "-", "+", ":", "99999999999999999", '"', "'", "\\", "\\x", " "],
  ...["\0", "\x7f", "\x80", "\xff", "PING\r\n", "*1\r\n$4\r\nPING\r\n", 'ECHO "a b"\r\n'],
];

/** How mutants can end: well, or in one of these. */
const ENDINGS = new Set([
  undefined,
  "Protocol error: invalid multibulk length",
  "Protocol error: expected '$'",
  "Protocol error: invalid bulk length",
  "Protocol error: request larger than 25 bytes",
  "Protocol error: unbalanced quotes in request",
]);

const seed = chooseSeed();

Deno.test(`RequestParser reads ${MUTANTS} mutants alike in any cut, ${SEED_VARIABLE}=${seed}`, () => {
  const random = new SeededRandom(seed);
  const endings = new Set<string | undefined>();
  for (let i = 0; i < MUTANTS; i++) {
    const wire = mutate(random);
    const bytes = toBytes(wire);
    const whole = parseChunks([bytes], LIMITS);
    expectPlausible(whole, wire);
    expectSame(parseChunks(cutEachByte(bytes), LIMITS), whole, wire);
    expectSame(parseChunks(cutRandomly(bytes, random, 6), LIMITS), whole, wire);
    endings.add(whole.error?.replace(/, got .*/, ""));
  }
  // A fuzz that no longer reaches every error shows nothing; lines that are too long have rows.
  assert.deepEqual(endings, ENDINGS);
});

Deno.test(`RequestParser returns what was encoded, ${SEED_VARIABLE}=${seed}`, () => {
  const random = new SeededRandom(seed);
  for (let i = 0; i < PIPELINES; i++) {
    const requests = Array.from({ length: 1 + random.below(4) }, () => randomRequest(random));
    const wire = toBytes(requests.map(encodeRequest).join(""));
    const outcome = parseChunks(cutRandomly(wire, random, 10), CASE_LIMITS);
    assert.deepEqual(outcome, { requests, error: undefined });
  }
});

/** A row of the tables, or two joined, with one to four random changes. */
function mutate(random: SeededRandom): string {
  let wire = random.pick(CORPUS);
  if (random.below(3) === 0) wire += random.pick(CORPUS);
  for (let changes = 1 + random.below(4); changes > 0; changes--) {
    wire = mutateOnce(wire, random);
  }
  return wire;
}

function mutateOnce(wire: string, random: SeededRandom): string {
  const at = random.below(wire.length + 1);
  const head = wire.slice(0, at);
  switch (random.below(7)) {
    case 0:
      return head + String.fromCharCode(random.below(256)) + wire.slice(at + 1);
    case 1:
      return head + wire.slice(at + 1 + random.below(4));
    case 2:
      return head;
    case 3:
      return head + wire.slice(random.below(wire.length + 1)).slice(0, 200);
    case 4:
      return head + random.pick(TOKENS) + wire.slice(at + random.below(3));
    default:
      return head + random.pick(TOKENS) + wire.slice(at);
  }
}

/** Short, and of bytes that a parser may trip over. */
function randomRequest(random: SeededRandom): string[] {
  return Array.from({ length: 1 + random.below(6) }, () => {
    return fromBytes(Uint8Array.from({ length: random.below(11) }, () => {
      return random.pick([0, 10, 13, 36, 42, 49, 65, 170, 255]);
    }));
  });
}

/** No request is empty, too big, or made of more than came in. */
function expectPlausible({ requests, error }: Outcome, wire: string): void {
  let size = 0;
  for (const request of requests) {
    assert.ok(request.length > 0, JSON.stringify(wire));
    size += 1 + request.reduce((sum, argument) => sum + argument.length, 0);
  }
  assert.ok(size <= wire.length, `more came out than went in of ${JSON.stringify(wire)}`);
  if (error !== undefined) assert.match(error, /^Protocol error: [ -~]+$/);
}

/** Like deepEqual, but quick when all is well. */
function expectSame(actual: Outcome, expected: Outcome, wire: string): void {
  if (JSON.stringify(actual) === JSON.stringify(expected)) return;
  assert.deepEqual(actual, expected, `seed ${seed}: ${JSON.stringify(wire)}`);
}
