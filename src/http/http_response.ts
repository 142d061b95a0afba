/**
 * Responses, and the headers that all of them have.
 *
 * @module
 */

/** A response whose body is known, or one that is a stream of events. */
export interface HttpResponse {
  /** 200 unless given. */
  readonly status?: number;
  /** Type of the body; plain text unless given. */
  readonly contentType?: string;
  /** The body, or what writes it until the client has gone. */
  readonly body: string | EventStream;
  /** What a browser may load for a page; nothing unless given. */
  readonly contentSecurityPolicy?: string;
  /** More headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Writes server-sent events until `ended` is aborted.
 *
 * @param send resolves when the text is written; rejects when the client does not read it in time
 */
export type EventStream = (
  send: (text: string) => Promise<void>,
  ended: AbortSignal,
) => Promise<void>;

const PLAIN_TEXT = "text/plain; charset=utf-8";
const STATUS_TEXTS: Readonly<Record<number, string>> = {
  200: "OK",
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  408: "Request Timeout",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

/** No other site may embed or read a response, and a browser may not guess its type. */
const FOR_BROWSERS = {
  "Cache-Control": "no-store",
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  "Referrer-Policy": "no-referrer",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cross-Origin-Opener-Policy": "same-origin",
};

/** The status line and the headers, with the empty line behind them. */
export function responseHead(response: HttpResponse, bodyBytes: number | undefined): string {
  const { status = 200, contentType = PLAIN_TEXT, contentSecurityPolicy } = response;
  const headers = {
    "Content-Type": contentType,
    ...(bodyBytes !== undefined && { "Content-Length": String(bodyBytes) }),
    "Content-Security-Policy": contentSecurityPolicy ??
      "default-src 'none'; frame-ancestors 'none'",
    ...FOR_BROWSERS,
    ...(status === 405 && { "Allow": "GET, HEAD" }),
    ...response.headers,
    "Connection": "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} ${STATUS_TEXTS[status] ?? ""}\r\n${lines.join("")}\r\n`;
}
