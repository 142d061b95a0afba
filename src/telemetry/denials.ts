/**
 * Refused logins, commands and keys: counters of INFO stats, and log lines that are summed up.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";
import { LogSummary, type Occurrences } from "./log_summary.ts";
import type { Counter, MetricRegistry } from "./metrics.ts";

const logger = getLogger(["rafka", "server"]);

/** Characters of what a client has sent that a line shows. */
const MAX_SHOWN = 200;

/** One refusal. */
export interface NotedDenial {
  /** Name or address. */
  readonly client: string;
  /** What was wrong. */
  readonly reason: "auth" | "command" | "key" | "channel";
  /** The command, key or channel. */
  readonly object: string;
  /** Who was refused. */
  readonly username: string;
  /** Why a login was refused. */
  readonly why?: string | undefined;
}

/** Counters since start-up. */
export class Denials {
  /** By what was wrong. */
  readonly #counters: Readonly<Record<NotedDenial["reason"], Counter>>;
  readonly #log = new LogSummary<NotedDenial>(logDenials);

  /** Registers the counters. */
  constructor(registry: MetricRegistry) {
    const counter = (name: string, help: string, field: string): Counter =>
      registry.counter({
        metric: `rafka_acl_denied_${name}_total`,
        help,
        info: ["stats", `acl_access_denied_${field}`],
      });
    this.#counters = {
      auth: counter("logins", "Logins refused", "auth"),
      command: counter("commands", "Commands refused for lack of a right", "cmd"),
      key: counter("keys", "Commands refused for a key", "key"),
      channel: counter("channels", "Commands refused for a channel", "channel"),
    };
  }

  /** Counts a refusal; lines of a user with the same reason are one. */
  note(denial: NotedDenial): void {
    this.#counters[denial.reason].total++;
    this.#log.note(`${denial.reason} ${denial.username}`, denial);
  }

  /** Logs the pending summaries. */
  close(): void {
    this.#log.close();
  }
}

function logDenials({ latest, count }: Occurrences<NotedDenial>): void {
  const { client, reason } = latest;
  const [object, username] = [cut(latest.object), cut(latest.username)];
  if (reason === "auth") {
    logger.warn("Client {client} cannot log in as {username}: {why} ({count} times)", {
      client,
      username,
      why: latest.why,
      count,
    });
    return;
  }
  logger.warn(
    "User {username} has no right to {reason} {object}, client {client} ({count} times)",
    {
      client,
      reason,
      object,
      username,
      count,
    },
  );
}

function cut(text: string): string {
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
