/**
 * What a client that caches has asked for with CLIENT TRACKING, and which keys it has read. Nothing tells here when a
 * key changes (a topic is made, a counter counts). So what a client has read is called invalid right after it has got
 * it, as by a Redis whose table of tracked keys is full: a cache is never out of date, and of no use.
 *
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { keysAt } from "./arguments.ts";

/** What matters of a command. */
export interface TrackedCommand {
  /** Whether it reads. */
  readonly flags: readonly string[];
  /** Which words are its keys, as in the table of commands. */
  readonly keys?: { readonly first: number; readonly last: number };
}

/** The options of CLIENT TRACKING ON. */
export interface TrackingOptions {
  /** Keys with these prefixes, whether they were read or not. */
  readonly broadcast: boolean;
  /** Only what CLIENT CACHING YES asks for. */
  readonly optIn: boolean;
  /** All but what CLIENT CACHING NO leaves out. */
  readonly optOut: boolean;
  /** Not what it changes itself. */
  readonly noLoop: boolean;
  /** Those of `broadcast`. */
  readonly prefixes: readonly string[];
}

/** The tracking of one connection. */
export class Tracking {
  /** What the client has asked for. */
  readonly options: TrackingOptions;
  /** CLIENT CACHING was sent, and holds for the command that follows, or for all until EXEC. */
  caching = false;
  #read: Request = [];

  /** Nothing is read yet. */
  constructor(options: TrackingOptions) {
    this.options = options;
  }

  /** A command is about to run. */
  onRun({ flags, keys }: TrackedCommand, request: Request): void {
    if (!keys || !flags.includes("readonly") || !this.#isTracked) return;
    for (const key of keysAt(keys, request)) this.#read.push(key.slice());
  }

  /** The keys that were read since the last call. */
  takeRead(): Request {
    const read = this.#read;
    this.#read = [];
    return read;
  }

  get #isTracked(): boolean {
    const { optIn, optOut } = this.options;
    return optIn ? this.caching : !(optOut && this.caching);
  }
}
