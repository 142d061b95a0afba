/**
 * Replies as plain data, independent of RESP2 and RESP3, and short functions to make them. The reply writer encodes them.
 *
 * @see https://redis.io/docs/latest/develop/reference/protocol-spec/
 * @module
 */

/** The version of RESP, 2 until HELLO switches it. */
export type ProtocolVersion = 2 | 3;

/**
 * One reply. The text of an `error` begins with its code, as in `ERR no such thing`. `null` is the null bulk string
 * (`$-1`), `nullArray` the null array (`*-1`); RESP3 has one null for both. `map`, `set`, `push` and `verbatim` are
 * RESP3's; in RESP2 they are a flat array, arrays, and a bulk string. `pieces` are concatenated; constant ones are encoded already.
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
  | { kind: "push"; items: Reply[] }
  | { kind: "map"; entries: [key: Reply, value: Reply][] }
  | { kind: "pieces"; pieces: (Uint8Array | Reply)[] };

/** `+OK` */
export const OK: Reply = { kind: "simple", text: "OK" };

/** The null bulk string. */
export const NULL: Reply = { kind: "null" };

/** The null array: the reply of a blocking command after its timeout. */
export const NULL_ARRAY: Reply = { kind: "nullArray" };

/** A status on one line. Line breaks are written as spaces. */
export function simple(text: string): Reply {
  return { kind: "simple", text };
}

/**
 * An error on one line. Line breaks are written as spaces.
 *
 * @param text begins with the error's code
 */
export function error(text: string): Reply {
  return { kind: "error", text };
}

/**
 * A signed 64-bit integer.
 *
 * @throws {RangeError} for a fraction, NaN, and a number out of range
 */
export function integer(value: number | bigint): Reply {
  const exact = typeof value === "bigint"
    ? BigInt.asIntN(64, value) === value
    : Number.isSafeInteger(value);
  if (!exact) throw new RangeError(`Cannot reply with "${value}": not a 64-bit integer`);
  return { kind: "integer", value };
}

/** A bulk string; text is sent as UTF-8. Bytes must not change until they are written. */
export function bulk(value: Uint8Array | string): Reply {
  return { kind: "bulk", value };
}

/** A list of replies of any kinds. */
export function array(items: Reply[]): Reply {
  return { kind: "array", items };
}

/** Text of several lines for people, as of INFO. */
export function verbatim(text: string): Reply {
  return { kind: "verbatim", text };
}

/** A list in no particular order, each element once. */
export function set(items: Reply[]): Reply {
  return { kind: "set", items };
}

/** What is sent beside replies, such as a message of a channel. */
export function push(items: Reply[]): Reply {
  return { kind: "push", items };
}

/** Whether a reply consists of what is sent beside replies. */
export function isPush(reply: Reply): boolean {
  if (reply.kind !== "pieces") return reply.kind === "push";
  return reply.pieces.length > 0 &&
    reply.pieces.every((piece) => !(piece instanceof Uint8Array) && piece.kind === "push");
}

/** A reply in pieces; bytes are written as they are, and must be valid in RESP2 and in RESP3. */
export function pieces(parts: (Uint8Array | Reply)[]): Reply {
  return { kind: "pieces", pieces: parts };
}

/** Keys and values. */
export function map(entries: [key: Reply, value: Reply][]): Reply {
  return { kind: "map", entries };
}

/** A map with bulk strings as keys. */
export function record(entries: Readonly<Record<string, Reply>>): Reply {
  return map(Object.entries(entries).map(([key, value]) => [bulk(key), value]));
}
