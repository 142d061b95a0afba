/**
 * Log lines about disconnected clients and the messages they leave behind. They are summed up, so that no client can
 * fill the log, however often it reconnects.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { LogSummary, type Occurrences } from "./log_summary.ts";
import { ImpatientClients } from "./impatient_clients.ts";

/** Produced messages that are undelivered some time after their client disconnected. */
export interface Undelivered {
  /** Name or address. */
  readonly client: string;
  /** How long the gateway has waited for the delivery. */
  readonly durationMs: number;
  /** Why they wait, as far as is known. */
  readonly trouble: string | undefined;
  /** What happens to the messages, in words. */
  readonly next: string;
}

/** A disconnect by the gateway. */
export interface Disconnection {
  /** Name or address. */
  readonly client: string;
  /** Disconnects with the same cause share a summary. */
  readonly cause:
    | "HTTP"
    | "CLIENT KILL"
    | "no answer"
    | "outputLimitBytes"
    | "monitorBacklogBytes"
    | "maxInputBytes";
  /** An explanation; the cause itself unless given. */
  readonly why?: string;
}

/** A client that has disconnected before its command was answered. */
export interface HangUp {
  /** Name or address. */
  readonly client: string;
  /** The same for all of its connections. */
  readonly key: string;
  /** Of the connection. */
  readonly ageMs: number;
  /** A "blocking" one waits for as long as the client says, or until there is room. */
  readonly command: { readonly name: string; readonly flags: readonly string[] };
  /** It leaves its group with that. */
  readonly consumes: boolean;
}

const logger = getLogger(["rafka", "server"]);

/** Logs the first event of a kind immediately, later ones as summaries. */
export class ClientLog {
  readonly #disconnections = new LogSummary<Disconnection>(logDisconnections);
  readonly #unread = new LogSummary<string>(logUnread);
  readonly #impatientClients = new ImpatientClients();
  readonly #hangUps = new LogSummary<HangUp>(logHangUps);
  readonly #undelivered = new LogSummary<Undelivered>(logUndelivered);
  readonly #protocolErrors = new LogSummary<BadClient>(logProtocolErrors);
  readonly #tlsFailures = new LogSummary<BadClient>(logTlsFailures);
  readonly #differing = new LogSummary<string>(logDiffering);
  /** Ignored settings of clients that have been logged. */
  readonly #ignored = new Set<string>();

  /** A client disconnected before its command was answered; logged from its second time on. */
  hungUp(hangUp: HangUp): void {
    const { key, ageMs, command } = hangUp;
    if (this.#impatientClients.hungUp(key, ageMs)) {
      this.#hangUps.note(`${key} ${command.name}`, hangUp);
    }
  }

  /** Whether a client of this name has recently disconnected before its command was answered. */
  isImpatient(client: string): boolean {
    return this.#impatientClients.has(client);
  }

  /** The gateway disconnects a client. */
  disconnected(disconnection: Disconnection): void {
    this.#disconnections.note(disconnection.cause, disconnection);
  }

  /** A client sets consumer settings that have no effect. Each is logged once for all clients. */
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

  /** The settings of a later BLPOP differ from those of the first one. */
  settingsDiffer(client: string): void {
    this.#differing.note("settings", client);
  }

  /**
   * A client has sent an invalid request.
   *
   * @param kind errors of the same kind share a summary
   */
  protocolError(client: string, error: Error, kind: string = error.message): void {
    this.#protocolErrors.note(kind, { client, error });
  }

  /** TLS with a client has failed, before or after its handshake. */
  tlsFailed(client: string, error: Error): void {
    this.#tlsFailures.note(error.message, { client, error });
  }

  /** Messages in replies that could not be written. */
  leftUnread(client: string, count: number): void {
    this.#unread.note("unread", client, count);
  }

  /** Messages of a disconnected client are undelivered. */
  leftUndelivered(undelivered: Undelivered, count: number): void {
    this.#undelivered.note(undelivered.next, undelivered, count);
  }

  /** Logs the pending summaries. */
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
        this.#tlsFailures,
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

function logTlsFailures({ latest, count }: Occurrences<BadClient>): void {
  logger.warn("Client {client}, TLS: {error} ({count} times)", {
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

function logHangUps({ latest, count }: Occurrences<HangUp>): void {
  const { client, command: { name: command, flags }, consumes } = latest;
  const waits = flags.includes("blocking");
  const when = waits ? "while its {command} waited" : "before its {command} was answered";
  const effect = consumes ? ", and each time its group is rebalanced" : "";
  const timeout = waits
    ? "must be longer than {command} waits"
    : "is shorter than {command} takes now";
  logger.warn(
    `Client {client} has hung up again ${when} ({count} times)${effect}: its read timeout ${timeout}`,
    { client, command, count },
  );
}

function logUnread({ latest, count, times }: Occurrences<string>): void {
  const who = times === 1
    ? "Client {client} is gone and has"
    : "{times} clients, the last {client}, are gone and have";
  logger.info(
    `${who} not read {count} messages; they will be handed out again, entries of streams to who claims them`,
    {
      client: latest,
      count,
      times,
    },
  );
}

function logUndelivered({ latest, count, times }: Occurrences<Undelivered>): void {
  const whose = times === 1
    ? "Client {client} is gone and {count} of its"
    : "{times} clients, the last {client}, are gone and {count} of their";
  const why = latest.trouble === undefined ? "" : ", {trouble}";
  logger.warn(`${whose} messages could not be delivered in {durationMs} ms${why}; {next}`, {
    ...latest,
    count,
    times,
  });
}
