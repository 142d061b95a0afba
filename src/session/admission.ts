/**
 * Limits connections to `maxClients`, plus a small reserve for clients on this machine.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { CommandError } from "../commands/core/command_error.ts";
import type { ByteStream } from "../net/byte_stream.ts";
import { Connection } from "../net/connection.ts";
import { error as errorReply } from "../resp/reply.ts";
import type { ConnectionCounters } from "../telemetry/connection_counters.ts";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";
import { REJECTED, Reserve } from "./reserve.ts";

const REJECTION = new CommandError("ERR", REJECTED);
/** In Redis' words. */
const DENIAL = new CommandError(
  "DENIED",
  "Rafka is running in protected mode because protected mode is enabled and no users are configured. In this " +
    "mode connections are only accepted from the loopback interface. If you want to connect from external computers " +
    'to Rafka you may adopt one of the following solutions: 1) Name users in the section "server" of the ' +
    'configuration, as in "users": ["user alice on >secret ~* +@all"], or in a file that "aclFile" names. 2) Set ' +
    '"protectedMode": false there, and then restart Rafka, however MAKE SURE Rafka is not publicly accessible from ' +
    "internet if you do so. 3) If you started Rafka manually just for testing, restart it with the '--protected-mode " +
    "no' option. NOTE: You only need to do one of the above things in order for Rafka to start accepting connections " +
    "from the outside.",
);

const logger = getLogger(["rafka", "server"]);

/** Admits or rejects each connection. */
export class Admission {
  /** Connections above `maxClients`. */
  readonly reserve = new Reserve();
  readonly #maxClients: number;
  readonly #counters: ConnectionCounters;
  readonly #isProtected: () => boolean;
  readonly #rejections = new LogSummary<Rejection>(logRejections);
  readonly #givenWay = new LogSummary<Rejection>(logGivenWay);
  readonly #denials = new LogSummary<string>(logDenials);

  /**
   * The reserve is not part of `maxClients`.
   *
   * @param isProtected clients on other machines are refused
   */
  constructor(
    maxClients: number,
    counters: ConnectionCounters,
    isProtected: () => boolean = () => false,
  ) {
    this.#maxClients = maxClients;
    this.#counters = counters;
    this.#isProtected = isProtected;
  }

  /**
   * Admits a connection, or rejects and closes it.
   *
   * @param openCount connections that are open or still closing
   * @returns the kind of admission
   */
  admit(stream: ByteStream, openCount: number): "client" | "reserved" | "rejected" {
    if (!stream.isLocal && this.#isProtected()) {
      this.#denials.note("denial", stream.remoteAddress);
      this.#counters.protectedMode.total++;
      this.#answer(stream, DENIAL);
      return "rejected";
    }
    if (!this.isFull(openCount)) return "client";
    if (stream.isLocal) return "reserved";
    this.noteRejection(stream.remoteAddress);
    this.#answer(stream, REJECTION);
    return "rejected";
  }

  /** Whether there are as many connections as `maxClients` allows, beside the reserve. */
  isFull(openCount: number): boolean {
    return openCount - this.reserve.count >= this.#maxClients;
  }

  /** Counts and logs a connection without a login that has made room for another. */
  noteGivenWay(client: string): void {
    this.#counters.rejected.total++;
    this.#givenWay.note("given way", { client, maxClients: this.#maxClients });
  }

  /** Counts and logs a rejected connection. */
  noteRejection(client: string): void {
    this.#counters.rejected.total++;
    this.#rejections.note("rejection", { client, maxClients: this.#maxClients });
  }

  /** Logs the pending summary. */
  close(): void {
    this.#rejections.close();
    this.#givenWay.close();
    this.#denials.close();
  }

  /** Runs in the background: a client that does not read must not delay the next accept. */
  #answer(stream: ByteStream, { code, message }: CommandError): void {
    const connection = new Connection(stream, this.#counters);
    connection.output.add(errorReply(`${code} ${message}`));
    const close = (): void => connection.close();
    connection.output.flush().then(close, close); // the client may be gone; ignore the error
  }
}

function logDenials({ latest, count }: Occurrences<string>): void {
  logger.error(
    "Protected mode: client {client} is on another machine and is refused, since there are no users ({count} times)",
    { client: latest, count },
  );
}

interface Rejection {
  readonly client: string;
  readonly maxClients: number;
}

function logRejections({ latest, count }: Occurrences<Rejection>): void {
  logger.warn(
    "Client {client} is rejected: there are as many as maxClients allows, {maxClients} ({count} times)",
    { ...latest, count },
  );
}

function logGivenWay({ latest, count }: Occurrences<Rejection>): void {
  logger.warn(
    "Client {client} has not logged in and gives way: there are as many as maxClients allows, {maxClients} ({count} times)",
    { ...latest, count },
  );
}
