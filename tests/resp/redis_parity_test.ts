import assert from "node:assert/strict";
import { splitInline } from "../../src/resp/inline.ts";
import { encodeRequest, fromBytes, toBytes } from "../support/wire.ts";
import { BAD_CASES } from "./bad_request_cases.ts";
import { INLINE_CASES } from "./inline_cases.ts";
import { parseChunks } from "./parse_chunks.ts";
import { readReplies } from "./read_replies.ts";
import { hasRedisServer } from "../support/machine.ts";
import { RedisServer } from "../support/redis_server.ts";
import { CASE_LIMITS, GOOD_CASES, type RequestCase } from "./request_cases.ts";

/**
 * Where we differ from redis-server on purpose: a pattern of row names, and why. Each must match
 * rows, and in each of these rows redis-server must really differ.
 */
const DIFFERENCES: [RegExp, string][] = [
  [/count .* maxArguments/, "the limit is ours; Redis 7 takes 2,147,483,647"],
  [/count .* safe integers/, "we read numbers up to 53 bits; Redis passes over any negative one"],
  [/count .* by CR alone/, "Redis looks for CR and skips the byte after it unseen"],
  [/count .* CR of its own/, "Redis looks for CR and skips the byte after it unseen"],
  [/(count|length) .* by LF alone/, "Redis looks for CR and waits, though LF shows the mistake"],
  [/length .* behind a NUL/, "Redis finds no CR behind a NUL and waits"],
  [/length .* by CR alone/, "Redis looks for CR and skips the byte after it unseen"],
  [/length .* less than/, "Redis skips the two bytes after a bulk unseen, and runs its rest"],
  [
    /length .* more than the bulk's/,
    "Redis skips the two bytes after a bulk unseen, and stores too much",
  ],
  [
    /refuses (a CR|a LF|a NUL|a DEL|a byte beyond ASCII) in place/,
    "we escape what spoils the line",
  ],
  [/too many bytes/, "the limit is ours"],
  [/NUL bytes of an inline/, "Redis finds no newline behind a NUL and waits"],
];

const ignore = !hasRedisServer;

Deno.test({
  name: "RequestParser refuses bad requests in the words of redis-server",
  ignore,
  fn: async (test): Promise<void> => {
    await using redis = await RedisServer.start(CASE_LIMITS.maxBulkBytes);
    for (const row of BAD_CASES) {
      await test.step(row.name, async () => {
        await expectParity(redis, row);
      });
    }
  },
});

Deno.test({
  name: "RequestParser finds as many requests as redis-server",
  ignore,
  fn: async (test): Promise<void> => {
    await using redis = await RedisServer.start(CASE_LIMITS.maxBulkBytes);
    for (const row of GOOD_CASES) {
      await test.step(row.name, async () => {
        await expectParity(redis, row);
      });
    }
  },
});

Deno.test({
  name: "splitInline() splits lines into the words that redis-server finds",
  ignore,
  fn: async (test): Promise<void> => {
    await using redis = await RedisServer.start(CASE_LIMITS.maxBulkBytes);
    // A NUL keeps Redis from finding the end of the line.
    for (const row of INLINE_CASES.filter(({ line }) => !line.includes("\0"))) {
      await test.step(row.name, async () => {
        assert.deepEqual(await splitByRedis(redis, row.line), splitHere(row.line));
      });
    }
  },
});

Deno.test("Each difference from redis-server names rows of the tables", () => {
  const names = [...GOOD_CASES, ...BAD_CASES].map(({ name }) => name);
  for (const [pattern] of DIFFERENCES) {
    assert.ok(names.some((name) => pattern.test(name)), String(pattern));
  }
});

/** Lets an inline RPUSH store the words and reads them back; undefined when it refuses. */
async function splitByRedis(redis: RedisServer, line: string): Promise<string[] | undefined> {
  const wire = `DEL words\r\nRPUSH words ${line}\r\n` +
    encodeRequest(["LRANGE", "words", "0", "-1"]);
  const [, pushed, words] = readReplies(await redis.exchange(toBytes(wire)));
  if (words === undefined) {
    assert.deepEqual(pushed, {
      kind: "error",
      text: "ERR Protocol error: unbalanced quotes in request",
    });
    return undefined;
  }
  assert.ok(words.kind === "array");
  return words.items.map((word) => {
    assert.ok(word.kind === "bulk" && word.value instanceof Uint8Array);
    return fromBytes(word.value);
  });
}

function splitHere(line: string): string[] | undefined {
  try {
    return splitInline(toBytes(line)).map(fromBytes);
  } catch {
    return undefined;
  }
}

/** Sends a row to redis-server and to our parser: as many replies as requests, the same error. */
async function expectParity(redis: RedisServer, row: RequestCase): Promise<void> {
  const wire = toBytes(row.wire);
  const replies = readReplies(await redis.exchange(wire));
  const last = replies.at(-1);
  const broken = last?.kind === "error" && last.text.startsWith("ERR Protocol error");
  const theirs = {
    answered: replies.length - Number(broken),
    error: broken ? last.text : undefined,
  };
  const outcome = parseChunks([wire], { ...CASE_LIMITS, ...row.limits });
  const ours = {
    answered: outcome.requests.length,
    error: outcome.error && `ERR ${outcome.error}`,
  };
  const difference = DIFFERENCES.find(([pattern]) => pattern.test(row.name));
  if (difference === undefined) assert.deepEqual(theirs, ours);
  else assert.notDeepEqual(theirs, ours, `no difference any more: ${difference[1]}`);
}
