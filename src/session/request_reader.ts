/**
 * What a client sends, as requests. Where those that are not yet there as a whole take much memory, it is read from when
 * there is room for more.
 *
 * @module
 */

import type { ProtocolError } from "../resp/protocol_error.ts";
import { type Request, RequestParser } from "../resp/request_parser.ts";
import type { ClientState } from "./client_state.ts";
import { type Input, LARGE_BUFFER_BYTES } from "../net/input.ts";
import type { InputHolder, InputShare } from "../net/input_share.ts";
import type { ConnectionCounters } from "../telemetry/connection_counters.ts";
import type { ServerState } from "./server_state.ts";

/** Reads the requests of one connection. */
export class RequestReader implements InputHolder {
  readonly #input: Input;
  readonly #parser: RequestParser;
  readonly #client: ClientState;
  readonly #share: InputShare;
  readonly #counters: ConnectionCounters;
  #refusal: ProtocolError | undefined;

  /** Reads those of `client` from `input`. */
  constructor(input: Input, server: ServerState, client: ClientState) {
    this.#input = input;
    this.#parser = new RequestParser(server.parserLimits);
    this.#client = client;
    this.#counters = server.telemetry.connections;
    this.#share = server.inputBudget.open(this);
    input.roomAhead = (aheadBytes) =>
      this.#share.need(aheadBytes, aheadBytes + LARGE_BUFFER_BYTES, true);
  }

  /** Waits for more of them; how many bytes have come, undefined at the end. All that `next` has given is over then. */
  async more(): Promise<number | undefined> {
    this.#parser.release();
    const room = this.#room();
    if (room) await this.#client.whileWaiting(room);
    const chunk = await this.#input.read();
    if (this.#refusal) return 0;
    if (!chunk) return undefined;
    this.#share.arrived(chunk.byteLength);
    this.#parser.push(chunk);
    return chunk.byteLength;
  }

  /**
   * The next one; undefined when it takes more bytes.
   *
   * @throws {ProtocolError} see RequestParser; and when it was refused
   */
  next(): Request | undefined {
    if (this.#refusal) throw this.#refusal;
    const request = this.#parser.next();
    if (request) this.#share.finished();
    return request;
  }

  refuse(error: ProtocolError): void {
    this.#refusal = error;
    this.#counters.inputLimited.total++;
    this.interrupt();
  }

  get pendingBytes(): number {
    return this.#client.unwrittenBytes;
  }

  cutOff(why: string): void {
    this.#share.close();
    this.#client.cutOff(why);
  }

  refuseAhead(error: ProtocolError): void {
    this.#client.refuse(error, "maxInputBytes");
  }

  /** There are no more; `more` returns at once. */
  interrupt(): void {
    this.#input.interrupt();
    this.#share.close();
  }

  /** What was read ahead is there already: it takes no more memory when it is used. */
  #room(): Promise<void> | undefined {
    if (this.#input.aheadBytes > 0) return undefined;
    const keptBytes = this.#client.transaction?.byteLength ?? 0;
    const heldBytes = keptBytes + this.#parser.heldBytes(0);
    return this.#share.need(
      heldBytes,
      keptBytes + this.#parser.heldBytes(LARGE_BUFFER_BYTES),
      false,
    );
  }
}
