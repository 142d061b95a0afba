/**
 * Bad input of the request parser and the error that is to come of it; run like the good input of
 * request_cases.ts.
 *
 * @module
 */
import { encodeRequest } from "../support/wire.ts";
import type { RequestCase } from "./request_cases.ts";

const MAX_LINE = 64 * 1024;
const PING = encodeRequest(["PING"]);

const INVALID_COUNT = "Protocol error: invalid multibulk length";
const INVALID_LENGTH = "Protocol error: invalid bulk length";
const UNBALANCED = "Protocol error: unbalanced quotes in request";
const TOO_BIG_COUNT = "Protocol error: too big mbulk count string";
const TOO_BIG_LENGTH = "Protocol error: too big bulk count string";
const TOO_BIG_INLINE = "Protocol error: too big inline request";

/** Input that ends in an error, among it the malformed requests of Redis' tests/unit/protocol.tcl. */
export const BAD_CASES: RequestCase[] = [
  ...badCounts("no number", ["*x\r\n", "*1x\r\n", "*1.5\r\n", "*1e1\r\n", "*0x1\r\n", "*--1\r\n"]),
  ...badCounts("empty", ["*\r\n", "*-\r\n"]),
  ...badCounts("not strictly decimal", ["*+1\r\n", "*01\r\n", "* 1\r\n", "*1 \r\n", "*-0\r\n"]),
  ...badCounts("more than a number holds", [
    "*99999999999999999999\r\n",
    `*-1${"0".repeat(30)}\r\n`,
  ]),
  ...badCounts("more than Redis takes", ["*3000000000\r\n", "*9223372036854775807\r\n"]),
  ...badCounts("ended by LF alone", ["*1\n", "*11\n", "*\n"]),
  ...badCounts("ended by LF before the next CR", ["*1\n$4\r\nPING\r\n"]),
  ...badCounts("followed by a CR of its own", ["*1\r\r\n"]),
  ...badCounts("more than maxArguments", ["*1048577\r\n"]),
  ...badCounts("less than the safe integers", ["*-9007199254740992\r\n"]),
  ...badCounts("ended by CR alone", ["*1\r$4\r\nPING\r\n"]),
  ...badLengths("negative", ["$-1\r\n", "$-10\r\n"]),
  ...badLengths("no number", ["$blabla\r\n", "$4x\r\n", "$x4\r\n", "$4.0\r\n"]),
  ...badLengths("behind a NUL", ["$\x004\r\n"]),
  ...badLengths("empty", ["$\r\n", "$-\r\n"]),
  ...badLengths("not strictly decimal", ["$+4\r\n", "$04\r\n", "$ 4\r\n", "$4 \r\n", "$-0\r\n"]),
  ...badLengths("more than maxBulkBytes", ["$1048577\r\n", "$2000000000\r\n"]),
  ...badLengths("more than a number holds", ["$9999999999999999999\r\n", `$${"1".repeat(40)}\r\n`]),
  ...badLengths("ended by LF alone", ["$4\n", "$44\n", "$\n"]),
  ...badLengths("ended by LF before the next CR", ["$4\nPING\r\n"]),
  ...badLengths("ended by CR alone", ["$4\rxPING\r\n"]),
  ...badLengths("less than the bulk's", ["$3\r\nPING\r\n", "$3\r\nPI\r\n\r\n"]),
  ...badLengths("more than the bulk's", [
    "$5\r\nPING\r\n+\r\n",
    "$4\r\nPING\n\n",
    "$4\r\nPING\r+\r\n",
  ]),
  ...badTypes("a letter", "f", "f"),
  ...badTypes("an array", "*", "*"),
  ...badTypes("an integer", ":", ":"),
  ...badTypes("a space", " ", " "),
  ...badTypes("a quote", "'", "'"),
  ...badTypes("a CR", "\r", "\\x0d"),
  ...badTypes("a LF", "\n", "\\x0a"),
  ...badTypes("a NUL", "\0", "\\x00"),
  ...badTypes("a DEL", "\x7f", "\\x7f"),
  ...badTypes("a tilde", "~", "~"),
  ...badTypes("a byte beyond ASCII", "\xff", "\\xff"),
  {
    name: "refuses a bulk without a header, and returns what came before",
    wire: PING + "*3\r\n$3\r\nSET\r\n$1\r\nx\r\nfooz\r\n" + PING,
    want: [["PING"]],
    error: "Protocol error: expected '$', got 'f'",
  },
  {
    name: "refuses a request of too many bytes at the header that says so",
    wire: PING + "*3\r\n$4\r\nECHO\r\n$3\r\nabc\r\n$4\r\n",
    want: [["PING"]],
    error: "Protocol error: request larger than 10 bytes",
    limits: { maxRequestBytes: 10 },
  },
  {
    name: "refuses a count line without end",
    wire: PING + "*" + "1".repeat(MAX_LINE),
    want: [["PING"]],
    error: TOO_BIG_COUNT,
  },
  {
    name: "refuses a count line without end that holds NUL",
    wire: "*\0" + "x".repeat(MAX_LINE - 1),
    want: [],
    error: TOO_BIG_COUNT,
  },
  {
    name: "refuses a length line without end",
    wire: PING + "*1\r\n$" + "1".repeat(MAX_LINE),
    want: [["PING"]],
    error: TOO_BIG_LENGTH,
  },
  {
    name: "refuses an inline command without end",
    wire: PING + "x".repeat(MAX_LINE + 1),
    want: [["PING"]],
    error: TOO_BIG_INLINE,
  },
  {
    name: "refuses quotes that are followed by quotes",
    wire: 'set """test-key""" test-value\r\nping\r\n',
    want: [],
    error: UNBALANCED,
  },
  {
    name: "refuses a quote that is not closed, and returns what came before",
    wire: "PING\r\n" + PING + 'ECHO "abc\r\n' + PING,
    want: [["PING"], ["PING"]],
    error: UNBALANCED,
  },
];

function badCounts(what: string, lines: string[]): RequestCase[] {
  return lines.map((line) => ({
    name: `refuses a count that is ${what}: ${JSON.stringify(line)}`,
    wire: PING + line,
    want: [["PING"]],
    error: INVALID_COUNT,
  }));
}

function badLengths(what: string, lines: string[]): RequestCase[] {
  return lines.map((line) => ({
    name: `refuses a length that is ${what}: ${JSON.stringify(line)}`,
    wire: PING + "*2\r\n$4\r\nECHO\r\n" + line,
    want: [["PING"]],
    error: INVALID_LENGTH,
  }));
}

function badTypes(what: string, type: string, shown: string): RequestCase[] {
  return ["*1\r\n", "*2\r\n$4\r\nECHO\r\n"].map((start, i) => ({
    name: `refuses ${what} in place of the '$' of argument ${i + 1}`,
    wire: `${PING}${start}${type}1\r\n`,
    want: [["PING"]],
    error: `Protocol error: expected '$', got '${shown}'`,
  }));
}
