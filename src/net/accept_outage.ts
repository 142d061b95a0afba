/**
 * A time in which no connection can be accepted: one line in the log when it begins, one when it is over.
 *
 * @module
 */

import { getLogger } from "@logtape/logtape";

/** It is over when accepting has not failed for so long: where one goes another comes, and one line each fills a log. */
const QUIET_MS = 1_000;

/** The process, and the machine, has as many files open as it may. */
const OUT_OF_FILES = new Set(["EMFILE", "ENFILE"]);

const logger = getLogger(["rafka", "server"]);

/** Whether accepting fails at present. */
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

  /** Says nothing of its end any more. */
  close(): void {
    clearTimeout(this.#ending);
    this.#ending = undefined;
  }
}

/** What can be done about it, where we know. */
function explained(error: unknown): string {
  const { code } = error as { readonly code?: string };
  if (!OUT_OF_FILES.has(code ?? "")) return String(error);
  return `${error}. Raise how many files may be open: \`ulimit -n\`, systemd's LimitNOFILE`;
}
