/**
 * What a command answers, as plain data, and short ways to make it. How it looks on the wire, in RESP2 or in RESP3,
 * is the reply writer's business.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

/** The version of RESP that a client has asked for with HELLO; 2 until then. */
export type ProtocolVersion = 2 | 3;

/**
 * One reply. A text of `error` begins with its code, as in `ERR no such thing`. `null` is the null
 * bulk string (`$-1`), `nullArray` the null array (`*-1`); RESP3 has one null for both. `map`, `set` and `verbatim` are
 * RESP3's; RESP2 shows them as a flat array, an array, and a bulk string. `pieces` are one reply after the other, of which
 * what never changes is encoded already.
 */
export type Reply =
  | { kind: "simple"; text: string }
  | { kind: "error"; text: string }
  | { kind: "integer"; value: number | bigint }
  | { kind: "bulk"; value: Uint8Array | string }
  | { kind: "verbatim"; text: string }
  | { kind: "null" }
  | { kind: "nullArray" }
  | { kind: "array"; items: Reply[] }
  | { kind: "set"; items: Reply[] }
  | { kind: "map"; entries: [key: Reply, value: Reply][] }
  | { kind: "pieces"; pieces: (Uint8Array | Reply)[] };

/** `+OK` */
export const OK: Reply = { kind: "simple", text: "OK" };

/** The null bulk string: no value. */
export const NULL: Reply = { kind: "null" };

/** The null array: what a blocking command answers when its time is over. */
export const NULL_ARRAY: Reply = { kind: "nullArray" };

/** A status, on one line. A line break in it is written as a space. */
export function simple(text: string): Reply {
  return { kind: "simple", text };
}

/** An error. `text` begins with its code; a line break in it is written as a space. */
export function error(text: string): Reply {
  return { kind: "error", text };
}

/**
 * A signed 64-bit integer.
 *
 * @throws {RangeError} for what RESP cannot say: a fraction, NaN, or a number out of range
 */
export function integer(value: number | bigint): Reply {
  const exact = typeof value === "bigint"
    ? BigInt.asIntN(64, value) === value
    : Number.isSafeInteger(value);
  if (!exact) throw new RangeError(`Cannot reply with "${value}": not a 64-bit integer`);
  return { kind: "integer", value };
}

/** Bytes, or a text that is sent as UTF-8. Bytes must stay as they are until they are written. */
export function bulk(value: Uint8Array | string): Reply {
  return { kind: "bulk", value };
}

/** A list of replies, of any kinds. */
export function array(items: Reply[]): Reply {
  return { kind: "array", items };
}

/** Several lines for a person to read, as INFO has them. */
export function verbatim(text: string): Reply {
  return { kind: "verbatim", text };
}

/** A list in no order, each element once. */
export function set(items: Reply[]): Reply {
  return { kind: "set", items };
}

/** Pieces of a reply, in order; bytes are written as they are, and must be right in RESP2 and in RESP3. */
export function pieces(parts: (Uint8Array | Reply)[]): Reply {
  return { kind: "pieces", pieces: parts };
}

/** Keys and values. */
export function map(entries: [key: Reply, value: Reply][]): Reply {
  return { kind: "map", entries };
}

/** The same, with bulk strings as keys. */
export function record(entries: Readonly<Record<string, Reply>>): Reply {
  return map(Object.entries(entries).map(([key, value]) => [bulk(key), value]));
}
