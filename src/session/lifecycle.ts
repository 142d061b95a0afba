/**
 * The state of one connection, from accept to its end, and what ends it.
 *
 * @module
 */

import { CommandError } from "../commands/core/command_error.ts";
import type { Connection } from "../net/connection.ts";
import type { ProtocolError } from "../resp/protocol_error.ts";
import type { Disconnection } from "../telemetry/client_log.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/**
 * `serving`: requests are run. `resetting`: RESET runs. `quitting`: the current request is the last one, its reply is
 * written. `killed`: closed, no reply is written. `ended`: everything that the connection held is being closed.
 */
export type SessionState = "serving" | "resetting" | "quitting" | "killed" | "ended";

/** Abort reason for commands of a closed connection; never sent. */
export const DISCONNECTED: CommandError = new CommandError("CONS", "Client disconnected");

/** Moves a connection towards its end; never back. */
export class Lifecycle {
  /** Stops reading requests. */
  onInterrupt: () => void = () => {};
  /** Names the client in logs. */
  clientId: () => string = () => "";
  readonly #connection: Connection;
  readonly #telemetry: Telemetry;
  #state: SessionState = "serving";
  /** Made when a command waits, and anew when its wait was ended: most connections never need one. */
  #aborter: AbortController | undefined;
  #abortReason: Error | undefined;
  #ended: PromiseWithResolvers<void> | undefined;

  /** A connection that has just been accepted. */
  constructor(connection: Connection, telemetry: Telemetry) {
    this.#connection = connection;
    this.#telemetry = telemetry;
  }

  /** Requests are run. */
  get serving(): boolean {
    return this.#state === "serving" || this.#state === "resetting";
  }

  /** It gives up its name: it has ended, or RESET runs. */
  get leaving(): boolean {
    return this.#state === "ended" || this.#state === "resetting";
  }

  /** Other clients see it. */
  get listed(): boolean {
    return this.#state !== "ended" && this.#state !== "killed";
  }

  /** No reply is written any more. */
  get killed(): boolean {
    return this.#state === "killed";
  }

  /** Resolves when it has ended. */
  get gone(): Promise<void> {
    if (this.#state === "ended") return Promise.resolve();
    this.#ended ??= Promise.withResolvers();
    return this.#ended.promise;
  }

  /** Aborted when the connection ends, with the error to reply with as its reason. */
  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#abortReason) this.#aborter.abort(this.#abortReason);
    return this.#aborter.signal;
  }

  /** Ends what waits on the present signal, and nothing after that. */
  abortWait(reason: Error): void {
    this.#aborter?.abort(reason);
    this.#aborter = undefined;
  }

  /** RESET begins; the result ends it. */
  reset(): () => void {
    if (this.#state === "serving") this.#state = "resetting";
    return () => {
      if (this.#state === "resetting") this.#state = "serving";
    };
  }

  /** The current request is the last one. */
  quit(): void {
    if (this.serving) this.#state = "quitting";
  }

  /** The current request is the last one, and its wait ends with `reason`. */
  end(reason: CommandError): void {
    this.quit();
    this.#abort(reason);
    this.onInterrupt();
  }

  /** Closes the connection immediately, without a reply. */
  disconnect(): void {
    if (this.listed) this.#state = "killed";
    this.#abort(DISCONNECTED);
    this.onInterrupt();
    this.#connection.close();
  }

  /** Closes the connection of a client that does not read what it is sent. */
  cutOff(cause: Disconnection["cause"], why: string): void {
    this.#telemetry.connections.outputLimited.total++;
    this.#telemetry.clientLog.disconnected({ client: this.clientId(), cause, why });
    this.#connection.close();
  }

  /** Ends the connection of a client that sends too much while a command waits: the error is its last reply. */
  refuse(error: ProtocolError, kind: string): void {
    this.#telemetry.connections.pipelineLimited.total++;
    this.#telemetry.clientLog.protocolError(this.clientId(), error, kind);
    this.end(new CommandError("ERR", error.message));
  }

  /** The last reply is written, or the client has disconnected. */
  finish(): void {
    this.#state = "ended";
    this.#ended?.resolve();
    this.onInterrupt();
    this.#abort(DISCONNECTED); // a command whose reply is not awaited any more
  }

  #abort(reason: Error): void {
    this.#abortReason = reason;
    this.#aborter?.abort(reason);
  }
}
