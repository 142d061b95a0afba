/**
 * Outcomes as a table: of scenarios, and of trials of endurance.
 *
 * @module
 */
import type { EnduranceOutcome } from "./endurance.ts";
import type { Outcome } from "./stage.ts";

/** A scenario or a trial that was run; one that could not be played to its end has no outcome. */
export interface Played<T> {
  readonly what: string;
  readonly outcome: T | undefined;
  /** What must not have happened, or why there is no outcome. */
  readonly problems: readonly string[];
}

const HEAD = [
  "under load",
  "sent",
  "answered",
  "in Kafka",
  "failed, named",
  "handed out",
  "acked",
  "client sent again",
  "copies",
  "copies of what was reported as delivered",
  "steps back in order",
  "redelivered: not acked",
  "redelivered: ack not committed",
  "acks refused",
  "added by XADD",
  "entries handed out",
  "entries claimed",
  "entries redelivered",
  "longest stall",
  "promises",
];

/**
 * A line for each scenario. Counts are of messages; a message that was sent again is sent twice. Copies are records
 * that hold what the client has sent once.
 */
export function scenarioTable(played: readonly Played<Outcome>[]): string[][] {
  return [HEAD, ...played.map(scenarioRow)];
}

/** The same line for who watches. */
export function describe(played: Played<Outcome>): string {
  const cells = scenarioRow(played);
  return HEAD.map((name, column) => `${name} ${cells[column]}`).slice(1).join(", ");
}

function scenarioRow({ what, outcome, problems }: Played<Outcome>): string[] {
  if (!outcome) return [what, ...HEAD.slice(2).map(() => "–"), "not played"];
  const { ackErrors, longestStallMs } = outcome;
  const counts = [
    outcome.sent,
    outcome.answered,
    outcome.inKafka,
    outcome.missing,
    outcome.handedOut,
    outcome.acked,
    outcome.sentAgain,
    outcome.copies,
    outcome.copiesOfDelivered,
    outcome.stepsBack,
    outcome.redeliveredUnacked,
    outcome.redeliveredUncommitted,
    [...ackErrors.values()].reduce((sum, count) => sum + count, 0),
    outcome.added,
    outcome.entriesHandedOut,
    outcome.claimed,
    outcome.redeliveredEntries,
  ];
  return [
    what,
    ...counts.map((count) => count.toLocaleString("en")),
    `${(longestStallMs / 1_000).toFixed(1)} s`,
    kept(problems),
  ];
}

/** A line for each trial of endurance. */
export function enduranceTable(played: readonly Played<EnduranceOutcome>[]): string[][] {
  return [
    ["what is endured", "figures", "promises"],
    ...played.map(({ what, outcome, problems }) => [
      what,
      Object.entries(outcome?.figures ?? {}).map(([name, figure]) =>
        `${name}: ${typeof figure === "number" ? figure.toLocaleString("en") : figure}`
      ).join(", ") || "–",
      outcome ? kept(problems) : "not played",
    ]),
  ];
}

function kept(problems: readonly string[]): string {
  return problems.length === 0 ? "kept" : `${problems.length} BROKEN`;
}
