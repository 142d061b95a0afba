/**
 * The latest refusals, for ACL LOG. Equal ones within a minute are one entry that counts.
 *
 * @see https://redis.io/docs/latest/commands/acl-log/
 * @module
 */

/** Redis' `acllog-max-len`. */
const MAX_ENTRIES = 128;
/** Refusals further apart are entries of their own, as in Redis. */
const SAME_MS = 60_000;
/** Characters of a text that an entry keeps: clients choose them. */
const MAX_CHARACTERS = 1_024;

/** A refused login, command, key or channel. */
export interface Denial {
  /** What was wrong. */
  readonly reason: "auth" | "command" | "key" | "channel";
  /** In EXEC or alone. */
  readonly context: "toplevel" | "multi";
  /** The command, the key, the channel, or the command of the login. */
  readonly object: string;
  /** Who was refused. */
  readonly username: string;
  /** The fields of CLIENT INFO at the latest refusal. */
  readonly clientInfo: string;
}

/** Equal refusals. */
export interface DenialEntry extends Denial {
  /** How many. */
  readonly count: number;
  /** When the latest was, as `Date.now()` has it. */
  readonly atMs: number;
}

/** Refusals, the latest first. */
export class AclLog {
  #entries: DenialEntry[] = [];

  /** Adds a refusal. */
  add(denial: Denial, nowMs: number = Date.now()): void {
    const kept = { ...denial, object: cut(denial.object), username: cut(denial.username) };
    const same = this.#entries.findIndex((one) =>
      one.reason === kept.reason && one.context === kept.context && one.object === kept.object &&
      one.username === kept.username && nowMs - one.atMs <= SAME_MS
    );
    const [before] = same < 0 ? [] : this.#entries.splice(same, 1);
    this.#entries.unshift({ ...kept, count: (before?.count ?? 0) + 1, atMs: nowMs });
    if (this.#entries.length > MAX_ENTRIES) this.#entries.pop();
  }

  /** The latest `count`. */
  latest(count: number): readonly DenialEntry[] {
    return this.#entries.slice(0, count);
  }

  /** Forgets all. */
  reset(): void {
    this.#entries = [];
  }
}

function cut(text: string): string {
  return text.slice(0, MAX_CHARACTERS);
}
