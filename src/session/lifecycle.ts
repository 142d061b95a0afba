/**
 * The state machine of one connection, from accept to close.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { CommandError } from "../commands/core/command_error.ts";
import { type Connection, isDisconnect } from "../net/connection.ts";
import { TlsError } from "../net/tls.ts";
import { OutputLimitError } from "../resp/output_limit_error.ts";
import type { ProtocolError } from "../resp/protocol_error.ts";
import type { Disconnection } from "../telemetry/client_log.ts";
import type { CutOffCause } from "../telemetry/connection_counters.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";

/**
 * `serving`: requests are run. `resetting`: RESET runs. `quitting`: the current request is the last one, its reply is
 * written. `killed`: closed, no reply is written. `ended`: the connection's resources are being closed.
 */
export type SessionState = "serving" | "resetting" | "quitting" | "killed" | "ended";

const logger = getLogger(["rafka", "server"]);

/** Abort reason for commands of a closed connection; never sent. */
export const DISCONNECTED: CommandError = new CommandError("CONS", "Client disconnected");

/** The session of a lifecycle. */
export interface LifecycleOwner {
  /** Named in logs. */
  readonly client: { readonly id: string };
  /** Stops reading requests. */
  interrupt(): void;
}

/** Transitions lead towards the end; only RESET returns to `serving`. */
export class Lifecycle {
  readonly #connection: Connection;
  readonly #telemetry: Telemetry;
  readonly #owner: LifecycleOwner;
  #state: SessionState = "serving";
  /** Created for the first wait, and again after an aborted one: most connections never need it. */
  #aborter: AbortController | undefined;
  #abortReason: Error | undefined;
  #ended: PromiseWithResolvers<void> | undefined;

  /** Starts as `serving`. */
  constructor(connection: Connection, telemetry: Telemetry, owner: LifecycleOwner) {
    this.#connection = connection;
    this.#telemetry = telemetry;
    this.#owner = owner;
  }

  /** Requests still run. */
  get serving(): boolean {
    return this.#state === "serving" || this.#state === "resetting";
  }

  /** The connection gives up its name: it has ended, or RESET runs. */
  get leaving(): boolean {
    return this.#state === "ended" || this.#state === "resetting";
  }

  /** Visible to other clients, e.g. in CLIENT LIST. */
  get listed(): boolean {
    return this.#state !== "ended" && this.#state !== "killed";
  }

  /** No further reply is written. */
  get killed(): boolean {
    return this.#state === "killed";
  }

  /** Resolves in the state `ended`. */
  get gone(): Promise<void> {
    if (this.#state === "ended") return Promise.resolve();
    this.#ended ??= Promise.withResolvers();
    return this.#ended.promise;
  }

  /** Aborted when the connection ends; its reason is the error to reply with. */
  get signal(): AbortSignal {
    this.#aborter ??= new AbortController();
    if (this.#abortReason) this.#aborter.abort(this.#abortReason);
    return this.#aborter.signal;
  }

  /** Aborts the present wait; a later one gets a new signal. */
  abortWait(reason: Error): void {
    this.#aborter?.abort(reason);
    this.#aborter = undefined;
  }

  /**
   * Begins RESET.
   *
   * @returns ends RESET
   */
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
    this.#owner.interrupt();
  }

  /** Closes the connection immediately, without a reply. */
  disconnect(): void {
    if (this.listed) this.#state = "killed";
    this.#abort(DISCONNECTED);
    this.#owner.interrupt();
    this.#connection.close();
  }

  /** Closes the connection of a client that reads too slowly. */
  cutOff(cause: CutOffCause & Disconnection["cause"], why: string): void {
    this.#telemetry.cutOff({ client: this.#owner.client.id, cause, why });
    this.quit();
    this.#connection.close();
  }

  /** Ends the connection of a client that sends too much while a command waits: the error is the last reply. */
  refuse(error: ProtocolError, cause: CutOffCause): void {
    this.#telemetry.connections.cutOff(cause);
    this.#telemetry.clientLog.protocolError(this.#owner.client.id, error, cause);
    this.end(new CommandError("ERR", error.message));
  }

  /** The last reply is written, or the client has disconnected. */
  finish(): void {
    this.#state = "ended";
    this.#ended?.resolve();
    this.#owner.interrupt();
    this.#abort(DISCONNECTED); // a command may still run, though its reply is no longer needed
  }

  /** The connection has failed: whose fault that is decides how it is logged. */
  failed(error: unknown): void {
    const client = this.#owner.client.id;
    if (error instanceof OutputLimitError) {
      this.cutOff("outputLimitBytes", error.message);
    } else if (error instanceof TlsError) {
      if (this.serving) this.#telemetry.tlsFailed(client, error);
    } else if (isDisconnect(error)) {
      logger.debug("Client {client}: {error}", { client, error: String(error) });
    } else {
      logger.error("Bug: connection of {client} failed with {error}", {
        client,
        error: error instanceof Error ? error.stack ?? error.message : String(error),
      });
    }
  }

  #abort(reason: Error): void {
    this.#abortReason = reason;
    this.#aborter?.abort(reason);
  }
}
