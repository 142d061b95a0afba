import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import {
  array,
  bulk,
  error,
  integer,
  map,
  NULL,
  NULL_ARRAY,
  OK,
  record,
  type Reply,
  set,
  simple,
  verbatim,
} from "../../src/resp/reply.ts";
import { ReplyWriter } from "../../src/resp/reply_writer.ts";
import { fromBytes, SeededRandom, toBytes } from "../support/wire.ts";
import { readReplies } from "./read_replies.ts";

const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, byte) => byte);

/** `wire` holds one byte a character. */
const CASES: { name: string; reply: Reply; wire: string }[] = [
  { name: "OK", reply: OK, wire: "+OK\r\n" },
  { name: "a simple string", reply: simple("PONG"), wire: "+PONG\r\n" },
  { name: "an empty simple string", reply: simple(""), wire: "+\r\n" },
  { name: "a simple string as UTF-8", reply: simple("é€"), wire: "+\xc3\xa9\xe2\x82\xac\r\n" },
  { name: "an error", reply: error("ERR no"), wire: "-ERR no\r\n" },
  { name: "0", reply: integer(0), wire: ":0\r\n" },
  { name: "a negative integer", reply: integer(-42), wire: ":-42\r\n" },
  { name: "-0 as 0", reply: integer(-0), wire: ":0\r\n" },
  {
    name: "the greatest bigint",
    reply: integer(2n ** 63n - 1n),
    wire: ":9223372036854775807\r\n",
  },
  { name: "the least bigint", reply: integer(-(2n ** 63n)), wire: ":-9223372036854775808\r\n" },
  { name: "an empty bulk", reply: bulk(""), wire: "$0\r\n\r\n" },
  { name: "a bulk of no bytes", reply: bulk(new Uint8Array(0)), wire: "$0\r\n\r\n" },
  { name: "a bulk of text", reply: bulk("hello"), wire: "$5\r\nhello\r\n" },
  { name: "a bulk that holds CRLF", reply: bulk("a\r\nb"), wire: "$4\r\na\r\nb\r\n" },
  {
    name: "a bulk of text as UTF-8",
    reply: bulk("aé€😀"),
    wire: "$10\r\na\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\r\n",
  },
  { name: "half a surrogate as U+FFFD", reply: bulk("a\ud800"), wire: "$4\r\na\xef\xbf\xbd\r\n" },
  {
    name: "bytes as they are",
    reply: bulk(ALL_BYTES),
    wire: `$256\r\n${fromBytes(ALL_BYTES)}\r\n`,
  },
  { name: "the null bulk", reply: NULL, wire: "$-1\r\n" },
  { name: "the null array", reply: NULL_ARRAY, wire: "*-1\r\n" },
  { name: "an empty array", reply: array([]), wire: "*0\r\n" },
  {
    name: "an array of all kinds",
    reply: array([OK, error("ERR x"), integer(1), bulk("b"), NULL, NULL_ARRAY, array([OK])]),
    wire: "*7\r\n+OK\r\n-ERR x\r\n:1\r\n$1\r\nb\r\n$-1\r\n*-1\r\n*1\r\n+OK\r\n",
  },
  {
    name: "a simple string's line breaks as spaces",
    reply: simple("a\r\n+b\nc\rd\r\n"),
    wire: "+a  +b c d  \r\n",
  },
  {
    name: "an error's line breaks as spaces, beside UTF-8",
    reply: error("ERR é\r\n:1\r\n"),
    wire: "-ERR \xc3\xa9  :1  \r\n",
  },
];

/** What is not the same in both protocols. */
const BY_PROTOCOL: { name: string; reply: Reply; resp2: string; resp3: string }[] = [
  { name: "a null", reply: NULL, resp2: "$-1\r\n", resp3: "_\r\n" },
  { name: "a null array", reply: NULL_ARRAY, resp2: "*-1\r\n", resp3: "_\r\n" },
  {
    name: "a map",
    reply: record({ a: integer(1), b: NULL }),
    resp2: "*4\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n$-1\r\n",
    resp3: "%2\r\n$1\r\na\r\n:1\r\n$1\r\nb\r\n_\r\n",
  },
  { name: "an empty map", reply: map([]), resp2: "*0\r\n", resp3: "%0\r\n" },
  { name: "a set", reply: set([OK]), resp2: "*1\r\n+OK\r\n", resp3: "~1\r\n+OK\r\n" },
  {
    name: "a text of several lines",
    reply: verbatim("é\r\nb"),
    resp2: "$5\r\n\xc3\xa9\r\nb\r\n",
    resp3: "=9\r\ntxt:\xc3\xa9\r\nb\r\n",
  },
];

for (const { name, reply, resp2, resp3 } of BY_PROTOCOL) {
  Deno.test(`ReplyWriter writes ${name} in the protocol of that moment`, () => {
    const writer = new ReplyWriter();
    writer.write(reply);
    writer.protocol = 3;
    writer.write(reply);
    writer.protocol = 2;
    writer.write(reply);
    assert.equal(fromBytes(writer.take()), resp2 + resp3 + resp2);
  });
}

for (const { name, reply, wire } of CASES) {
  Deno.test(`ReplyWriter writes ${name}`, () => {
    const writer = new ReplyWriter();
    writer.write(reply);
    assert.equal(writer.byteLength, wire.length);
    assert.equal(fromBytes(writer.take()), wire);
    assert.equal(writer.byteLength, 0);
  });
}

Deno.test("ReplyWriter writes replies one behind the other", () => {
  const writer = new ReplyWriter();
  for (const { reply } of CASES) writer.write(reply);
  assert.equal(fromBytes(writer.take()), CASES.map(({ wire }) => wire).join(""));
});

Deno.test("ReplyWriter writes what a client reads back, over many takes", () => {
  const random = new SeededRandom(1);
  const writer = new ReplyWriter();
  for (let round = 0; round < 300; round++) {
    const replies = Array.from({ length: random.below(20) }, () => randomReply(random, 3));
    for (const reply of replies) writer.write(reply);
    assert.deepEqual(readReplies(writer.take()), replies);
  }
});

Deno.test("ReplyWriter.take() returns nothing when nothing was written", () => {
  const writer = new ReplyWriter();
  assert.equal(writer.take().length, 0);
  writer.write(OK);
  writer.take();
  assert.equal(writer.take().length, 0);
});

Deno.test("ReplyWriter.take() returns bytes that stay while more is written", () => {
  const writer = new ReplyWriter();
  for (let round = 0; round < 5; round++) {
    writer.write(bulk(`reply ${round}`));
    const taken = writer.take();
    const before = fromBytes(taken);
    assert.equal(writer.take().length, 0);
    writer.write(bulk("x".repeat(200)));
    writer.write(bulk("y".repeat(20_000)));
    assert.equal(fromBytes(taken), before);
    assert.equal(before, `$7\r\nreply ${round}\r\n`);
    writer.take();
  }
});

Deno.test("ReplyWriter copies the bytes of a bulk", () => {
  const writer = new ReplyWriter();
  const payload = toBytes("hello");
  writer.write(bulk(payload));
  payload.fill(0xaa);
  assert.equal(fromBytes(writer.take()), "$5\r\nhello\r\n");
});

for (const kind of ["bytes", "text"]) {
  Deno.test(`ReplyWriter writes a 32 MB bulk of ${kind} into a buffer of its size`, () => {
    const writer = new ReplyWriter();
    const text = "0123456789abcdef".repeat(2_000_000);
    const value = Buffer.from(text);
    writer.write(array([bulk("value"), bulk(kind === "bytes" ? value : text)]));
    const taken = writer.take();
    assert.ok(taken.buffer.byteLength < value.length + 1024);
    const start = "*2\r\n$5\r\nvalue\r\n$32000000\r\n";
    assert.equal(taken.length, start.length + value.length + 2);
    assert.equal(fromBytes(taken.subarray(0, start.length)), start);
    assert.equal(fromBytes(taken.subarray(-2)), "\r\n");
    assert.ok(value.equals(taken.subarray(start.length, -2)));
  });
}

for (const times of [0, 1, 2, 3, 300]) {
  Deno.test(`ReplyWriter writes a reply ${times} times behind another`, () => {
    const writer = new ReplyWriter();
    writer.write(bulk("before"));
    writer.writeTimes(integer(17), times);
    writer.write(OK);
    const wire = "$6\r\nbefore\r\n" + ":17\r\n".repeat(times) + "+OK\r\n";
    assert.equal(new TextDecoder().decode(writer.take()), wire);
  });
}

Deno.test("ReplyWriter lets go of the memory of a huge reply", () => {
  const writer = new ReplyWriter();
  writer.write(bulk(new Uint8Array(1_000_000)));
  writer.take();
  for (let round = 0; round < 4; round++) {
    writer.write(OK);
    assert.ok(writer.take().buffer.byteLength <= 64 * 1024);
  }
});

Deno.test("integer() refuses what RESP cannot say", () => {
  for (const value of [1.5, NaN, Infinity, 2 ** 53, 2n ** 63n, -(2n ** 63n) - 1n]) {
    assert.throws(() => integer(value), RangeError, String(value));
  }
});

/** A reply as {@linkcode readReplies} returns it: bulks of bytes, bigints only where needed. */
function randomReply(random: SeededRandom, depth: number): Reply {
  const size = random.pick([0, 1, 10, 500, 70_000]);
  switch (random.below(depth > 0 ? 8 : 6)) {
    case 0:
      return simple("s".repeat(size));
    case 1:
      return error(`ERR ${"é".repeat(size)}`);
    case 2:
      return integer(random.below(2 ** 31) - 2 ** 30);
    case 3:
      return integer(2n ** 62n + BigInt(random.below(1000)));
    case 4:
      return bulk(Uint8Array.from({ length: size }, () => random.below(256)));
    case 5:
      return random.pick([NULL, NULL_ARRAY]);
    default:
      return array(Array.from({ length: random.below(5) }, () => randomReply(random, depth - 1)));
  }
}
