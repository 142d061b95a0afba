/**
 * The options of a command: tokens, each with the values behind it.
 *
 * @module
 */

import type { Request } from "../../resp/request_parser.ts";
import { type Argument, parseInteger } from "./args.ts";
import { syntaxError } from "./command_error.ts";

const CAPITAL_A = 0x41;
const SMALL_A = 0x61;
const SMALL_Z = 0x7a;

/** Reads arguments one after the other. What it cannot read is Redis' `syntax error`. */
export class OptionCursor {
  readonly #args: Request;
  #at = 0;

  /** A cursor at the first of the arguments. */
  constructor(args: Request) {
    this.#args = args;
  }

  /** Whether arguments are left. */
  get more(): boolean {
    return this.#at < this.#args.length;
  }

  /**
   * Steps over a token, in upper or lower case.
   *
   * @param values how many arguments must follow it
   * @returns false when the next argument is another, or too few follow
   */
  take(token: string, values: number = 0): boolean {
    const found = this.#at + values < this.#args.length && isToken(this.#args[this.#at]!, token);
    if (found) this.#at++;
    return found;
  }

  /**
   * Steps over one of several tokens, and returns it in upper case.
   *
   * @throws {CommandError} ERR when the next argument is none of them
   */
  oneOf<T extends string>(...tokens: readonly T[]): T {
    const found = tokens.find((token) => this.take(token));
    if (found === undefined) throw syntaxError();
    return found;
  }

  /**
   * The next argument.
   *
   * @throws {CommandError} ERR when none is left
   */
  value(): Argument {
    if (!this.more) throw syntaxError();
    return this.#args[this.#at++]!;
  }

  /**
   * The next argument as a whole number.
   *
   * @param refusal the error for anything else; Redis' general one if it is left out
   * @throws {CommandError} ERR
   */
  integer(refusal?: string): number {
    return parseInteger(this.value(), refusal);
  }

  /** All arguments that are left. */
  rest(): Request {
    const rest = this.#args.slice(this.#at);
    this.#at = this.#args.length;
    return rest;
  }

  /**
   * Nothing may be left.
   *
   * @throws {CommandError} ERR when something is
   */
  end(): void {
    if (this.more) throw syntaxError();
  }
}

/** Tokens are ASCII, in capitals. Decoding the argument would cost more than all the rest of a short option. */
function isToken(argument: Argument, token: string): boolean {
  if (argument.byteLength !== token.length) return false;
  for (let at = 0; at < token.length; at++) {
    const byte = argument[at]!;
    const isSmall = byte >= SMALL_A && byte <= SMALL_Z;
    if ((isSmall ? byte - SMALL_A + CAPITAL_A : byte) !== token.charCodeAt(at)) return false;
  }
  return true;
}
