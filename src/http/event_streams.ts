/**
 * Server-sent events: all streams get the same text, made once.
 *
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 * @module
 */

import { HttpError } from "./http_request.ts";
import type { HttpResponse } from "./http_response.ts";

/** Each takes up to 60 KB. */
const MAX_STREAMS = 20;
const INTERVAL_MS = 1_000;

/** The open streams of a gateway. */
export class EventStreams {
  readonly #makeEvent: () => string;
  readonly #streams = new Set<(text: string) => void>();
  #timer: ReturnType<typeof setInterval> | undefined;

  /**
   * Without a stream nothing runs.
   *
   * @param makeEvent the fields of an event, called once a second
   */
  constructor(makeEvent: () => string) {
    this.#makeEvent = makeEvent;
  }

  /**
   * A stream of an event each second.
   *
   * @throws {HttpError} 503 when there are too many
   */
  open(): HttpResponse {
    if (this.#streams.size >= MAX_STREAMS) {
      throw new HttpError(503, `There are ${MAX_STREAMS} streams of events already`);
    }
    return {
      contentType: "text/event-stream",
      body: (send, ended) => this.#write(send, ended),
    };
  }

  /** A client that reads slowly misses events. */
  async #write(send: (text: string) => Promise<void>, ended: AbortSignal): Promise<void> {
    let next = Promise.withResolvers<string | undefined>();
    const take = (text: string): void => next.resolve(text);
    ended.addEventListener("abort", () => next.resolve(undefined));
    this.#add(take);
    try {
      for (
        let text: string | undefined = this.#makeEvent();
        text !== undefined && !ended.aborted;
      ) {
        await send(text);
        text = await next.promise;
        next = Promise.withResolvers();
      }
    } finally {
      this.#remove(take);
    }
  }

  #add(take: (text: string) => void): void {
    this.#streams.add(take);
    this.#timer ??= setInterval(() => {
      const text = this.#makeEvent();
      for (const one of this.#streams) one(text);
    }, INTERVAL_MS);
  }

  #remove(take: (text: string) => void): void {
    this.#streams.delete(take);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
