/**
 * Errors that a client is to see: Redis' own texts, and those that clients of Rafka rely on.
 *
 * @module
 */

/**
 * The first word of an error: Redis' own, one of the consumer's, one of the producer's. Clients send a command again
 * by themselves after LOADING, TRYAGAIN, READONLY, CLUSTERDOWN and MASTERDOWN: a message that was stored already would
 * be produced twice, so none of these is here.
 */
export type ErrorCode =
  | "ERR"
  | "CONS"
  | "PROD"
  | "EXECABORT"
  | "NOPROTO"
  | "UNBLOCKED"
  | "WRONGPASS"
  | "WRONGTYPE";

/** An error that the client is to see, as `<code> <message>`. */
export class CommandError extends Error {
  /** Shown in stack traces. */
  override name = "CommandError";
  /** The first word of the reply. */
  readonly code: ErrorCode;

  /** An error that is answered as `<code> <message>`. */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Options that make no sense, in Redis' words. */
export function syntaxError(): CommandError {
  return new CommandError("ERR", "syntax error");
}

/** In Redis' words; `name` as machines read it, see canonicalName(). */
export function wrongArity(name: string): CommandError {
  return new CommandError("ERR", `wrong number of arguments for '${name}' command`);
}

/** More words than a subcommand takes, in Redis' words for those whose table says only how few there may be. */
export function tooManyArguments(container: string, subcommand: string): CommandError {
  return new CommandError(
    "ERR",
    `unknown subcommand or wrong number of arguments for '${subcommand}'. Try ${container} HELP.`,
  );
}

/** The gateway ends, and so does every wait. Clients of Rafka try again after it. */
export class ServerShutdown extends CommandError {
  /** Shown in stack traces. */
  override name = "ServerShutdown";
  /** How long what was produced may still take to be delivered. */
  readonly flushTimeoutMs: number;

  /** The reason that a wait is aborted with. */
  constructor(flushTimeoutMs: number) {
    super("CONS", "Server shutdown");
    this.flushTimeoutMs = flushTimeoutMs;
  }
}

/** CLIENT UNBLOCK has ended a wait: as if its time were over, or with an error. */
export class Unblocked extends CommandError {
  /** Shown in stack traces. */
  override name = "Unblocked";
  /** The client is told; else it sees a timeout. */
  readonly withError: boolean;

  /** The reason that a wait is aborted with. */
  constructor(withError: boolean) {
    super("UNBLOCKED", "client unblocked via CLIENT UNBLOCK");
    this.withError = withError;
  }
}
