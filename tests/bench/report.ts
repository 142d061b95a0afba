/**
 * Results as text: a table for a terminal or for Markdown, and what has changed since an earlier result.
 *
 * @module
 */
import type { LineResult, RowResult, SideResult } from "./measure.ts";
import type { Judgement, SideName } from "./row.ts";

/** What a run has found, and where; the JSON file. */
export interface Report {
  /** One line about machine, versions and time. */
  readonly machine: string;
  readonly quick: boolean;
  readonly results: readonly RowResult[];
}

const HEAD = [
  "",
  "opponent",
  "Rafka own / shared",
  "ratio own / shared",
  "spread own / shared",
  "CPU µs a message, opponent / own / shared",
  "target",
];

/** A smaller part of the CPU time is noise. */
const NOTICEABLE = 0.05;
/** What a cell shows where there is nothing to show. */
const NOTHING = "–";

/** All lines that were measured. */
export function table({ results }: Report): string[][] {
  return [HEAD, ...results.flatMap(({ lines }) => lines.map(tableRow))];
}

/** What a reader of the table has to know of its rows. */
export function notes({ results }: Report): string[] {
  return results.flatMap(({ row, note }) => note === undefined ? [] : [`${row}: ${note}`]);
}

/** Rows that are not in the table, and why. */
export function remarks({ results }: Report): string[] {
  return results.flatMap(({ row, leftOut, failure }) => [
    ...(leftOut === undefined ? [] : [`left out: ${row}: ${leftOut}`]),
    ...(failure === undefined ? [] : [`FAILED: ${row}: ${failure}`]),
  ]);
}

/** Cells in columns. */
export function aligned(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows.map((row) => {
    return row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd() + "\n";
  }).join("");
}

/** Cells as Markdown has them. */
export function markdown(rows: readonly (readonly string[])[]): string {
  const [head, ...body] = rows.map((row) => `| ${row.join(" | ")} |\n`);
  return `${head}|${" --- |".repeat(rows[0]!.length)}\n${body.join("")}`;
}

/**
 * How Rafka has changed. The CPU time of a message decides where it is known, beside the opponent's in the same rounds:
 * other programs disturb it less than rates.
 */
export function comparison(before: Report, now: Report): string[][] {
  const old = new Map(
    before.results.flatMap(({ lines }) => lines).map((line) => [keyOf(line), line]),
  );
  const rows = now.results.flatMap(({ lines }) => lines).flatMap((line) =>
    (["own", "shared"] as const).flatMap((name) => {
      const [is, was] = [sideOf(line, name), sideOf(old.get(keyOf(line)), name)];
      if (!is?.judged || !was?.judged) return [];
      const { judgement, unit } = line;
      const [newMedian, oldMedian] = [is.judged.median, was.judged.median];
      return [[
        `${line.title} (${name})`,
        judgedText(judgement, oldMedian, unit),
        judgedText(judgement, newMedian, unit),
        judgement === "difference"
          ? `${signed(figure(newMedian - oldMedian))} ${unit}` // it may be around 0
          : percentChange(oldMedian, newMedian),
        cpuChange(was.cpuUs, is.cpuUs),
        cpuVerdict(relativeCpu(old.get(keyOf(line)), was), relativeCpu(line, is)),
      ]];
    })
  );
  return [["", "before", "now", "change", "CPU µs a message", "by CPU"], ...rows];
}

/** CPU time of a message as a part of the opponent's; as it is where there is none. */
function relativeCpu(line: LineResult | undefined, { cpuUs }: SideResult): number | undefined {
  return cpuUs && cpuUs / (sideOf(line, "opponent")?.cpuUs || 1);
}

function cpuVerdict(before: number | undefined, now: number | undefined): string {
  if (!before || !now) return NOTHING;
  const change = now / before - 1;
  return Math.abs(change) < NOTICEABLE ? "same" : change < 0 ? "better" : "WORSE";
}

function cpuChange(before: number | undefined, now: number | undefined): string {
  if (before === undefined || now === undefined) return NOTHING;
  return `${figure(before)} to ${figure(now)}, ${percentChange(before, now)}`;
}

function percentChange(before: number, now: number): string {
  return before === 0 ? NOTHING : `${signed(((now / before - 1) * 100).toFixed(1))} %`;
}

function keyOf({ row, title }: LineResult): string {
  return `${row}: ${title}`;
}

function tableRow(line: LineResult): string[] {
  const { judgement, unit, target } = line;
  const opponent = sideOf(line, "opponent");
  const both = (show: (side: SideResult) => string): string =>
    ours(line, (name) => {
      const side = line.sides[name];
      return side === undefined ? NOTHING : typeof side === "string" ? side : show(side);
    });
  return [
    `${line.title} (${line.row})`,
    opponent ? `${figure(opponent.median)} ${unit}, ${line.opponentName}` : NOTHING,
    `${both(({ median }) => figure(median))} ${unit}`,
    judgement === "value"
      ? NOTHING
      : both(({ judged }) => judged ? judgedText(judgement, judged.median, unit) : NOTHING),
    both(({ judged }) =>
      judged ? `${short(judgement, judged.min)}…${short(judgement, judged.max)}` : NOTHING
    ),
    cpuText(line),
    ours(line, (name) => targetText(judgement, target[name], sideOf(line, name)?.meetsTarget)),
  ];
}

/** Of both ways to run Rafka; of one, if the other makes no sense. */
function ours(line: LineResult, show: (name: "own" | "shared") => string): string {
  const names = (["own", "shared"] as const).filter((name) => line.sides[name] !== undefined);
  return names.length === 1 && names[0] === "own"
    ? show("own")
    : (["own", "shared"] as const).map(show).join(" / ");
}

function cpuText(line: LineResult): string {
  const names: readonly SideName[] = ["opponent", "own", "shared"];
  const times = names.map((name) => sideOf(line, name)?.cpuUs);
  if (times.every((time) => time === undefined)) return NOTHING;
  return times.map((time) => time === undefined ? NOTHING : figure(time)).join(" / ");
}

function targetText(
  judgement: Judgement,
  target: number | undefined,
  meetsTarget: boolean | undefined,
): string {
  if (target === undefined) return NOTHING;
  const words = judgement === "ratio" ? `≥ ${target}` : `≤ ${short(judgement, target)}`;
  return meetsTarget === undefined ? words : `${words} ${meetsTarget ? "✓" : "✗"}`;
}

function judgedText(judgement: Judgement, value: number, unit: string): string {
  return judgement === "ratio" ? short(judgement, value) : `${short(judgement, value)} ${unit}`;
}

function short(judgement: Judgement, value: number): string {
  if (judgement === "ratio") return value.toFixed(2);
  return judgement === "difference" ? signed(figure(value)) : figure(value);
}

function signed(text: string): string {
  return text.startsWith("-") ? text : `+${text}`;
}

/** Three digits say all that a bench knows; of what was too short for the clock it knows nothing. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return NOTHING;
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function sideOf(line: LineResult | undefined, name: SideName): SideResult | undefined {
  const side = line?.sides[name];
  return typeof side === "object" ? side : undefined;
}
