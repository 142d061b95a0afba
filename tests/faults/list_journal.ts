/**
 * What the clients of a trial with plain lists have seen, and the judge: each message is followed from its push to its
 * last pop.
 *
 * @module
 */
import { Problems } from "./problems.ts";

/** See `lists.ack`. */
export type ListAck = "next" | "sent";

/** A message that was sent once. */
export interface Pushed {
  readonly id: string;
  readonly sentAtMs: number;
  /** Of the reply that says that Kafka has it; undefined where nobody knows. */
  confirmedAtMs: number | undefined;
}

/** A message that a worker has got. */
export interface Popped {
  readonly id: string;
  readonly atMs: number;
  /** When the worker's next pop was answered, which acks it, or its QUIT. */
  settledAtMs: number | undefined;
  /** When the connection ended without either. */
  heldUntilMs: number | undefined;
  /** When another pop was sent, or QUIT: it acks this one when the gateway reads it, which the reply tells. */
  askedAgainAtMs: number | undefined;
}

/** A subscription. */
export interface Subscription {
  readonly subscribedAtMs: number;
  readonly ids: string[];
  endedAtMs: number;
  /** It was ended by the trial, when nothing was under way any more. */
  isWhole: boolean;
}

/** Acks may be lost, and partitions change hands: a gateway was killed or joined, a broker was killed. */
export interface Disturbance {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What was acked so long before is committed, also by brokers that share a busy machine. */
const COMMIT_MS = 4_000;
/** What is produced so long before the end of a subscription has come. */
const UNDER_WAY_MS = 4_000;

/** All that was written down. */
export class ListJournal {
  readonly pushed: Pushed[] = [];
  readonly popped: Popped[] = [];
  readonly subscriptions: Subscription[] = [];
  readonly disturbances: Disturbance[] = [];
  /** Workers' connections, and how many of them ended without QUIT. */
  connections = 0;
  deaths = 0;

  /** A message, before it is sent. */
  push(): Pushed {
    const id = String(this.pushed.length);
    const pushed = { id, sentAtMs: performance.now(), confirmedAtMs: undefined };
    this.pushed.push(pushed);
    return pushed;
  }

  /** A message that has come; undefined for none. */
  pop(id: string | undefined): Popped | undefined {
    if (id === undefined) return undefined;
    const atMs = performance.now();
    const popped: Popped = {
      id,
      atMs,
      settledAtMs: undefined,
      heldUntilMs: undefined,
      askedAgainAtMs: undefined,
    };
    this.popped.push(popped);
    return popped;
  }

  /** A subscription that was answered. */
  subscribe(): Subscription {
    const subscribedAtMs = performance.now();
    const subscription = { subscribedAtMs, ids: [], endedAtMs: Infinity, isWhole: false };
    this.subscriptions.push(subscription);
    return subscription;
  }

  /** Which messages have been popped. */
  get poppedIds(): Set<string> {
    return new Set(this.popped.map(({ id }) => id));
  }
}

/** What a trial has shown. */
export interface ListVerdict {
  readonly confirmed: number;
  readonly popped: number;
  /** Different messages that were popped more than once. */
  readonly again: number;
  /** Confirmed, and nobody has got them. */
  readonly missing: number;
  readonly heard: number;
  readonly problems: readonly string[];
}

/**
 * Compares.
 *
 * @param stored the values in the topic, as an independent client has read them
 */
export function checkLists(
  journal: ListJournal,
  ack: ListAck,
  stored: readonly string[],
): ListVerdict {
  const problems = new Problems();
  const { pushed, popped, subscriptions } = journal;
  const confirmed = pushed.filter(({ confirmedAtMs }) => confirmedAtMs !== undefined);
  checkStored(confirmed, stored, problems);
  const ids = journal.poppedIds;
  const missing = confirmed.filter(({ id }) => !ids.has(id));
  const pops = Map.groupBy(popped, ({ id }) => id);
  const known = new Set(stored);
  for (const [id, all] of pops) {
    if (!known.has(id)) problems.add("popped and not in the topic", id);
    checkPops(all, ack, journal, problems);
  }
  if (ack === "next") { for (const { id } of missing) problems.add("lost: never popped", id); }
  else if (missing.length > journal.deaths) {
    const names = missing.map(({ id }) => id).join(" ");
    problems.add("lost: more than the connections that died", `${missing.length} (${names})`);
  }
  for (const subscription of subscriptions) checkHeard(subscription, confirmed, problems);
  return {
    confirmed: confirmed.length,
    popped: popped.length,
    again: [...pops.values()].filter(({ length }) => length > 1).length,
    missing: missing.length,
    heard: subscriptions.reduce((sum, { ids }) => sum + ids.length, 0),
    problems: problems.lines,
  };
}

function checkStored(
  confirmed: readonly Pushed[],
  stored: readonly string[],
  problems: Problems,
): void {
  const counts = Map.groupBy(stored, (id) => id);
  for (const { id } of confirmed) {
    if (!counts.has(id)) problems.add("confirmed and not in the topic", id);
  }
  for (const [id, { length }] of counts) {
    if (length > 1) problems.add("sent once and twice in the topic", id);
  }
}

/** A message comes again when nobody has acked it, or when its ack may be lost, and else never. */
function checkPops(
  pops: readonly Popped[],
  ack: ListAck,
  { disturbances }: ListJournal,
  problems: Problems,
): void {
  const last = pops.at(-1)!;
  if (ack === "next" && last.settledAtMs === undefined && !mayBeAcked(last, disturbances)) {
    problems.add("died with its worker and never came again", last.id);
  }
  for (const [at, later] of pops.slice(1).entries()) {
    const earlier = pops[at]!;
    const ackedAtMs = (ack === "sent" ? earlier.atMs : earlier.settledAtMs) ?? Infinity;
    const isDisturbed = disturbances.some(({ fromMs, toMs }) =>
      ackedAtMs > fromMs - COMMIT_MS && later.atMs >= fromMs && earlier.atMs <= toMs
    );
    if (isDisturbed) continue;
    const diedAtMs = earlier.heldUntilMs ?? Infinity;
    if (ack === "sent") problems.add("popped twice", later.id);
    else if (ackedAtMs < Infinity) problems.add("popped again after its ack", later.id);
    else if (diedAtMs - later.atMs > COMMIT_MS) problems.add("with two workers", later.id);
  }
}

/** A gateway that is killed while the worker works on the message does not read the next pop. */
function mayBeAcked(
  { atMs, askedAgainAtMs }: Popped,
  disturbances: readonly Disturbance[],
): boolean {
  if (askedAgainAtMs === undefined) return false;
  return !disturbances.some(({ fromMs }) => atMs < fromMs && fromMs < askedAgainAtMs);
}

/** What is produced while it is subscribed comes, once. */
function checkHeard(
  { subscribedAtMs, ids, endedAtMs, isWhole }: Subscription,
  confirmed: readonly Pushed[],
  problems: Problems,
): void {
  const heard = new Set(ids);
  if (heard.size < ids.length) {
    problems.add("heard twice", `${ids.length - heard.size} of ${ids.length}`);
  }
  const untilMs = isWhole ? endedAtMs : endedAtMs - UNDER_WAY_MS;
  for (const { id, sentAtMs, confirmedAtMs } of confirmed) {
    const isDue = sentAtMs > subscribedAtMs && confirmedAtMs! < untilMs;
    if (isDue && !heard.has(id)) problems.add("produced and not heard", id);
  }
}
