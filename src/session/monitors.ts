/**
 * MONITOR: sends every command to the listening connections. Costs nothing without listeners.
 *
 * @see https://redis.io/docs/latest/commands/monitor/
 * @module
 */

import type { User } from "../auth/user.ts";
import { seesClient, type Viewer } from "../commands/core/visibility.ts";
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

/** The escaped form of each byte. */
const SHOWN: readonly string[] = Array.from({ length: 256 }, (_, byte) => quoteByte(byte));

/** The part of a command that is shown: formatting a large one would stall the gateway. */
const MAX_SHOWN_BYTES = 64 * 1024;

/** A connection whose commands are shown. */
export interface MonitoredClient {
  /** Name or address. */
  readonly id: string;
  /** Whose commands they are. */
  readonly user: User;
  /** Whom Kafka sees. */
  readonly principal: string | undefined;
}

/** A connection that has sent MONITOR. */
export interface MonitorListener {
  /** Its user, who may not see everybody's commands. */
  readonly client: Viewer;
  /** Receives one encoded line, valid in RESP2 and RESP3. */
  showCommand(line: Uint8Array): void;
}

/** The listening connections. */
export class Monitors {
  readonly #listeners = new Set<MonitorListener>();

  /** Adds a listener of all later commands. */
  add(listener: MonitorListener): void {
    this.#listeners.add(listener);
  }

  /** Removes a listener, if it is one. */
  remove(listener: MonitorListener): void {
    this.#listeners.delete(listener);
  }

  /** Whether there is a listener. */
  get listening(): boolean {
    return this.#listeners.size > 0;
  }

  /** Sends a command of a client to all listeners that may see it; encodes it once for all. */
  show(client: MonitoredClient, request: Request): void {
    const text = formatCommand(performance.timeOrigin + performance.now(), client.id, request);
    const line = encodeReply(simple(text), 2);
    for (const listener of this.#listeners) {
      if (seesClient(listener.client, client)) listener.showCommand(line);
    }
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

/** Quotes as Redis does: printable ASCII, other bytes escaped. A string over the budget is cut as in SLOWLOG. */
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
