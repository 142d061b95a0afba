/**
 * Good input of the request parser and what is to come of it. The parser's tests run each row cut
 * in many ways; the parity test asks redis-server what it makes of it.
 *
 * @module
 */
import type { ParserLimits } from "../../src/resp/request_parser.ts";
import { encodeRequest } from "../support/wire.ts";

/** One row. Strings hold one byte a character. */
export interface RequestCase {
  /** What the parser does with it: the title's predicate. */
  name: string;
  /** The client's bytes. */
  wire: string;
  /** The requests that come of them. */
  want: string[][];
  /** Message of the error after them; without it there is none. */
  error?: string;
  /** Where they are not {@linkcode CASE_LIMITS}. */
  limits?: Partial<ParserLimits>;
}

/** 1 MiB is the least that redis-server takes for its own limit of a bulk. */
export const CASE_LIMITS: ParserLimits = {
  maxBulkBytes: 1024 * 1024,
  maxArguments: 1024 * 1024,
  maxRequestBytes: 2 * 1024 * 1024,
};

const MAX_LINE = 64 * 1024;
const ALL_BYTES = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte)).join("");
const PING = encodeRequest(["PING"]);

/** Input without an error. */
export const GOOD_CASES: RequestCase[] = [
  { name: "returns nothing for no bytes", wire: "", want: [] },
  { name: "returns a name alone", wire: PING, want: [["PING"]] },
  {
    name: "returns a request of three arguments",
    wire: encodeRequest(["RPUSHX", "topics:greetings:a:b", "hello"]),
    want: [["RPUSHX", "topics:greetings:a:b", "hello"]],
  },
  {
    name: "returns the requests of a pipeline in order",
    wire: encodeRequest(["ECHO", "1"]) + PING + encodeRequest(["ECHO", "2"]) + PING,
    want: [["ECHO", "1"], ["PING"], ["ECHO", "2"], ["PING"]],
  },
  {
    name: "returns a bulk that holds CRLF",
    wire: "*1\r\n$4\r\na\r\nb\r\n",
    want: [["a\r\nb"]],
  },
  {
    name: "returns a bulk that ends in CRLF",
    wire: encodeRequest(["ECHO", "\r\n"]) + PING,
    want: [["ECHO", "\r\n"], ["PING"]],
  },
  {
    name: "returns a bulk that looks like a request",
    wire: encodeRequest(["ECHO", "*1\r\n$4\r\nEVIL\r\n"]) + PING,
    want: [["ECHO", "*1\r\n$4\r\nEVIL\r\n"], ["PING"]],
  },
  {
    name: "returns empty bulks",
    wire: encodeRequest(["SET", "", ""]) + PING,
    want: [["SET", "", ""], ["PING"]],
  },
  { name: "returns an empty name", wire: encodeRequest([""]), want: [[""]] },
  {
    name: "returns all byte values as they are",
    wire: encodeRequest(["ECHO", ALL_BYTES]),
    want: [["ECHO", ALL_BYTES]],
  },
  {
    name: "returns NUL bytes as they are",
    wire: encodeRequest(["ECHO", "\0\0a\0"]),
    want: [["ECHO", "\0\0a\0"]],
  },
  {
    name: "returns a request of 40 arguments",
    wire: encodeRequest(Array.from({ length: 40 }, (_, i) => `a${i}`)),
    want: [Array.from({ length: 40 }, (_, i) => `a${i}`)],
  },
  {
    name: "returns a bulk larger than a line may be",
    wire: encodeRequest(["ECHO", "0123456789".repeat(7_000)]) + PING,
    want: [["ECHO", "0123456789".repeat(7_000)], ["PING"]],
  },
  { name: "passes over a count of 0", wire: "*0\r\n" + PING, want: [["PING"]] },
  { name: "passes over negative counts", wire: "*-1\r\n*-10\r\n" + PING, want: [["PING"]] },
  { name: "waits for the rest of a count", wire: PING + "*1", want: [["PING"]] },
  { name: "waits for the rest of a length", wire: PING + "*1\r\n$4\r", want: [["PING"]] },
  { name: "waits for the rest of a bulk", wire: PING + "*1\r\n$4\r\nPIN", want: [["PING"]] },
  { name: "waits for a bulk's CRLF", wire: PING + "*1\r\n$4\r\nPING", want: [["PING"]] },
  { name: "waits for the missing arguments", wire: "*2\r\n$4\r\nECHO\r\n", want: [] },
  {
    name: "returns what is exactly at the limits",
    wire: encodeRequest(["ECHO", "12345", "1"]),
    want: [["ECHO", "12345", "1"]],
    limits: { maxBulkBytes: 5, maxArguments: 3, maxRequestBytes: 10 },
  },
  {
    name: "counts the bytes of each request anew",
    wire: encodeRequest(["ECHO", "12345"]).repeat(3),
    want: [["ECHO", "12345"], ["ECHO", "12345"], ["ECHO", "12345"]],
    limits: { maxRequestBytes: 9 },
  },
  { name: "returns an inline command", wire: "PING\r\n", want: [["PING"]] },
  { name: "returns an inline command that ends in LF", wire: "PING\n", want: [["PING"]] },
  { name: "waits for the rest of an inline command", wire: "PING\nPIN", want: [["PING"]] },
  { name: "passes over blank lines", wire: "\r\n\n \t \r\nPING\r\n\r\n", want: [["PING"]] },
  {
    name: "splits inline commands at whitespace",
    wire: "  SET\tkey   value \r\n",
    want: [["SET", "key", "value"]],
  },
  {
    name: "returns quoted inline arguments",
    wire: `ECHO "a b\\r\\n\\x00\\xfF\\""\r\nECHO 'it\\'s \\n' ""\r\n`,
    want: [["ECHO", 'a b\r\n\x00\xff"'], ["ECHO", "it's \\n", ""]],
  },
  {
    name: "returns inline and counted requests in order",
    wire: "PING a\r\n" + PING + "PING b\n" + encodeRequest(["ECHO", "c"]) + "\r\n",
    want: [["PING", "a"], ["PING"], ["PING", "b"], ["ECHO", "c"]],
  },
  {
    name: "returns an inline command that begins like a bulk",
    wire: "$4\r\nPING\r\n",
    want: [["$4"], ["PING"]],
  },
  {
    name: "returns NUL bytes of an inline command as they are",
    wire: "ECHO \0a\0\r\n",
    want: [["ECHO", "\0a\0"]],
  },
  {
    name: "returns an inline command of the greatest length",
    wire: "x".repeat(MAX_LINE) + "\nPING\n",
    want: [["x".repeat(MAX_LINE)], ["PING"]],
  },
];
