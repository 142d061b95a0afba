/**
 * Errors that are sent to clients: Redis' own texts, and those that clients of Rafka rely on.
 *
 * @module
 */

/**
 * The first word of an error: Redis' own, CONS for consumers, PROD for producers. LOADING, TRYAGAIN, READONLY,
 * CLUSTERDOWN and MASTERDOWN are absent on purpose: after these, clients resend a command by themselves, and a message
 * that is stored already would be produced twice.
 */
export type ErrorCode =
  | "ERR"
  | "CONS"
  | "PROD"
  | "BUSYGROUP"
  | "DENIED"
  | "EXECABORT"
  | "NOAUTH"
  | "NOGROUP"
  | "NOPERM"
  | "NOPROTO"
  | "NOSCRIPT"
  | "UNBLOCKED"
  | "WRONGPASS"
  | "WRONGTYPE";

/** An error that is sent to the client as `<code> <message>`. */
export class CommandError extends Error {
  /** Distinguishes it in logs. */
  override name = "CommandError";
  /** The first word of the reply. */
  readonly code: ErrorCode;

  /**
   * An error with its code.
   *
   * @param message the text behind the code
   */
  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options);
    this.code = code;
  }
}

/** Redis' error for unknown or incomplete options. */
export function syntaxError(): CommandError {
  return new CommandError("ERR", "syntax error");
}

/**
 * Redis' error for a wrong number of arguments.
 *
 * @param name as of canonicalName()
 */
export function wrongArity(name: string): CommandError {
  return new CommandError("ERR", `wrong number of arguments for '${name}' command`);
}

/** Redis' error for too many arguments of a subcommand whose arity is only a minimum. */
export function tooManyArguments(container: string, subcommand: string): CommandError {
  return new CommandError(
    "ERR",
    `unknown subcommand or wrong number of arguments for '${subcommand}'. Try ${container} HELP.`,
  );
}

/** The gateway shuts down, which ends every blocked command. Clients of Rafka retry after it. */
export class ServerShutdown extends CommandError {
  /** Distinguishes it in logs. */
  override name = "ServerShutdown";
  /** The time left for the delivery of outstanding messages. */
  readonly flushTimeoutMs: number;

  /** An abort reason for blocked commands. */
  constructor(flushTimeoutMs: number) {
    super("CONS", "Server shutdown");
    this.flushTimeoutMs = flushTimeoutMs;
  }
}

/** CLIENT UNBLOCK ends a blocked command, as after a timeout or with an error. */
export class Unblocked extends CommandError {
  /** Distinguishes it in logs. */
  override name = "Unblocked";
  /** Whether the reply is an error; else it is that of a timeout. */
  readonly withError: boolean;

  /** An abort reason for a blocked command. */
  constructor(withError: boolean) {
    super("UNBLOCKED", "client unblocked via CLIENT UNBLOCK");
    this.withError = withError;
  }
}
