/**
 * MAXLEN, MINID and LIMIT of XADD and XTRIM.
 *
 * @see https://redis.io/docs/latest/commands/xtrim/
 * @module
 */

import type { StreamId } from "../../streams/stream_id.ts";
import { CommandError } from "../core/command_error.ts";
import type { OptionCursor } from "../core/options.ts";
import { parseId } from "./id_arguments.ts";

/** What is to be kept of a stream. */
export type Trim =
  & (
    | { readonly strategy: "MAXLEN"; readonly maxLength: number }
    | { readonly strategy: "MINID"; readonly minId: StreamId }
  )
  & {
    /** More may be kept. */
    readonly approximate: boolean;
  };

/** Reads the options one by one. */
export class TrimOptions {
  /** undefined before MAXLEN or MINID. */
  trim: Trim | undefined;
  #limit: number | undefined;

  /**
   * Reads the option at the cursor; false if it is another.
   *
   * @throws {CommandError} ERR, with Redis' texts
   */
  take(cursor: OptionCursor): boolean {
    if (cursor.take("MAXLEN", 1)) this.#takeMaxLength(cursor);
    else if (cursor.take("MINID", 1)) this.#takeMinId(cursor);
    else if (cursor.take("LIMIT", 1)) this.#takeLimit(cursor);
    else return false;
    return true;
  }

  /** LIMIT, 0 without. */
  get limit(): number {
    return this.#limit ?? 0;
  }

  /**
   * All options have been read.
   *
   * @throws {CommandError} ERR for a LIMIT that stands for nothing
   */
  end(): void {
    if (this.#limit && !this.trim) {
      throw syntaxProblem("LIMIT cannot be used without specifying a trimming strategy");
    }
    if (this.#limit !== undefined && !this.trim?.approximate) {
      throw syntaxProblem("LIMIT cannot be used without the special ~ option");
    }
  }

  #takeMaxLength(cursor: OptionCursor): void {
    const approximate = this.#takeOperator(cursor);
    const maxLength = cursor.integer();
    if (maxLength < 0) throw new CommandError("ERR", "The MAXLEN argument must be >= 0.");
    this.trim = { strategy: "MAXLEN", maxLength, approximate };
  }

  #takeMinId(cursor: OptionCursor): void {
    const approximate = this.#takeOperator(cursor);
    this.trim = { strategy: "MINID", minId: parseId(cursor.value()), approximate };
  }

  #takeLimit(cursor: OptionCursor): void {
    this.#limit = cursor.integer();
    if (this.#limit < 0) throw new CommandError("ERR", "The LIMIT argument must be >= 0.");
  }

  /** Whether it is `~`; a threshold must follow it. */
  #takeOperator(cursor: OptionCursor): boolean {
    if (this.trim) {
      throw syntaxProblem(
        "MAXLEN and MINID options at the same time are not compatible",
      );
    }
    if (cursor.take("~", 1)) return true;
    cursor.take("=", 1);
    return false;
  }
}

function syntaxProblem(what: string): CommandError {
  return new CommandError("ERR", `syntax error, ${what}`);
}
