/**
 * Entries of streams as messages of Kafka, and back. One field is the value of the message, the field `key` its key, all
 * others are headers, in their order. Two headers of Rafka's own keep what that loses: `rafka.value` the name and the
 * position of the value's field where it is not a `value` in front, empty for an entry without such a field;
 * `rafka.key` the position of the field `key` where it is not right behind the value.
 *
 * @module
 */

import { recordIdText } from "../../streams/stream_id.ts";
import type { Message, MessageHeader, MessageMetadata } from "../../kafka/client/message.ts";
import { NO_BYTES } from "../../resp/bytes.ts";
import { array, bulk, pieces, type Reply } from "../../resp/reply.ts";
import type { Request } from "../../resp/request_parser.ts";
import { type Argument, shownStart } from "../core/args.ts";
import { CommandError } from "../core/command_error.ts";

/** The parts of a message that an entry becomes; all but its timestamp. */
export interface EntryRecord {
  /** Empty for an entry without a value field; never null, which would be a tombstone. */
  readonly value: Argument;
  /** null for none. */
  readonly key: Argument | null;
  /** In the order of the fields. */
  readonly headers: readonly MessageHeader[];
}

const VALUE = "value";
const KEY = "key";
const VALUE_HEADER = "rafka.value";
const KEY_HEADER = "rafka.key";

const encoder = new TextEncoder();
const VALUE_NAME = encoder.encode(VALUE);
const KEY_NAME = encoder.encode(KEY);
const VALUE_MARK = encoder.encode(VALUE_HEADER);
const KEY_MARK = encoder.encode(KEY_HEADER);
const NO_FIELD: MessageHeader = [VALUE_MARK, NO_BYTES];
const KEY_IS_HERE: MessageHeader = [KEY_MARK, NO_BYTES];
const NO_METADATA: Pick<MessageMetadata, "key" | "headers"> = { key: null, headers: [] };

/** An entry up to its id. */
const ENTRY = encoder.encode("*2\r\n");
/** The fields of a message that has only a value, up to that. */
const ONE_FIELD = encoder.encode("*2\r\n$5\r\nvalue\r\n");
/** The same with a key behind it. */
const TWO_FIELDS = encoder.encode("*4\r\n$5\r\nvalue\r\n");
const KEY_FIELD = encoder.encode("$3\r\nkey\r\n");

/**
 * The message that an entry becomes.
 *
 * @param fields name, value, name, value …, from the position `first` on; at least one pair
 * @param topicKey the key in the stream's name, null for none; with it a field `key` is a header as any other
 * @param valueFields names of fields that may be the value, behind `value`; ASCII, the preferred ones first
 * @param chosen the name of the field that is the value, if there is one, whatever other fields there are
 * @throws {CommandError} PROD for a name that cannot be a header's
 */
export function toRecord(
  fields: Request,
  topicKey: Argument | null,
  valueFields: readonly string[],
  first: number = 0,
  chosen?: string,
): EntryRecord {
  const chosenAt = chosen === undefined ? -1 : findField(fields, first, chosen);
  const valueAt = chosenAt >= 0 ? chosenAt : findValue(fields, first, valueFields);
  const keyAt = topicKey === null ? findKey(fields, first, valueAt) : -1;
  const headers: MessageHeader[] = [];
  if (valueAt < 0 && keyAt < 0) headers.push(NO_FIELD);
  for (let at = first; at < fields.length; at += 2) {
    const name = fields[at]!;
    if (at === valueAt) {
      if (at > first || !isNamed(name, VALUE)) headers.push([VALUE_MARK, name]);
    } else if (at === keyAt) {
      if (valueAt < 0) headers.push(NO_FIELD);
      else if (at !== valueAt + 2) headers.push(KEY_IS_HERE);
    } else {
      requireHeaderName(name);
      headers.push([name, fields[at + 1]!]);
    }
  }
  return {
    value: valueAt < 0 ? NO_BYTES : fields[valueAt + 1]!,
    key: keyAt < 0 ? topicKey : fields[keyAt + 1]!,
    headers,
  };
}

/**
 * The fields of a message as an entry: name, value, name, value … A message of somebody else has `value`, then `key` if
 * there is one, then its headers. A tombstone has no value field; a header that is null is an empty field.
 */
export function entryFields({ value, metadata }: Message): Uint8Array[] {
  const { key, headers } = metadata ?? NO_METADATA;
  const valueAt = findHeader(headers, VALUE_HEADER);
  const keyAt = findHeader(headers, KEY_HEADER);
  const fields: Uint8Array[] = [];
  const addKey = (): void => {
    if (key !== null) fields.push(KEY_NAME, key);
  };
  const addValue = (name: Uint8Array): void => {
    const hasName = name.byteLength > 0;
    // without a name there was no field, unless somebody has given the message a value and kept its headers
    const isField = value !== null && (hasName || value.byteLength > 0);
    if (isField) fields.push(hasName ? name : VALUE_NAME, value);
    if (keyAt < 0) addKey();
  };
  if (valueAt < 0) addValue(VALUE_NAME);
  for (const [at, [name, content]] of headers.entries()) {
    if (at === valueAt) addValue(content ?? NO_BYTES);
    else if (at === keyAt) addKey();
    else fields.push(name, content ?? NO_BYTES);
  }
  return fields;
}

/** An entry as replies have it: its id and its fields. */
export function entryReply(message: Message): Reply {
  const { value, metadata, partition, offset } = message;
  const idReply = bulk(recordIdText(metadata?.timestampMs, partition, Number(offset)));
  if (value === null || metadata && metadata.headers.length > 0) {
    return pieces([ENTRY, idReply, array(entryFields(message).map(bulk))]);
  }
  return metadata?.key
    ? pieces([ENTRY, idReply, TWO_FIELDS, bulk(value), KEY_FIELD, bulk(metadata.key)])
    : pieces([ENTRY, idReply, ONE_FIELD, bulk(value)]);
}

/** Position of the value's field, -1 for none. An empty name cannot be told from none in `rafka.value`. */
function findValue(fields: Request, first: number, valueFields: readonly string[]): number {
  if (fields.length === first + 2) return fields[first]!.byteLength > 0 ? first : -1;
  let found = -1;
  let rank = valueFields.length;
  for (let at = first; at < fields.length; at += 2) {
    const name = fields[at]!;
    if (isNamed(name, VALUE)) return at;
    for (let next = 0; next < rank; next++) {
      if (!isNamed(name, valueFields[next]!)) continue;
      found = at;
      rank = next;
    }
  }
  return found;
}

/** Position of the first field of this name, -1 for none. */
function findField(fields: Request, first: number, name: string): number {
  for (let at = first; at < fields.length; at += 2) if (isNamed(fields[at]!, name)) return at;
  return -1;
}

/** Position of the field `key`, -1 for none. */
function findKey(fields: Request, first: number, valueAt: number): number {
  for (let at = first; at < fields.length; at += 2) {
    if (at !== valueAt && isNamed(fields[at]!, KEY)) return at;
  }
  return -1;
}

/** Position of the first header of this name, -1 for none. */
function findHeader(headers: readonly MessageHeader[], name: string): number {
  for (let at = 0; at < headers.length; at++) if (isNamed(headers[at]![0], name)) return at;
  return -1;
}

/** Whether a name is this text of ASCII characters. */
function isNamed(name: Uint8Array, text: string): boolean {
  const { length } = text;
  if (name.byteLength !== length) return false;
  for (let at = 0; at < length; at++) if (name[at] !== text.charCodeAt(at)) return false;
  return true;
}

function requireHeaderName(name: Argument): void {
  if (isNamed(name, VALUE_HEADER) || isNamed(name, KEY_HEADER)) {
    throw new CommandError(
      "PROD",
      `Field name '${
        shownStart(name)
      }' is reserved: Rafka keeps the order of fields in a header of this name`,
    );
  }
  if (name.includes(0)) {
    const escaped = shownStart(name).replaceAll("\0", "\\x00");
    throw new CommandError(
      "PROD",
      `Field name '${escaped}' holds a NUL character, which the name of a header in Kafka cannot`,
    );
  }
}
