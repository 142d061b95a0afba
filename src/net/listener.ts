/**
 * @module
 * Accepts connections, as many as may be, and goes on when that fails for a while.
 */

import { getLogger } from "@logtape/logtape";
import { LogSummary, type Occurrences } from "../telemetry/log_summary.ts";
import { error as errorReply } from "../resp/reply.ts";
import type { ServerSettings } from "../config/schema.ts";
import { AcceptOutage } from "./accept_outage.ts";
import { Connection } from "./connection.ts";
import { REJECTED, type Reserve } from "../session/reserve.ts";
import type { Traffic } from "../telemetry/connection_counters.ts";

/** How long accepting rests after it failed, e.g. for lack of file descriptors. */
const ACCEPT_PAUSE_MS = 100;
const REJECTION = errorReply(`ERR ${REJECTED}`);

const logger = getLogger(["rafka", "server"]);

/** The address to listen on can't be had. */
export class ListenError extends Error {
  /** Shown in stack traces. */
  override name = "ListenError";
}

/** Who serves what was accepted. */
export interface Host {
  /** Configured. */
  readonly settings: ServerSettings;
  /** Counts who is rejected. */
  readonly traffic: Traffic;
  /** How many connections are open or still ending. */
  readonly sessionCount: number;
  /** Those of them that are in the reserve. */
  readonly reserve: Pick<Reserve, "count" | "admits">;
  /** Serves a connection; `reserved` where it is one of the reserve. */
  open(conn: Deno.TcpConn, reserved: boolean): void;
}

/** Listens and accepts. */
export class Acceptor {
  /** Where it listens; the port is the real one if 0 was asked for. */
  readonly address: Deno.NetAddr;
  readonly #host: Host;
  readonly #listener: Deno.TcpListener;
  readonly #accepting: Promise<void>;
  readonly #outage = new AcceptOutage();
  readonly #rejections = new LogSummary<Rejection>(logRejections);
  #listening = true;

  /**
   * Listens at once.
   *
   * @throws {ListenError} when the address can't be had
   */
  constructor(host: Host) {
    this.#host = host;
    this.#listener = listen(host.settings.host, host.settings.port);
    this.address = this.#listener.addr as Deno.NetAddr;
    this.#accepting = this.#accept();
  }

  /** Nobody is accepted any more when it resolves. */
  async close(): Promise<void> {
    this.#listening = false;
    this.#listener.close();
    await this.#accepting;
    this.#outage.close();
    this.#rejections.close();
  }

  async #accept(): Promise<void> {
    while (this.#listening) {
      try {
        this.#admit(await this.#listener.accept());
        this.#outage.accepted();
      } catch (error) {
        if (!this.#listening) return;
        if (isGoneAlready(error)) continue;
        this.#outage.failed(error);
        await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE_MS));
      }
    }
  }

  #admit(conn: Deno.TcpConn): void {
    try {
      const { sessionCount, reserve, settings: { maxClients } } = this.#host;
      const isFull = sessionCount - reserve.count >= maxClients;
      if (isFull && !reserve.admits(conn)) return this.#reject(conn);
      conn.setNoDelay(true);
      conn.setKeepAlive(true);
      this.#host.open(conn, isFull);
    } catch (error) {
      conn.close();
      throw error;
    }
  }

  /** Counts and logs that a client was one too many. */
  noteRejection(client: string): void {
    const { settings: { maxClients }, traffic } = this.#host;
    traffic.rejected++;
    this.#rejections.note("rejection", { client, maxClients });
  }

  /** Nobody waits until the client has read it: the next one may have to be rejected, too. */
  #reject(conn: Deno.TcpConn): void {
    const connection = new Connection(conn, this.#host.traffic);
    this.noteRejection(connection.address);
    connection.output.add(REJECTION);
    const close = (): void => connection.close();
    connection.output.flush().then(close, close); // who has hung up does not want to know
  }
}

interface Rejection {
  readonly client: string;
  readonly maxClients: number;
}

/** The client hung up before it was accepted: nothing that lasts, and nobody else has to wait for it. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionAborted;
}

function logRejections({ latest, count }: Occurrences<Rejection>): void {
  logger.warn(
    "Client {client} is rejected: there are as many as maxClients allows, {maxClients} ({count} times)",
    { ...latest, count },
  );
}

function listen(hostname: string, port: number): Deno.TcpListener {
  try {
    return Deno.listen({ hostname, port });
  } catch (cause) {
    const why = cause instanceof Deno.errors.NotCapable
      ? "Rafka may listen on any IPv4 address, on localhost, :: and ::1 only"
      : (cause as Error).message +
        (cause instanceof Deno.errors.AddrInUse ? "; --port names another port" : "");
    throw new ListenError(`Cannot listen on ${hostname}:${port}: ${why}`, { cause });
  }
}
