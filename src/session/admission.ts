/**
 * Limits connections to `maxClients`, plus a small reserve for clients on this machine.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import type { ByteStream } from "../net/byte_stream.ts";
import { Connection } from "../net/connection.ts";
import { error as errorReply } from "../resp/reply.ts";
import type { ConnectionCounters } from "../telemetry/connection_counters.ts";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";
import { REJECTED, Reserve } from "./reserve.ts";

const REJECTION = errorReply(`ERR ${REJECTED}`);

const logger = getLogger(["rafka", "server"]);

/** Admits or rejects each connection. */
export class Admission {
  /** Connections above `maxClients`. */
  readonly reserve = new Reserve();
  readonly #maxClients: number;
  readonly #counters: ConnectionCounters;
  readonly #rejections = new LogSummary<Rejection>(logRejections);

  /** The reserve is not part of `maxClients`. */
  constructor(maxClients: number, counters: ConnectionCounters) {
    this.#maxClients = maxClients;
    this.#counters = counters;
  }

  /**
   * Admits a connection, or rejects and closes it.
   *
   * @param openCount connections that are open or still closing
   * @returns the kind of admission
   */
  admit(stream: ByteStream, openCount: number): "client" | "reserved" | "rejected" {
    if (openCount - this.reserve.count < this.#maxClients) return "client";
    if (stream.isLocal) return "reserved";
    this.#reject(stream);
    return "rejected";
  }

  /** Counts and logs a rejected connection. */
  noteRejection(client: string): void {
    this.#counters.rejected.total++;
    this.#rejections.note("rejection", { client, maxClients: this.#maxClients });
  }

  /** Logs the pending summary. */
  close(): void {
    this.#rejections.close();
  }

  /** Runs in the background: a client that does not read must not delay the next accept. */
  #reject(stream: ByteStream): void {
    const connection = new Connection(stream, this.#counters);
    this.noteRejection(connection.address);
    connection.output.add(REJECTION);
    const close = (): void => connection.close();
    connection.output.flush().then(close, close); // the client may be gone; ignore the error
  }
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
