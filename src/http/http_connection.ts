/**
 * One request and its response on a connection, each within a time limit.
 *
 * @module
 */

import type { ByteStream } from "../net/byte_stream.ts";
import { type ForeignProtocol, foreignProtocol } from "./foreign_protocol.ts";
import { HttpError, type HttpRequest, parseRequest } from "./http_request.ts";
import { type EventStream, type HttpResponse, responseHead } from "./http_response.ts";

/** Limits of a connection. */
export interface HttpTimeouts {
  /** Until the request has arrived. */
  readonly requestMs: number;
  /** Until the client has taken a response, or an event. */
  readonly writeMs: number;
  /** Until the client has closed its side. */
  readonly lingerMs: number;
}

/** The timeouts in production. */
export const HTTP_TIMEOUTS: HttpTimeouts = { requestMs: 5_000, writeMs: 10_000, lingerMs: 1_000 };

/** Browsers send about 1 KiB. */
const MAX_HEAD_BYTES = 8 * 1024;
const HEAD_END = "\r\n\r\n";

/** Answers a request; an `HttpError` is the response. */
export type Route = (request: HttpRequest) => HttpResponse | Promise<HttpResponse>;

/** Serves one request, then closes. */
export class HttpConnection {
  /** Resolves when it is closed; never rejects. */
  readonly ended: Promise<void>;
  /** It writes events, and may last. */
  isStream = false;
  readonly #stream: ByteStream;
  readonly #timeouts: HttpTimeouts;
  #foreign: ForeignProtocol | undefined;
  readonly #end = new AbortController();

  /** Owns the byte stream, and begins immediately. */
  constructor(stream: ByteStream, route: Route, timeouts: HttpTimeouts) {
    this.#stream = stream;
    this.#timeouts = timeouts;
    this.ended = this.#serve(route).catch(() => {}).finally(() => this.close()); // the client has gone, or is too slow
  }

  /** What the client speaks, if that is not HTTP. */
  get foreign(): ForeignProtocol | undefined {
    return this.#foreign;
  }

  /** The other end, for the log. */
  get remoteAddress(): string {
    return this.#stream.remoteAddress;
  }

  /** Closes it immediately. */
  close(): void {
    if (this.#end.signal.aborted) return;
    this.#end.abort();
    this.#stream.close();
  }

  async #serve(route: Route): Promise<void> {
    let method = "GET";
    const answer = async (): Promise<HttpResponse> => {
      const head = await this.#within(this.#timeouts.requestMs, this.#readHead());
      const request = parseRequest(head);
      method = request.method;
      return await route(request);
    };
    const response = await answer().catch((error) => errorResponse(error));
    if (this.#foreign) await this.#write(new TextEncoder().encode(this.#foreign.reply));
    else await this.#respond(response, () => method === "HEAD");
    await this.#within(this.#timeouts.lingerMs, this.#linger());
  }

  /** Bytes behind the head are not read: no request has a body. */
  async #readHead(): Promise<string> {
    const buffer = new Uint8Array(MAX_HEAD_BYTES);
    let length = 0;
    while (length < MAX_HEAD_BYTES) {
      const byteLength = await this.#stream.read(buffer.subarray(length));
      if (byteLength === null) throw new Deno.errors.UnexpectedEof();
      if (length === 0) this.#requireHttp(buffer.subarray(0, byteLength));
      const from = Math.max(0, length + 1 - HEAD_END.length); // what was looked at before is not looked at again
      length += byteLength;
      const end = latin1(buffer.subarray(from, length)).indexOf(HEAD_END);
      if (end >= 0) return latin1(buffer.subarray(0, from + end));
    }
    throw new HttpError(431, `The request is larger than ${MAX_HEAD_BYTES} bytes`);
  }

  #requireHttp(start: Uint8Array): void {
    this.#foreign = foreignProtocol(start);
    if (this.#foreign) throw new HttpError(400, `This is ${this.#foreign.name}, not HTTP`);
  }

  async #respond(response: HttpResponse, isHead: () => boolean): Promise<void> {
    const { body } = response;
    if (typeof body !== "string") return await this.#writeEvents(response, body, isHead());
    const bytes = new TextEncoder().encode(body);
    await this.#write(new TextEncoder().encode(responseHead(response, bytes.byteLength)));
    if (!isHead()) await this.#write(bytes);
  }

  async #writeEvents(response: HttpResponse, body: EventStream, isHead: boolean): Promise<void> {
    this.isStream = true;
    const encoder = new TextEncoder();
    await this.#write(encoder.encode(responseHead(response, undefined)));
    if (isHead) return;
    void this.#linger().catch(() => {}).finally(() => this.close()); // the client goes when it likes
    await body((text) => this.#write(encoder.encode(text)), this.#end.signal);
  }

  #write(bytes: Uint8Array): Promise<void> {
    return this.#within(this.#timeouts.writeMs, this.#writeAll(bytes));
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    for (let rest = bytes; rest.byteLength > 0;) {
      rest = rest.subarray(await this.#stream.write(rest));
    }
  }

  /** A connection that is closed with unread input is reset, and the client may lose the response. */
  async #linger(): Promise<void> {
    if (!this.isStream) await this.#stream.closeWrite();
    const buffer = new Uint8Array(1024);
    while (await this.#stream.read(buffer) !== null);
  }

  /** Closes the connection when it takes longer: what waits for it rejects. */
  async #within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
    const timer = setTimeout(() => this.close(), timeoutMs);
    try {
      return await work;
    } finally {
      clearTimeout(timer);
    }
  }
}

function errorResponse(error: unknown): HttpResponse {
  if (error instanceof HttpError) return { status: error.status, body: `${error.message}\n` };
  throw error;
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}
