/**
 * A request without a body, of HTTP/1.1 or 1.0. All that is served is read with GET and HEAD.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9112
 * @module
 */

/** A request that is answered with an error. */
export class HttpError extends Error {
  /** Shown in stack traces. */
  override name = "HttpError";
  /** Status of the response. */
  readonly status: number;

  /** An error with this status; the message is shown to the client. */
  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** The head of a request. */
export interface HttpRequest {
  /** GET or HEAD. */
  readonly method: string;
  /** Begins with `/`, without the query; not decoded. */
  readonly path: string;
  /** Behind the `?`. */
  readonly query: URLSearchParams;
  /** By name in lower case; those that occur twice are joined by `, `. */
  readonly headers: ReadonlyMap<string, string>;
}

const REQUEST_LINE = /^([A-Z]+) (\S+) HTTP\/1\.[01]$/;
/** A token, a colon, and text without control characters. */
const HEADER_LINE = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*)$/;

/**
 * Parses the lines before the empty one.
 *
 * @throws {HttpError} 400 for what is no request, 405 for another method
 */
export function parseRequest(head: string): HttpRequest {
  const [line = "", ...lines] = head.split("\r\n");
  const [, method, target] = REQUEST_LINE.exec(line) ?? [];
  if (method === undefined || !target!.startsWith("/")) {
    throw new HttpError(400, "This is not a request of HTTP/1.1 for a path");
  }
  if (method !== "GET" && method !== "HEAD") {
    throw new HttpError(405, `${method} is not allowed, only GET and HEAD`);
  }
  const [path, query] = target!.split(/\?(.*)/s);
  return { method, path: path!, query: new URLSearchParams(query), headers: parseHeaders(lines) };
}

function parseHeaders(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value] = HEADER_LINE.exec(line) ?? [];
    if (name === undefined) throw new HttpError(400, "A header line is not <name>: <value>");
    const key = name.toLowerCase();
    if (key === "host" && headers.has(key)) throw new HttpError(400, "There are two Host headers");
    const before = headers.get(key);
    const text = value!.trimEnd();
    headers.set(key, before === undefined ? text : `${before}, ${text}`);
  }
  return headers;
}
