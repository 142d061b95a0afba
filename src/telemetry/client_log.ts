/**
 * What is logged of clients that are cut off, or that leave messages behind: summed up, so that no client can fill the
 * log, however often it comes again.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { LogSummary, type Occurrences } from "./log_summary.ts";
import { ImpatientClients } from "./impatient_clients.ts";

/** Messages that a client had produced, and that were not delivered some time after it was gone. */
export interface Undelivered {
  /** Who. */
  readonly client: string;
  /** How long they were waited for. */
  readonly durationMs: number;
  /** What becomes of them. */
  readonly next: string;
}

/** A client that is disconnected by the gateway. */
export interface Disconnection {
  /** Its name or address. */
  readonly client: string;
  /** The same for all that are summed up in one line. */
  readonly cause:
    | "HTTP"
    | "CLIENT KILL"
    | "no answer"
    | "outputLimitBytes"
    | "monitorBacklogBytes"
    | "maxInputBytes";
  /** In words; the cause if it needs no other. */
  readonly why?: string;
}

const logger = getLogger(["rafka", "server"]);

/** Says the first of a kind at once. */
export class ClientLog {
  readonly #disconnections = new LogSummary<Disconnection>(logDisconnections);
  readonly #unread = new LogSummary<string>(logUnread);
  readonly #impatientClients = new ImpatientClients();
  readonly #hangUps = new LogSummary<string>(logHangUps);
  readonly #undelivered = new LogSummary<Undelivered>(logUndelivered);
  readonly #protocolErrors = new LogSummary<BadClient>(logProtocolErrors);
  readonly #differing = new LogSummary<string>(logDiffering);
  /** Settings of clients of which it is said that they are ignored. */
  readonly #ignored = new Set<string>();

  /** A client has hung up while its BLPOP waited, which is said when it does so again. */
  hungUpWaiting(client: string): void {
    if (this.#impatientClients.hungUp(client)) this.#hangUps.note(client, client);
  }

  /** It has lately hung up while its BLPOP waited. */
  isImpatient(client: string): boolean {
    return this.#impatientClients.has(client);
  }

  /** A client is disconnected; those with the same cause are summed up. */
  disconnected(disconnection: Disconnection): void {
    this.#disconnections.note(disconnection.cause, disconnection);
  }

  /** A client sets these for its consumer, which means nothing here. */
  settingsIgnored(client: string, names: readonly string[]): void {
    for (const name of names) {
      if (this.#ignored.has(name)) continue;
      this.#ignored.add(name);
      logger.info(
        "Client {client} sets {name} for its consumer, which is ignored; this is said once for all clients",
        { client, name },
      );
    }
  }

  /** The JSON of a later BLPOP is other than that of the first one. */
  settingsDiffer(client: string): void {
    this.#differing.note("settings", client);
  }

  /** A client has sent bytes that are no request; those of a `kind` are summed up. */
  protocolError(client: string, error: Error, kind: string = error.message): void {
    this.#protocolErrors.note(kind, { client, error });
  }

  /** Messages in replies that the client can't get any more. */
  leftUnread(client: string, count: number): void {
    this.#unread.note("unread", client, count);
  }

  /** See `Undelivered`. */
  leftUndelivered(undelivered: Undelivered, count: number): void {
    this.#undelivered.note(undelivered.next, undelivered, count);
  }

  /** Logs what is still counted. */
  close(): void {
    const [hangUps, unread, undelivered] = [this.#hangUps, this.#unread, this.#undelivered];
    for (
      const summary of [
        this.#disconnections,
        hangUps,
        unread,
        undelivered,
        this.#differing,
        this.#protocolErrors,
      ]
    ) {
      summary.close();
    }
  }
}

interface BadClient {
  readonly client: string;
  readonly error: Error;
}

function logProtocolErrors({ latest, count }: Occurrences<BadClient>): void {
  logger.warn("Client {client}: {error} ({count} times)", {
    client: latest.client,
    error: latest.error.message,
    count,
  });
}

function logDisconnections({ latest, count }: Occurrences<Disconnection>): void {
  const { client, cause, why = cause } = latest;
  const template = "Client {client} is disconnected: {why} ({count} times)";
  if (cause === "CLIENT KILL") logger.info(template, { client, why, count });
  else logger.warn(template, { client, why, count });
}

function logDiffering({ latest, count }: Occurrences<string>): void {
  const who = count === 1 ? "Client {client} sets" : "{count} clients, the last {client}, set";
  logger.warn(
    `${who} other consumer settings than in its first BLPOP; they count from the next connection on`,
    { client: latest, count },
  );
}

function logHangUps({ latest, count }: Occurrences<string>): void {
  logger.warn(
    "Client {client} has hung up again while its BLPOP waited ({count} times), and each time its group is " +
      "rebalanced: its read timeout must be longer than BLPOP waits",
    { client: latest, count },
  );
}

function logUnread({ latest, count, times }: Occurrences<string>): void {
  const who = times === 1
    ? "Client {client} is gone and has"
    : "{times} clients, the last {client}, are gone and have";
  logger.info(`${who} not read {count} messages; they will be handed out again`, {
    client: latest,
    count,
    times,
  });
}

function logUndelivered({ latest, count, times }: Occurrences<Undelivered>): void {
  const whose = times === 1
    ? "Client {client} is gone and {count} of its"
    : "{times} clients, the last {client}, are gone and {count} of their";
  logger.warn(`${whose} messages could not be delivered in {durationMs} ms; {next}`, {
    ...latest,
    count,
    times,
  });
}
