/**
 * Lists in Redis' own shapes, as scripts of several connections: `<q>` and `<r>` are topics with one partition, empty at
 * first; `<none>` is one that does not exist, `<kept>` a list of messages that are being processed.
 *
 * @module
 */
import type { ConnectionsRow } from "../play_row.ts";

/** What is no count. */
const BAD_COUNTS = ["-1", "x", '""', "1.5", "1e2", "9223372036854775808"];
/** What is no timeout. */
const BAD_TIMEOUTS = ["-1", "-0.1", "x", '""', "1s", "nan", "inf", "1e300", "99999999999999999999"];
/** Timeouts that end soon. */
const SHORT_TIMEOUTS = ["0.01", "0.001", ".01", "1e-2", "+0.01"];
/** Commands with a list of keys before their last argument. */
const BLOCKING = ["BLPOP", "BRPOP"];
const POPS = ["LPOP", "RPOP"];
const PUSHES = ["RPUSH", "LPUSH", "RPUSHX", "LPUSHX"];
const WORDS = ["x", '""', "a\\x00b", "\\xff\\xfe", "x\\x0d\\x0ay", "0123456789".repeat(200)];
const MOVES = ["LEFT LEFT", "LEFT RIGHT", "RIGHT LEFT", "RIGHT RIGHT", "right left"];

/** Pushes one value, pops it. */
const ONE: readonly ConnectionsRow[] = [
  ...WORDS.flatMap((word) => [
    `a RPUSH <q> ${word}; a LPOP <q>`,
    `a LPUSH <q> ${word}; a BRPOP <q> 20`,
    `a RPUSH <q> ${word}; a BLMPOP 20 1 <q> LEFT`,
  ]),
  ...PUSHES.slice(0, 2).flatMap((push) =>
    [
      "LPOP <q>",
      "RPOP <q>",
      "BLPOP <q> 20",
      "BRPOP <q> 20",
      "lpop <q>",
      "LPOP <q> 1",
      "RPOP <q> 1",
      "LPOP <q> 5",
      "LPOP <q> 0",
      "RPOP <q> 0",
      "LMPOP 1 <q> LEFT",
      "LMPOP 1 <q> RIGHT",
      "lmpop 1 <q> left count 3",
      "BLMPOP 20 1 <q> LEFT",
      "BLMPOP 20 1 <q> RIGHT COUNT 2",
      "BLMPOP 0.5 2 <none> <q> LEFT",
      "LRANGE <q> 0 -1",
      "LINDEX <q> 0",
      "LINDEX <q> -1",
      "TYPE <q>",
      "EXISTS <q>",
      "EXISTS <q> <q> <none>",
      "LLEN <q>",
      "BLPOP <none> <q> 20",
      "BLPOP <q> <none> 20",
      "BLPOP <q> <q> 20",
      "BLPOP <r> <q> 20",
      "BRPOP <r> <q> <none> 20",
      "BLPOP <q> 0",
      "BLPOP <q> 0.0",
      "LMPOP 2 <r> <q> LEFT",
      "BLMPOP 0 2 <r> <q> RIGHT",
    ].map((command) => `a ${push} <q> one; a ${command}; a LPOP <q>`)
  ),
];

/** Values come in the order of their pushes. */
const ORDER: readonly ConnectionsRow[] = [
  "a RPUSH <q> 1 2 3; a LPOP <q>; a LPOP <q>; a LPOP <q>; a LPOP <q>",
  "a RPUSH <q> 1 2 3; a LPOP <q> 2; a LPOP <q> 2; a LPOP <q> 2",
  "a RPUSH <q> 1 2 3; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LPOP <q> 1; a LMPOP 1 <q> LEFT COUNT 9",
  "a RPUSH <q> 1 2 3; a BLPOP <q> 20; a BLPOP <q> 20; a BLPOP <q> 20; a BLPOP <q> 0.01",
  "a LPUSH <q> 1; a BRPOP <q> 20; a LPUSH <q> 2; a BRPOP <q> 20",
  "a RPUSH <q> 1 2; a RPUSH <r> 3 4; a BLPOP <q> <r> 20; a BLPOP <q> <r> 20; a BLPOP <q> <r> 20; a BLPOP <q> <r> 20",
  "a RPUSH <q> 1 2; a RPUSH <r> 3 4; a BLPOP <r> <q> 20; a BLPOP <q> <r> 20; a LPOP <q>; a LPOP <r>",
  "a RPUSH <q> 1 2; a RPUSH <r> 3; a LMPOP 2 <q> <r> LEFT COUNT 5; a LMPOP 2 <q> <r> LEFT COUNT 5; a LMPOP 2 <q> <r> LEFT",
  "a RPUSH <q> 1 2 3; b LPOP <q>; a LPOP <q>; b LPOP <q>; a LPOP <q>",
  "p RPUSH <q> 1 2; p BLPOP <q> 20; r BLPOP <q> 20; p BLPOP <q> 0.01; r BLPOP <q> 0.01",
  "a RPUSH <q> 1 2 3; a LRANGE <q> 0 -1; a LPOP <q>; a LPOP <q> 5",
  "a RPUSH <q> 1 2 3; a LRANGE <q> 0 0; a LRANGE <q> 1 1; a LRANGE <q> 1 -1; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LRANGE <q> -2 -1; a LRANGE <q> 5 9; a LRANGE <q> 2 1; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LRANGE <q> -100 100; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LINDEX <q> 0; a LINDEX <q> 1; a LINDEX <q> 2; a LINDEX <q> 3; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LINDEX <q> -1; a LINDEX <q> -3; a LINDEX <q> -4; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LPOP <q>; a LINDEX <q> 0; a LINDEX <q> -1; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a LLEN <q>; a LPOP <q> 3; a LPOP <q>; a LLEN <q>",
];

/** One end only, so that these differ. */
const ONE_END: readonly ConnectionsRow[] = [
  "a RPUSH <q> 1 2; a RPOP <q>; a RPOP <q>",
  "a RPUSH <q> 1 2; a BRPOP <q> 20; a BRPOP <q> 20",
  "a LPUSH <q> 1 2; a LPOP <q>; a LPOP <q>",
  "a LPUSH <q> 1 2; a BLPOP <q> 20; a BLPOP <q> 20",
  "a RPUSH <q> 1 2; a RPOP <q> 2",
  "a RPUSH <q> 1 2; a LMPOP 1 <q> RIGHT COUNT 2",
  "a LPUSH <q> 1 2; a LRANGE <q> 0 -1; a LPOP <q> 2",
];

/** What is empty. */
const EMPTY: readonly ConnectionsRow[] = ["<q>", "<none>"].flatMap((key) => [
  ...[
    `LPOP ${key}`,
    `RPOP ${key}`,
    `LPOP ${key} 0`,
    `LPOP ${key} 1`,
    `RPOP ${key} 10`,
    `LMPOP 1 ${key} LEFT`,
    `LMPOP 2 ${key} <r> RIGHT COUNT 3`,
    `BLMPOP 0.01 1 ${key} LEFT`,
    `BLMPOP 0.01 2 ${key} <r> LEFT COUNT 2`,
    `LLEN ${key}`,
    `LRANGE ${key} 0 -1`,
    `LINDEX ${key} 0`,
    `LINDEX ${key} -1`,
    `LMOVE ${key} <kept> LEFT RIGHT`,
    `RPOPLPUSH ${key} <kept>`,
    `BLMOVE ${key} <kept> LEFT RIGHT 0.01`,
    `BRPOPLPUSH ${key} <kept> 0.01`,
    ...BLOCKING.flatMap((pop) =>
      SHORT_TIMEOUTS.flatMap((
        timeout,
      ) => [`${pop} ${key} ${timeout}`, `${pop} ${key} <r> ${timeout}`])
    ),
  ].map((command) => `a ${command}`),
  `a~MULTI; a~BLPOP ${key} 0; a~BRPOP ${key} 0; a~LPOP ${key}; a EXEC`,
  `a~MULTI; a~LPOP ${key} 2; a~LMPOP 1 ${key} LEFT; a~BLMPOP 0 1 ${key} LEFT; a EXEC`,
  `a~MULTI; a~BLMOVE ${key} <kept> LEFT RIGHT 0; a~BRPOPLPUSH ${key} <kept> 0; a EXEC`,
]);

/** What is wrong. */
const ERRORS: readonly ConnectionsRow[] = [
  ...PUSHES.flatMap((push) => [`a ${push}`, `a ${push} <q>`, `a ${push.toLowerCase()} <q>`]),
  ...POPS.flatMap((pop) => [
    `a ${pop}`,
    `a ${pop} <q> 1 2`,
    `a ${pop} <q> 1 x`,
    ...BAD_COUNTS.flatMap((
      count,
    ) => [`a ${pop} <q> ${count}`, `a RPUSH <q> 1; a ${pop} <q> ${count}`]),
  ]),
  ...BLOCKING.flatMap((pop) => [
    `a ${pop}`,
    `a ${pop} <q>`,
    ...BAD_TIMEOUTS.flatMap((timeout) => [
      `a ${pop} <q> ${timeout}`,
      `a RPUSH <q> 1; a ${pop} <q> <r> ${timeout}`,
    ]),
  ]),
  "a LLEN",
  "a LLEN <q> <r>",
  "a LRANGE",
  "a LRANGE <q>",
  "a LRANGE <q> 0",
  "a LRANGE <q> 0 1 2",
  "a LRANGE <q> x 1",
  "a LRANGE <q> 0 x",
  'a LRANGE <q> "" 1',
  "a LRANGE <q> 0 1.5",
  "a LINDEX",
  "a LINDEX <q>",
  "a LINDEX <q> x",
  "a LINDEX <q> 1.5",
  "a LINDEX <q> 0 1",
  "a LREM",
  "a LREM <kept> 0",
  "a LREM <kept> x v",
  "a LREM <kept> 0 v w",
  "a LMPOP",
  "a LMPOP 1",
  "a LMPOP 1 <q>",
  ...["0", "-1", "x", "1.5", '""'].flatMap((count) => [
    `a LMPOP ${count} <q> LEFT`,
    `a BLMPOP 0.01 ${count} <q> LEFT`,
  ]),
  ...["1 <q> LEFT COUNT 0", "1 <q> LEFT COUNT -1", "1 <q> LEFT COUNT x", "1 <q> LEFT COUNT"]
    .flatMap((
      rest,
    ) => [`a LMPOP ${rest}`, `a BLMPOP 0.01 ${rest}`]),
  ...["1 <q> MIDDLE", "2 <q> LEFT", "3 <q> <r> LEFT", "1 <q> LEFT x", "1 <q> LEFT COUNT 1 COUNT 1"]
    .flatMap(
      (rest) => [`a LMPOP ${rest}`, `a BLMPOP 0.01 ${rest}`],
    ),
  "a BLMPOP",
  "a BLMPOP 1 1",
  ...BAD_TIMEOUTS.map((timeout) => `a BLMPOP ${timeout} 1 <q> LEFT`),
  "a LMOVE",
  "a LMOVE <q> <kept>",
  "a LMOVE <q> <kept> LEFT",
  "a LMOVE <q> <kept> LEFT MIDDLE",
  "a LMOVE <q> <kept> MIDDLE LEFT",
  "a LMOVE <q> <kept> LEFT LEFT x",
  "a BLMOVE",
  "a BLMOVE <q> <kept> LEFT RIGHT",
  "a BLMOVE <q> <kept> LEFT x 1",
  "a BRPOPLPUSH",
  "a BRPOPLPUSH <q> <kept>",
  "a RPOPLPUSH <q>",
  "a RPOPLPUSH <q> <kept> x",
  ...BAD_TIMEOUTS.flatMap((timeout) => [
    `a BLMOVE <q> <kept> LEFT RIGHT ${timeout}`,
    `a BRPOPLPUSH <q> <kept> ${timeout}`,
  ]),
  // in a transaction
  "a~MULTI; a~LPOP; a EXEC",
  "a~MULTI; a~BLPOP <q>; a EXEC",
  "a~MULTI; a~LPOP <q> x; a~LPOP <q>; a EXEC",
  "a~MULTI; a~BLPOP <q> x; a~LPOP <q>; a EXEC",
];

/** Several commands, or connections, at a time. */
const TOGETHER: readonly ConnectionsRow[] = [
  "a~MULTI; a~RPUSH <q> 1; a~RPUSH <r> 2; a EXEC; a LPOP <q>; a LPOP <r>",
  "a~MULTI; a~RPUSH <q> 1 2 3; a EXEC; a LPOP <q> 3",
  "a RPUSH <q> 1 2 3; a~MULTI; a~LPOP <q>; a~BLPOP <q> 0; a~LPOP <q> 5; a~LPOP <q>; a EXEC",
  "a RPUSH <q> 1 2; a~MULTI; a~LMPOP 1 <q> LEFT COUNT 2; a~BRPOP <q> 0; a EXEC",
  "a RPUSH <q> 1; a~MULTI; a~LPOP <q>; a DISCARD; a LPOP <q>",
  "a RPUSH <q> 1; a~MULTI; a~LPOP <q>; a~nosuch; a EXEC; a LPOP <q>",
  ...BLOCKING.flatMap((pop) => [
    `a& ${pop} <q> 20; b RPUSH <q> 1`,
    `a& ${pop} <q> 0; b LPUSH <q> 1`,
    `a& ${pop} <r> <q> 20; b RPUSH <q> 1`,
    `a& ${pop} <q> <r> 20; b RPUSH <q> 1; a PING; b RPUSH <r> 2; b LPOP <r>`,
    `a& ${pop} <q> 20; c& ${pop} <q> 20; b RPUSH <q> 1; a PING; b RPUSH <q> 2`,
    `a& ${pop} <q> 20; c& ${pop} <r> 20; b RPUSH <r> 1; b RPUSH <q> 2`,
    `a& ${pop} <q> 20; b RPUSH <q> 1; a PING; b LPOP <q>`,
    `a& ${pop} <q> 20; b~MULTI; b~RPUSH <q> 1; b~RPUSH <r> 2; b EXEC; b LPOP <r>`,
    `p& ${pop} <q> 20; r& ${pop} <q> 20; b RPUSH <q> 1; p PING; b RPUSH <q> 2`,
    `a! ${pop} <q> 0.05; a PING; a LPOP <q>`,
  ]),
  "a& BLMPOP 20 1 <q> LEFT; b RPUSH <q> 1",
  "a& BLMPOP 0 2 <r> <q> LEFT COUNT 5; b RPUSH <q> 1",
  "a& BLMOVE <q> <kept> LEFT RIGHT 20; b RPUSH <q> 1; a PING; b LRANGE <kept> 0 -1; b LREM <kept> 1 1",
  "a& BRPOPLPUSH <q> <kept> 20; b LPUSH <q> 1; a PING; b RPOP <kept>",
  // pipelines
  "a! RPUSH <q> 1; a! RPUSH <q> 2; a! LPOP <q>; a LPOP <q>",
  "a RPUSH <q> 1 2 3; a! LPOP <q>; a! LPOP <q>; a! LPOP <q>; a LPOP <q>",
  "a RPUSH <q> 1 2 3; a! BLPOP <q> 20; a! LPOP <q>; a! BLPOP <q> 20; a BLPOP <q> 0.01",
  "a RPUSH <q> 1; a. QUIT; b LPOP <q>",
  "a RPUSH <q> 1; a LPOP <q>; a. QUIT; b LPOP <q>",
];

/** A second list has what is being processed; LREM or a pop of it ends that. */
const PROCESSING: readonly ConnectionsRow[] = [
  ...MOVES.map((ends) =>
    `a RPUSH <q> 1; a LMOVE <q> <kept> ${ends}; a LRANGE <kept> 0 -1; a LREM <kept> 0 1`
  ),
  ...MOVES.map((ends) =>
    `a RPUSH <q> 1; a BLMOVE <q> <kept> ${ends} 20; a LLEN <kept>; a LPOP <kept>`
  ),
  "a LPUSH <q> 1; a RPOPLPUSH <q> <kept>; a RPOP <kept>; a LLEN <kept>; a RPOP <kept>",
  "a LPUSH <q> 1; a BRPOPLPUSH <q> <kept> 20; a LINDEX <kept> -1; a RPOP <kept>; a LINDEX <kept> -1",
  "a LPUSH <q> 1; a BRPOPLPUSH <q> <kept> 0; b LINDEX <kept> 0; b LREM <kept> -1 1; b LLEN <kept>",
  "a RPUSH <q> 1 2 3; a LMOVE <q> <kept> LEFT RIGHT; a LMOVE <q> <kept> LEFT RIGHT; a LMOVE <q> <kept> LEFT RIGHT; " +
  "a LRANGE <kept> 0 -1; a LPOP <kept>; a RPOP <kept>; a LPOP <kept>; a LPOP <kept>",
  "a RPUSH <q> 1 2 3; a LMOVE <q> <kept> LEFT LEFT; a LMOVE <q> <kept> LEFT LEFT; a LMOVE <q> <kept> LEFT LEFT; " +
  "a LRANGE <kept> 0 -1; a LINDEX <kept> 0; a LINDEX <kept> 2; a LPOP <kept> 3",
  "a RPUSH <q> x x y; a LMOVE <q> <kept> LEFT RIGHT; a LMOVE <q> <kept> LEFT RIGHT; a LMOVE <q> <kept> LEFT RIGHT; " +
  "a LREM <kept> 1 x; a LREM <kept> 0 x; a LREM <kept> 0 x; a LREM <kept> 0 y",
  "a RPUSH <q> 1; a LMOVE <q> <kept> LEFT RIGHT; a TYPE <kept>; a EXISTS <kept>; a LREM <kept> 0 1; a EXISTS <kept>",
  "a RPUSH <q> 1; a LMOVE <q> <kept> LEFT RIGHT; a DEL <kept>; a LLEN <kept>",
  "a LLEN <kept>",
  "a LRANGE <kept> 0 -1",
  "a LINDEX <kept> -1",
  "a LREM <kept> 0 x",
  "a LPOP <kept>",
  "a RPOP <kept>",
  "a RPOP <kept> 2",
  "a EXISTS <kept>",
  "a TYPE <kept>",
];

/** In any order. */
export const LIST_ROWS: readonly ConnectionsRow[] = [
  ...ONE,
  ...ORDER,
  ...ONE_END,
  ...EMPTY,
  ...ERRORS,
  ...TOGETHER,
  ...PROCESSING,
];
