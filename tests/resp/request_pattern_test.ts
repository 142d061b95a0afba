/**
 * Requests read by what they have in common with the one before: whatever is read so is what the parser reads one by
 * one, and all else is left to it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ProtocolError } from "../../src/resp/protocol_error.ts";
import { type ParserLimits, RequestParser } from "../../src/resp/request_parser.ts";
import { RequestPattern } from "../../src/resp/request_pattern.ts";
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
import { parseChunks } from "./parse_chunks.ts";

const LIMITS: ParserLimits = {
  maxArguments: 10,
  maxBulkBytes: 1_000,
  maxRequestBytes: 2_000,
  maxKeptBytes: 100,
  skipsLongArguments: () => true,
};
const FUZZ_ROUNDS = 300;

interface Case {
  readonly what: string;
  /** Behind `RPUSHX topics:t first`. */
  readonly wire: string;
  /** How many of the requests in it are read by the pattern. */
  readonly alike: number;
  readonly error?: string;
}

const like = encodeRequest(["RPUSHX", "topics:t", "x"]);

const CASES: readonly Case[] = [
  { what: "another message", wire: like, alike: 1 },
  { what: "many", wire: like.repeat(5), alike: 5 },
  { what: "a key", wire: encodeRequest(["RPUSHX", "topics:t:k:1", "x"]), alike: 1 },
  { what: "an empty key", wire: encodeRequest(["RPUSHX", "topics:t:", "x"]), alike: 1 },
  { what: "CRLF in the message", wire: encodeRequest(["RPUSHX", "topics:t", "\r\n"]), alike: 1 },
  {
    what: "the largest message",
    wire: encodeRequest(["RPUSHX", "topics:t", "x".repeat(100)]),
    alike: 1,
  },
  {
    what: "a larger message",
    wire: encodeRequest(["RPUSHX", "topics:t", "x".repeat(101)]),
    alike: 0,
  },
  {
    what: "a large key",
    wire: encodeRequest(["RPUSHX", `topics:t:${"x".repeat(100)}`, "x"]),
    alike: 0,
  },
  { what: "an empty message", wire: encodeRequest(["RPUSHX", "topics:t", ""]), alike: 0 },
  { what: "another topic", wire: encodeRequest(["RPUSHX", "topics:u", "x"]), alike: 0 },
  { what: "a longer topic", wire: encodeRequest(["RPUSHX", "topics:tt", "x"]), alike: 0 },
  { what: "a shorter key", wire: encodeRequest(["RPUSHX", "topics:", "x"]), alike: 0 },
  { what: "another command", wire: encodeRequest(["LPUSHX", "topics:t", "x"]), alike: 0 },
  { what: "lower case", wire: encodeRequest(["rpushx", "topics:t", "x"]), alike: 0 },
  { what: "two messages", wire: encodeRequest(["RPUSHX", "topics:t", "x", "y"]), alike: 0 },
  { what: "an inline command", wire: "PING\r\n" + like, alike: 0 },
  { what: "no message", wire: encodeRequest(["RPUSHX", "topics:t"]), alike: 0 },
  {
    what: "a length that is wrong",
    wire: like + "*3\r\n$6\r\nRPUSHX\r\n$8\r\ntopics:t\r\n$2\r\nx\r\n\r\n",
    alike: 1,
    error: "Protocol error: invalid bulk length",
  },
  {
    what: "a length that is too small for the key",
    wire: "*3\r\n$6\r\nRPUSHX\r\n$7\r\ntopics:t\r\n$1\r\nx\r\n",
    alike: 0,
    error: "Protocol error: invalid bulk length",
  },
  {
    what: "no length",
    wire: like + "*3\r\n$6\r\nRPUSHX\r\n$8\r\ntopics:t\r\n:1\r\nx\r\n",
    alike: 1,
    error: "Protocol error: expected '$', got ':'",
  },
];

for (const { what, wire, alike, error } of CASES) {
  Deno.test(`readLike() reads ${what} as next() does, or leaves it to that`, () => {
    const all = encodeRequest(["RPUSHX", "topics:t", "first"]) + wire;
    const whole = parseAlike([toBytes(all)]);
    assert.equal(whole.alike, alike);
    assert.equal(whole.error, error);
    for (const chunks of [[toBytes(all)], cutEachByte(toBytes(all))]) {
      const { requests, error } = parseAlike(chunks);
      assert.deepEqual({ requests, error }, parseChunks(chunks, LIMITS));
    }
  });
}

Deno.test("readLike() takes no key that goes on behind the topic where the pattern is closed", () => {
  const parser = new RequestParser(LIMITS);
  parser.push(toBytes(like + like + encodeRequest(["RPUSHX", "topics:t:k", "x"])));
  const pattern = new RequestPattern(parser.next()!, toBytes("topics:t"), { isOpen: false });
  const parts = { add(): void {} };
  assert.deepEqual([parser.readLike(pattern, parts), parser.readLike(pattern, parts)], [
    true,
    false,
  ]);
  assert.deepEqual(parser.next()!.map(fromBytes), ["RPUSHX", "topics:t:k", "x"]);
});

Deno.test("moveTo() gives a request that was read by a pattern again", () => {
  const parser = new RequestParser(LIMITS);
  parser.push(toBytes(like.repeat(3)));
  const pattern = new RequestPattern(parser.next()!, toBytes("topics:t"), { isOpen: true });
  const { position } = parser;
  const parts = { add(): void {} };
  while (parser.readLike(pattern, parts));
  parser.moveTo(position);
  assert.deepEqual(parser.next()!.map(fromBytes), ["RPUSHX", "topics:t", "x"]);
  assert.ok(parser.readLike(pattern, parts));
  assert.equal(parser.next(), undefined);
});

Deno.test("readLike() and next() in turn read what next() alone reads, however it arrives", () => {
  const seed = chooseSeed();
  const random = new SeededRandom(seed);
  for (let round = 0; round < FUZZ_ROUNDS; round++) {
    const wire = Array.from({ length: 30 }, () => random.pick(CASES).wire).join("");
    const chunks = cutRandomly(toBytes(wire), random, 10);
    const { requests, error } = parseAlike(chunks);
    assert.deepEqual({ requests, error }, parseChunks(chunks, LIMITS), `${SEED_VARIABLE}=${seed}`);
  }
});

interface Outcome {
  readonly requests: string[][];
  readonly error: string | undefined;
  readonly alike: number;
}

/** As a session does it: a pattern of each request that could be the first of many. */
function parseAlike(chunks: Uint8Array[]): Outcome {
  const parser = new RequestParser(LIMITS);
  const requests: string[][] = [];
  let alike = 0;
  for (const chunk of chunks) {
    parser.push(chunk.slice());
    try {
      for (let request = parser.next(); request; request = parser.next()) {
        const words = request.map(fromBytes);
        requests.push(words);
        const [name, key] = words;
        if (words.length !== 3 || !/^topics:[tu]/.test(key!)) continue;
        const topic = key!.split(":").slice(0, 2).join(":");
        const pattern = new RequestPattern(request, toBytes(topic), { isOpen: true });
        const textAt = (at: number, bytes: number): string =>
          fromBytes(parser.chunk.subarray(at, at + bytes));
        const add = (
          restAt: number,
          restBytes: number,
          lastAt: number,
          lastBytes: number,
        ): void => {
          const rest = restBytes < 0 ? "" : `:${textAt(restAt, restBytes)}`;
          requests.push([name!, topic + rest, textAt(lastAt, lastBytes)]);
        };
        while (parser.readLike(pattern, { add })) alike++;
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      return { requests, error: error.message, alike };
    }
  }
  return { requests, error: undefined, alike };
}
