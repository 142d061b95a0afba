/**
 * Reads requests from a connection. While incomplete requests take much memory, reading waits for room in the input
 * budget.
 *
 * @module
 */

import type { FollowingRequests } from "../commands/core/command.ts";
import type { ProtocolError } from "../resp/protocol_error.ts";
import { type Request, RequestParser } from "../resp/request_parser.ts";
import type { ClientState } from "./client_state.ts";
import { type AheadRoom, type Input, LARGE_BUFFER_BYTES } from "../net/input.ts";
import type { InputHolder, InputShare } from "../net/input_share.ts";
import type { ServerState } from "./server_state.ts";

/** The requests of one connection. */
export class RequestReader implements InputHolder, AheadRoom {
  readonly #input: Input;
  readonly #parser: RequestParser;
  readonly #client: ClientState;
  /** Of the memory of users, or of that of clients without a login. */
  #share: InputShare;
  #isUsers: boolean;
  readonly #server: ServerState;
  #refusal: ProtocolError | undefined;

  /** Opens a share of one of the server's input budgets for `client`. */
  constructor(input: Input, server: ServerState, client: ClientState) {
    this.#input = input;
    this.#parser = new RequestParser(server.parserLimits);
    this.#client = client;
    this.#server = server;
    this.#isUsers = client.authenticated;
    this.#share = this.#openShare();
    // no arrow function: V8 makes one that is assigned to a property old, and it would keep the connection for long
    input.aheadRoom = this;
  }

  /**
   * Reads the next chunk. Requests returned by `next` become invalid.
   *
   * @returns the number of bytes read, 0 after `refuse`; undefined at the end of input
   */
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
   * Parses the next request; undefined when it needs more bytes.
   *
   * @throws {ProtocolError} as RequestParser, and after `refuse`
   */
  next(): Request | undefined {
    if (this.#refusal) throw this.#refusal;
    if (this.#isUsers !== this.#client.authenticated) this.#changeShare();
    const { parserLimits, guestLimits } = this.#server;
    this.#parser.limits = this.#isUsers ? parserLimits : guestLimits;
    const request = this.#parser.next();
    if (request) this.#share.finished();
    return request;
  }

  /** What has arrived behind the requests that `next` has returned; undefined without anything. */
  get following(): FollowingRequests | undefined {
    const hasMore = this.#parser.position < this.#parser.chunk.length;
    return hasMore && !this.#refusal ? this.#parser : undefined;
  }

  /** Why `next` throws. */
  get endCause(): "maxInputBytes" | "protocol" {
    return this.#refusal ? "maxInputBytes" : "protocol";
  }

  refuse(error: ProtocolError): void {
    this.#refusal = error;
    this.interrupt();
  }

  get pendingBytes(): number {
    return this.#client.unwrittenBytes;
  }

  cutOff(why: string): void {
    this.#share.close();
    this.#client.cutOff(why);
  }

  roomAhead(aheadBytes: number): Promise<void> | undefined {
    return this.#share.need(aheadBytes, aheadBytes + LARGE_BUFFER_BYTES, true);
  }

  refuseAhead(error: ProtocolError): void {
    this.#client.refuse(error, "maxInputBytes");
  }

  /** Ends reading: a pending `more` returns immediately. */
  interrupt(): void {
    this.#input.interrupt();
    this.#share.close();
  }

  #openShare(): InputShare {
    const { inputBudget, guestInputBudget } = this.#server;
    return (this.#isUsers ? inputBudget : guestInputBudget).open(this);
  }

  /** The client has logged in, or out. */
  #changeShare(): void {
    this.#isUsers = this.#client.authenticated;
    this.#share.close();
    this.#share = this.#openShare();
  }

  /** Bytes read ahead are in memory already: parsing them takes no more. */
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
