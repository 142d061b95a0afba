/**
 * XADD: what redis-server answers to it, too, and where we differ on purpose.
 *
 * @module
 */
import { argumentTree, byType, commandEntries } from "../compare_replies.ts";
import type { ParityRow } from "../parity_rows.ts";

/** What stands between the key and the id. */
const OPTIONS = [
  "NOMKSTREAM MAXLEN 5",
  "MAXLEN 5",
  "maxlen = 5",
  "MAXLEN ~ 5",
  "MAXLEN ~ 5 LIMIT 100",
  "MAXLEN ~ 5 limit 0",
  "LIMIT 100 MAXLEN ~ 5",
  "MAXLEN ~ 5 NOMKSTREAM LIMIT 1 LIMIT 2",
  "MAXLEN 0",
  "MINID 0",
  "MINID 5-5",
  "minid ~ 5",
  "MINID = 5-0",
  "MINID ~ 5 LIMIT 10",
];

/** What does not. */
const BAD_OPTIONS = [
  "bad",
  "MAXLEN",
  "MAXLEN x",
  "MAXLEN -1",
  "MAXLEN ~ -1",
  "MAXLEN ~",
  "MAXLEN =",
  "MAXLEN = ~ 5",
  "MAXLEN ~ x",
  "MAXLEN 1.5",
  "MAXLEN 9223372036854775808",
  "MAXLEN 5 MAXLEN 5",
  "MAXLEN 5 MINID 5",
  "MINID 5 MAXLEN 5",
  "MINID ~ 5 MINID 6",
  "MINID",
  "MINID x",
  "MINID -",
  "MINID +",
  "MINID (5",
  "MINID ~ x",
  "MINID -1",
  "LIMIT 5",
  "LIMIT 0",
  "LIMIT -1",
  "LIMIT x",
  "LIMIT",
  "MAXLEN 5 LIMIT 5",
  "MAXLEN 5 LIMIT 0",
  "MAXLEN = 5 LIMIT 5",
  "MAXLEN ~ 5 LIMIT -1",
  "MAXLEN ~ 5 LIMIT x",
  "MINID 5 LIMIT 5",
  "NOMKSTREAM x",
];

const BAD_IDS = [
  "x",
  "-",
  "+",
  ">",
  "$",
  "(5",
  "5-",
  "-5",
  "-*",
  "*-5",
  "*-*",
  "**",
  "5-**",
  "5-5-*",
  "x-*",
  "-1-*",
  "5-x",
  "18446744073709551616-*",
  "18446744073709551616",
  "5-18446744073709551616",
  "1.5",
  "0",
  "0-0",
  "00000-0",
];

/** In any order; each on a topic of its own. */
export const ADD_ROWS: readonly ParityRow[] = [
  ["XADD <key> * f v", byType],
  ["xadd <key> * f v g w f v", byType],
  ["XADD <key> 5-* f v; XADD <key> 5-* f v", byType],
  ['XADD <key> * "" ""', byType],
  ["XADD <key> NOMKSTREAM * f v"],
  ["XADD <key> nomkstream nomkstream * f v"],
  ["XADD <key> NOMKSTREAM 5-5 f v"],
  ["XADD <key> NOMKSTREAM bad f v"],
  ["XADD <key> * f v; XADD <key> NOMKSTREAM * f v", byType],
  ["MULTI; XADD <key> * f v; XADD <key> * f v; EXEC", byType],
  ["MULTI; XADD <key> * f"],
  ["MULTI; XADD <key> bad f v; PING; EXEC"],
  ...OPTIONS.map((options): ParityRow => [`XADD <key> * f v; XADD <key> ${options} * f v`, byType]),
  ...BAD_OPTIONS.map((options): ParityRow => [`XADD <key> ${options} * f v`]),
  ...BAD_OPTIONS.map((options): ParityRow => [`XADD <key> ${options}`]),
  ...BAD_IDS.map((id): ParityRow => [`XADD <key> ${id} f v`]),
  ["XADD <key> * f v g"],
  ["XADD <key> *"],
  ["XADD <key> * f"],
  ["XADD <key> NOMKSTREAM * f"],
  ["XADD <key> bad f"],
  ["XADD <key> bad f v g"],
  ["XADD <key> MAXLEN 5 * f v g"],
  ["XADD <key> NOMKSTREAM MAXLEN 5 NOMKSTREAM"],
  ["XADD <key> MAXLEN 5 LIMIT 5 *"],
  ["XADD <key> 5-5 f v", byType],
  ["XADD <key> 5 f v", byType],
  ["XADD <key> 0-1 f v", byType],
  ["COMMAND INFO XADD", commandEntries],
  ["COMMAND DOCS XADD", argumentTree],
  ["COMMAND GETKEYS XADD topics:t * f v"],
];

/** As in the test: patterns of names of rows, and why they differ. */
export const ADD_DIFFERENCES: readonly (readonly [RegExp, string])[] = [
  [/^XADD <key> (NOMKSTREAM )?(5-5|5|0-1) f v$/, "Kafka gives the ids"],
];
