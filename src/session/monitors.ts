/**
 * MONITOR: shows every command to the connections that asked for it. Costs nothing while nobody listens.
 *
 * @see https://redis.io/docs/latest/commands/monitor/
 * @module
 */

import { simple } from "../resp/reply.ts";
import { encodeReply } from "../resp/reply_writer.ts";
import type { Request } from "../resp/request_parser.ts";

const BACKSLASH = 0x5c;
const QUOTE = 0x22;
const ESCAPES: Readonly<Record<number, string>> = {
  0x07: "\\a",
  0x08: "\\b",
  0x09: "\\t",
  0x0a: "\\n",
  0x0d: "\\r",
};

/** How each byte is shown. */
const SHOWN: readonly string[] = Array.from({ length: 256 }, (_, byte) => quoteByte(byte));

/** So much of a command is shown: a large one must not stall the gateway while somebody listens. */
const MAX_SHOWN_BYTES = 64 * 1024;

/** A connection that has sent MONITOR. */
export interface MonitorListener {
  /** Gets one line, as it is written in RESP2 and in RESP3. */
  showCommand(line: Uint8Array): void;
}

/** The connections that listen. */
export class Monitors {
  readonly #listeners = new Set<MonitorListener>();

  /** Shows it every command from now on. */
  add(listener: MonitorListener): void {
    this.#listeners.add(listener);
  }

  /** Shows it nothing any more. */
  remove(listener: MonitorListener): void {
    this.#listeners.delete(listener);
  }

  /** Somebody listens. */
  get listening(): boolean {
    return this.#listeners.size > 0;
  }

  /** Shows a command of the client `id` to all listeners; encoded once, however many they are. */
  show(id: string, request: Request): void {
    const text = formatCommand(performance.timeOrigin + performance.now(), id, request);
    const line = encodeReply(simple(text), 2);
    for (const listener of this.#listeners) listener.showCommand(line);
  }
}

/** `<unix seconds>.<6 digits> [0 <client id>] "CMD" "arg" …` */
function formatCommand(unixMs: number, id: string, request: Request): string {
  let line = `${(unixMs / 1_000).toFixed(6)} [0 ${id}]`;
  let budget = MAX_SHOWN_BYTES;
  for (const [index, argument] of request.entries()) {
    if (budget <= 0) return `${line} ... (${request.length - index} more arguments)`;
    line += " " + quote(argument, budget);
    budget -= argument.byteLength;
  }
  return line;
}

/** As Redis shows strings: ASCII, everything else escaped; one over the budget is cut as in its SLOWLOG. */
function quote(bytes: Uint8Array, maxBytes: number): string {
  const shownBytes = bytes.subarray(0, maxBytes);
  const hiddenBytes = bytes.byteLength - shownBytes.byteLength;
  let shown = "";
  for (let i = 0; i < shownBytes.byteLength; i++) shown += SHOWN[shownBytes[i]!]!;
  return `"${shown}${hiddenBytes > 0 ? `... (${hiddenBytes} more bytes)` : ""}"`;
}

function quoteByte(byte: number): string {
  if (byte === QUOTE || byte === BACKSLASH) return "\\" + String.fromCharCode(byte);
  if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte);
  return ESCAPES[byte] ?? "\\x" + byte.toString(16).padStart(2, "0");
}
