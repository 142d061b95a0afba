/**
 * Requests that are the same as one before them: whatever is run as such is what the parser reads one by one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { runSame } from "../../../src/commands/core/following_run.ts";
import { type ParserLimits, RequestParser } from "../../../src/resp/request_parser.ts";
import { parseChunks } from "../../resp/parse_chunks.ts";
import {
  chooseSeed,
  cutEachByte,
  cutRandomly,
  encodeRequest,
  fromBytes,
  SEED_VARIABLE,
  SeededRandom,
  toBytes,
} from "../../support/wire.ts";

const LIMITS: ParserLimits = {
  maxArguments: 10,
  maxBulkBytes: 1_000,
  maxRequestBytes: 2_000,
  maxKeptBytes: 100,
  skipsLongArguments: () => true,
};
const FUZZ_ROUNDS = 300;
const MAX_RUN = 4;

const REQUESTS = [
  encodeRequest(["BLPOP", "t", "1"]),
  encodeRequest(["BLPOP", "t", "2"]),
  encodeRequest(["BLPOP", "t", "1", "1"]),
  encodeRequest(["BLPOP", "x".repeat(101), "1"]),
  encodeRequest([""]),
  "BLPOP t 1\r\n",
  "\r\n",
  "*0\r\n",
];

Deno.test("Requests that are the same are run together, up to the limit; the next ones are left", () => {
  const [one, two] = REQUESTS;
  const wire = one!.repeat(7) + two!.repeat(2) + one!.slice(0, -1);
  const { runs } = parseSame([toBytes(wire)], (count) => count);
  assert.deepEqual(runs, [MAX_RUN, 1, 1]);
  assert.deepEqual(parseSame([toBytes(one!.repeat(4))], () => 2).runs, [3]);
});

Deno.test("Of requests in pieces only those are run together that are whole, behind a whole one", () => {
  const one = REQUESTS[0]!;
  const wire = toBytes(one.repeat(4));
  assert.deepEqual(parseSame(cutEachByte(wire), (count) => count).runs, []);
  const chunks = [wire.slice(0, 5), wire.slice(5)];
  assert.deepEqual(parseSame(chunks, (count) => count).runs, [2]);
});

Deno.test("runSame() and next() in turn read what next() alone reads, however it arrives", () => {
  const seed = chooseSeed();
  const random = new SeededRandom(seed);
  for (let round = 0; round < FUZZ_ROUNDS; round++) {
    const times = (): number => random.pick([1, 1, 2, 3, 5, 8]);
    const wire = Array.from({ length: 20 }, () => random.pick(REQUESTS).repeat(times())).join("");
    const chunks = cutRandomly(toBytes(wire), random, 10);
    const some = (count: number): number => random.pick([0, 1, count]);
    const { requests } = parseSame(chunks, some);
    assert.deepEqual(requests, parseChunks(chunks, LIMITS).requests, `${SEED_VARIABLE}=${seed}`);
  }
});

/**
 * As a session does it.
 *
 * @param run how many of so many requests are run
 */
function parseSame(
  chunks: readonly Uint8Array[],
  run: (count: number) => number,
): { requests: string[][]; runs: number[] } {
  const parser = new RequestParser(LIMITS);
  const [requests, runs]: [string[][], number[]] = [[], []];
  for (const chunk of chunks) {
    parser.push(chunk.slice());
    for (let request = parser.next(); request; request = parser.next()) {
      const words = request.map(fromBytes);
      const ran = runSame(parser, MAX_RUN, (count) => {
        runs.push(count);
        return run(count);
      });
      for (let n = 0; n <= ran; n++) requests.push(words);
    }
  }
  return { requests, runs };
}
