import assert from "node:assert/strict";
import { ProtocolError } from "../../src/resp/protocol_error.ts";
import { type ParserLimits, RequestParser } from "../../src/resp/request_parser.ts";
import { SkippedArgument } from "../../src/resp/skipped_argument.ts";
import {
  chooseSeed,
  cutAt,
  cutEachByte,
  cutRandomly,
  encodeRequest,
  fromBytes,
  SEED_VARIABLE,
  SeededRandom,
  toBytes,
} from "../support/wire.ts";
import { BAD_CASES } from "./bad_request_cases.ts";
import { parseChunks } from "./parse_chunks.ts";
import { CASE_LIMITS, GOOD_CASES, type RequestCase } from "./request_cases.ts";

/** A wire of 64 KiB is cut in two at this many places from its ends, and as many between. */
const EDGE_BYTES = 100;

/** Not in the table of redis-server's parity: there it depends on how the line arrives. */
const LATE_LINE: RequestCase = {
  name: "refuses an inline command that ends too late",
  wire: "x".repeat(64 * 1024 + 1) + "\r\n",
  want: [],
  error: "Protocol error: too big inline request",
};

/** Where more than 5 bytes of a SET's arguments are skipped. */
const SKIPPING: Partial<ParserLimits> = {
  maxKeptBytes: 5,
  skipsLongArguments: (words) => words.length > 1 && fromBytes(words[0]!) === "SET",
};

/** Redis has no such thing. */
const SKIPPING_CASES: RequestCase[] = [
  {
    name: "keeps no byte of an argument that is not worth it, and goes on behind it",
    wire: encodeRequest(["SET", "k", "12345"]) + encodeRequest(["SET", "k", "123456\r\n", "v"]) +
      encodeRequest(["GET", "1234567"]),
    want: [["SET", "k", "12345"], ["SET", "k", "", "v"], ["GET", "1234567"]],
    limits: SKIPPING,
  },
  {
    name: "refuses an argument that is skipped and longer than it said",
    wire: "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$6\r\n1234567\r\n",
    want: [],
    error: "Protocol error: invalid bulk length",
    limits: SKIPPING,
  },
  {
    name: "counts what is skipped as a part of its request",
    wire: "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$17\r\n",
    want: [],
    error: "Protocol error: request larger than 20 bytes",
    limits: { ...SKIPPING, maxRequestBytes: 20 },
  },
];

const CASES = [...GOOD_CASES, ...BAD_CASES, ...SKIPPING_CASES, LATE_LINE];

for (const row of CASES) {
  Deno.test(`RequestParser ${row.name}`, () => {
    const wire = toBytes(row.wire);
    expectOutcome(row, [wire], "whole");
    expectOutcome(row, cutEachByte(wire), "byte by byte");
    for (const index of cutPlaces(wire.length)) {
      expectOutcome(row, cutAt(wire, index), `cut at ${index}`);
    }
  });
}

const seed = chooseSeed();

Deno.test(`RequestParser gives the same for random cuts, ${SEED_VARIABLE}=${seed}`, () => {
  const random = new SeededRandom(seed);
  for (const row of CASES) {
    const wire = toBytes(row.wire);
    for (let round = 0; round < 50; round++) {
      const chunks = cutRandomly(wire, random, 12);
      expectOutcome(row, chunks, `in chunks of ${chunks.map((chunk) => chunk.length)}`);
    }
  }
});

Deno.test("RequestParser returns requests before the error that follows them", () => {
  const parser = new RequestParser(CASE_LIMITS);
  parser.push(toBytes("PING\r\nPING\r\n*x\r\n"));
  assert.deepEqual(parser.next()?.map(fromBytes), ["PING"]);
  assert.deepEqual(parser.next()?.map(fromBytes), ["PING"]);
  assert.throws(() => parser.next(), ProtocolError);
});

Deno.test("RequestParser throws the same error for ever after, whatever is pushed", () => {
  const parser = new RequestParser(CASE_LIMITS);
  parser.push(toBytes("*x\r\n*1\r\n$4\r\nPING\r\n"));
  const errors = [1, 2, 3].map(() => {
    try {
      return parser.next();
    } catch (error) {
      parser.push(toBytes("PING\r\n"));
      return error;
    }
  });
  assert.ok(errors[0] instanceof ProtocolError);
  assert.ok(errors.every((error) => error === errors[0]));
});

Deno.test("RequestParser refuses a chunk before the previous one is parsed", () => {
  const parser = new RequestParser(CASE_LIMITS);
  parser.push(toBytes("PING\r\nPING\r\n"));
  parser.next();
  assert.throws(() => parser.push(toBytes("PING\r\n")), /not yet parsed/);
});

Deno.test("RequestParser copies no bulk that is whole in its chunk", () => {
  const parser = new RequestParser(CASE_LIMITS);
  const chunk = toBytes(encodeRequest(["RPUSHX", "topics:greetings", "hello"]));
  parser.push(chunk);
  for (const argument of parser.next()!) assert.equal(argument.buffer, chunk.buffer);
});

Deno.test("RequestParser returns a 32 MB bulk that comes in small chunks", () => {
  const maxBulkBytes = 32_768_000;
  const parser = new RequestParser({ ...CASE_LIMITS, maxBulkBytes, maxRequestBytes: 40_000_000 });
  const value = new Uint8Array(maxBulkBytes);
  for (let i = 0; i < value.length; i++) value[i] = i % 251;
  parser.push(toBytes(`*2\r\n$4\r\nECHO\r\n$${maxBulkBytes}\r\n`));
  for (let at = 0; at < value.length; at += 16_000) {
    assert.equal(parser.next(), undefined);
    parser.push(value.slice(at, at + 16_000));
  }
  assert.equal(parser.next(), undefined);
  parser.push(toBytes("\r\n"));
  const request = parser.next()!;
  assert.equal(fromBytes(request[0]!), "ECHO");
  assert.ok(request[1]!.every((byte, i) => byte === i % 251));
  assert.equal(request[1]!.length, maxBulkBytes);
});

Deno.test("RequestParser says how long an argument was that it has skipped, also in a later chunk", () => {
  const parser = new RequestParser({ ...CASE_LIMITS, ...SKIPPING });
  const [first, ...rest] = cutEachByte(toBytes(encodeRequest(["SET", "k", "0123456789", "v"])));
  parser.push(new Uint8Array(first!));
  for (const chunk of rest) {
    assert.equal(parser.next(), undefined);
    parser.push(new Uint8Array(chunk));
  }
  const skipped = parser.next()![2];
  assert.ok(skipped instanceof SkippedArgument);
  assert.equal(skipped.skippedBytes, 10);
  assert.equal(skipped.slice(), skipped, "a copy says so, too");
});

Deno.test("RequestParser allocates nothing for what a request only announces", () => {
  const limits = { maxBulkBytes: 2 ** 40, maxArguments: 2 ** 40, maxRequestBytes: 2 ** 50 };
  const parser = new RequestParser(limits);
  parser.push(toBytes(`*${2 ** 40}\r\n$${2 ** 40}\r\n`));
  assert.equal(parser.next(), undefined);
  for (let piece = 0; piece < 100; piece++) {
    parser.push(new Uint8Array(1_000));
    assert.equal(parser.next(), undefined);
  }
});

Deno.test("RequestParser takes time in proportion to the bytes, however small the chunks", () => {
  // Many arguments, then a line of 64 KiB, dripped in: quadratic work would take minutes.
  const count = 100_000;
  const wire = `*${count}\r\n` + "$1\r\na\r\n".repeat(count) + " ".repeat(64 * 1024) + "\n";
  const { requests, error } = parseChunks(cutEachByte(toBytes(wire)), CASE_LIMITS);
  assert.equal(error, undefined);
  assert.deepEqual(requests.map((request) => request.length), [count]);
});

function expectOutcome(row: RequestCase, chunks: Uint8Array[], how: string): void {
  const outcome = parseChunks(chunks, { ...CASE_LIMITS, ...row.limits });
  assert.deepEqual(outcome, { requests: row.want, error: row.error }, `${row.name}, ${how}`);
}

/** Every index of a short wire; of a long one those near its ends and some between. */
function cutPlaces(length: number): number[] {
  const places = Array.from({ length: length + 1 }, (_, index) => index);
  if (length <= 2_000) return places;
  const between = Math.floor(length / EDGE_BYTES);
  return places.filter((index) =>
    index <= EDGE_BYTES || index >= length - EDGE_BYTES || index % between === 0
  );
}

Deno.test("What a request holds counts its arguments, however short, and a line that is cut", () => {
  const limits = { maxArguments: 65_536, maxBulkBytes: 1_000_000, maxRequestBytes: 1_000_000 };
  const many = new RequestParser(limits);
  many.push(toBytes("*65536\r\n" + "$0\r\n\r\n".repeat(10_000)));
  assert.equal(many.next(), undefined);
  assert.ok(many.heldBytes(0) >= 10_000 * 400, `${many.heldBytes(0)} bytes`);
  assert.ok(many.heldBytes(60_000) >= 20_000 * 400, "as many as may come are counted ahead");
  const line = new RequestParser(limits);
  line.push(toBytes("PING " + "x".repeat(50_000)));
  assert.equal(line.next(), undefined);
  assert.ok(line.heldBytes(0) >= 50_000, `${line.heldBytes(0)} bytes`);
});
