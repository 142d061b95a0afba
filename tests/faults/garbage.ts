/**
 * Requests that no client should send: real commands with arguments of all kinds, and bytes that are no requests.
 *
 * @module
 */
import { encode } from "../support/client.ts";
import { fromBytes, type SeededRandom, toBytes } from "../support/wire.ts";

/** They end others, or answer nothing for ever, by intent. */
const LEFT_OUT = ["client", "quit", "shutdown", "debug", "monitor"];
/** A few, since the embedded Kafka keeps every topic. */
const TOPICS = ["topics:fuzz-1", "topics:fuzz-2:key", "topic:fuzz-3", "topics:fuzz-1,fuzz-2"];
const ARGUMENTS = [
  ...["", "0", "1", "-1", "0.001", "50", "nan", "inf", "99999999999999999999", "1e3", "\xff\xfe"],
  ...["acks", "stats", "topics:", "topics:*", "fuzz-1:0:0", "fuzz-1:0:-1", "fuzz-1:x:0", "::"],
  ...["COUNT", "LEFT", "RIGHT", "WITHVALUES", "ERRORS", "HELP", "DOCS", "LIST", "GET", "MATCH"],
  ...["LIST", "INFO", "ID", "GETNAME", "SETINFO", "lib-name", "TRACKING", "NO-EVICT", "*", "?"],
  ...["HELLO", "2", "3", "AUTH", "default", "SETNAME", "fuzz", "MULTI", "EXEC", "key:with:colons"],
  'topics:fuzz-1:{"auto.offset.reset":"latest"}',
  'topics:fuzz-1:{"no.such.setting":1}',
  "topics:fuzz-1:{",
  "x".repeat(300),
  "y".repeat(20_000),
];
/** Subcommands of CLIENT that harm nobody else. */
const CLIENT_ARGUMENTS = [
  "LIST",
  "INFO",
  "ID",
  "GETNAME",
  "SETINFO",
  "NO-TOUCH",
  "HELP",
  "NONSENSE",
];
const HEADERS = [
  ...["*999999999\r\n", "*-5\r\n", "*3\r\n$-9\r\n", "*1\r\n$99999999999\r\n", "*1\r\n$5\r\nab\r\n"],
  ...["$5\r\nhello\r\n", "*\r\n", "*1\r\n:5\r\n", "\r\n\r\n\r\n", "\x00\x01\x02\r\n", "PING\n"],
  ...["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "rpushx 'unbalanced\r\n", 'echo "\\x41"\r\n'],
];

/** A pipeline, and whether the gateway can read on behind it. */
export interface Pipeline {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly requests: number;
  /** All of it are whole requests. */
  readonly whole: boolean;
}

/** Makes pipelines of so many requests. */
export class Garbage {
  readonly #random: SeededRandom;
  readonly #commands: readonly string[];

  /** @param commands all that the gateway has */
  constructor(random: SeededRandom, commands: readonly string[]) {
    this.#random = random;
    this.#commands = commands.filter((name) => !LEFT_OUT.includes(name));
  }

  /** The next one; one in four is damaged. */
  next(requests: number): Pipeline {
    const text = Array.from({ length: requests }, () => this.#request()).join("");
    const whole = this.#random.below(4) > 0;
    return { bytes: toBytes(whole ? text : this.#damage(text)), requests, whole };
  }

  #request(): string {
    if (this.#random.below(20) === 0) {
      return fromBytes(encode(["CLIENT", this.#random.pick(CLIENT_ARGUMENTS)]));
    }
    const count = this.#random.below(5);
    const args = Array.from({ length: count }, () => this.#random.pick(ARGUMENTS));
    if (count > 0 && this.#random.below(2) === 0) args[0] = this.#random.pick(TOPICS);
    return fromBytes(encode([this.#random.pick(this.#commands), ...args]));
  }

  #damage(text: string): string {
    const at = this.#random.below(text.length);
    switch (this.#random.below(4)) {
      case 0:
        return text.slice(0, at);
      case 1:
        return text.slice(0, at) + this.#random.pick(HEADERS) + text.slice(at);
      case 2:
        return text.slice(0, at) + String.fromCharCode(this.#random.below(256)) +
          text.slice(at + 1);
      default:
        return this.#random.pick(HEADERS) + text;
    }
  }
}
