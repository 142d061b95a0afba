/**
 * A period in which accept fails: one log line at its start, one at its end.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";

/**
 * Time without a failure that ends an outage. At the limit of open files each closed connection makes room for a new
 * one: a line for each would fill the log.
 */
const QUIET_MS = 1_000;

/** The limit of open files is reached, of the process or of the machine. */
const OUT_OF_FILES = new Set(["EMFILE", "ENFILE"]);

const logger = getLogger(["rafka", "server"]);

/** Detects and logs outages of accept. */
export class AcceptOutage {
  #sinceMs: number | undefined;
  #ending: ReturnType<typeof setTimeout> | undefined;

  /** Accepting has failed. */
  failed(error: unknown): void {
    this.close();
    if (this.#sinceMs !== undefined) return;
    this.#sinceMs = performance.now();
    logger.error("Cannot accept connections, they wait: {error}", { error: explained(error) });
  }

  /** A connection was accepted. */
  accepted(): void {
    if (this.#sinceMs === undefined || this.#ending !== undefined) return;
    const seconds = Math.ceil((performance.now() - this.#sinceMs) / 1_000);
    this.#ending = setTimeout(() => {
      this.#sinceMs = undefined;
      this.#ending = undefined;
      logger.info("Accepting connections again, after {seconds} s", { seconds });
    }, QUIET_MS);
  }

  /** Cancels the pending log line. */
  close(): void {
    clearTimeout(this.#ending);
    this.#ending = undefined;
  }
}

/** The error with a remedy, where one is known. */
function explained(error: unknown): string {
  const { code } = error as { readonly code?: string };
  if (!OUT_OF_FILES.has(code ?? "")) return String(error);
  return `${error}. Raise how many files may be open: \`ulimit -n\`, systemd's LimitNOFILE`;
}
