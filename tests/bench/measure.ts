/**
 * Measures a row: its sides take turns, round by round, so that what disturbs the machine disturbs all of them.
 *
 * @module
 */
import type { Bench } from "./bench.ts";
import {
  type Line,
  NOT_AVAILABLE,
  type Row,
  type Sample,
  type SideName,
  SIDES,
  type Sides,
} from "./row.ts";
import { judge, meets, type Spread, spreadOf } from "./statistics.ts";
import { missingTools } from "./tools.ts";

/** V8 compiles for the first million messages, on the processors that the gateway runs on. */
const WARM_UP_MS = 5_000;

/** What a side has shown, over all rounds. */
export interface SideResult {
  readonly rounds: readonly number[];
  readonly median: number;
  /** CPU time of the server for a message, where it is known: the median. */
  readonly cpuUs?: number;
  /** Of Rafka: what is compared with the target; `undefined` where no round says anything. */
  readonly judged?: Spread;
  readonly meetsTarget?: boolean;
}

/** A line of the table with its figures; it goes to JSON as it is. */
export interface LineResult extends Line {
  readonly row: string;
  readonly opponentName?: string;
  readonly sides: Partial<Record<SideName, SideResult | typeof NOT_AVAILABLE>>;
}

/** What has become of a row. */
export interface RowResult {
  readonly row: string;
  readonly lines: readonly LineResult[];
  /** What a reader of the lines has to know. */
  readonly note?: string;
  /** Why there are no lines: it could not be measured here. */
  readonly leftOut?: string;
  /** Why there are no lines: something went wrong. */
  readonly failure?: string;
}

/** Measures a row; that it fails is a result, too. */
export async function measureRow(row: Row, bench: Bench, rounds: number): Promise<RowResult> {
  const leftOut = missingTools(row.tools);
  if (leftOut) return { row: row.name, lines: [], leftOut };
  try {
    await using stack = new AsyncDisposableStack();
    const sides = await row.open(bench, stack);
    if (typeof sides === "string") return { row: row.name, lines: [], leftOut: sides };
    if (!bench.quick) await warmUp(sides);
    const samples = await measureRounds(sides, rounds);
    const missing = SIDES.filter((name) => sides[name] === NOT_AVAILABLE);
    const lines = row.lines.map((_, index) => lineResult(row, index, samples, missing));
    return { row: row.name, lines, ...(sides.note !== undefined && { note: sides.note }) };
  } catch (error) {
    return { row: row.name, lines: [], failure: String((error as Error).message ?? error) };
  }
}

/** Rounds that do not count, as long as programs are being compiled: a gateway runs for weeks. */
async function warmUp(sides: Sides): Promise<void> {
  for (const name of SIDES) {
    const side = sides[name];
    if (typeof side !== "function") continue;
    const end = performance.now() + WARM_UP_MS;
    do await side(); while (performance.now() < end);
  }
}

type Samples = Readonly<Partial<Record<SideName, readonly Sample[]>>>;

async function measureRounds(sides: Sides, rounds: number): Promise<Samples> {
  const samples: Partial<Record<SideName, Sample[]>> = {};
  for (let round = 0; round < rounds; round++) {
    for (const name of SIDES) {
      const side = sides[name];
      if (typeof side === "function") (samples[name] ??= []).push(await side());
    }
  }
  return samples;
}

function lineResult(
  row: Row,
  index: number,
  samples: Samples,
  missing: readonly SideName[],
): LineResult {
  const line = row.lines[index]!;
  const valuesOf = (name: SideName): number[] | undefined =>
    samples[name]?.map(({ values }) => values[index]!);
  const opponent = valuesOf("opponent");
  const sides: LineResult["sides"] = {};
  for (const name of SIDES) {
    const rounds = valuesOf(name);
    if (missing.includes(name)) sides[name] = NOT_AVAILABLE;
    if (!rounds) continue;
    const cpuTimes = samples[name]!.flatMap(({ cpuUs }) => cpuUs ?? []);
    sides[name] = {
      rounds,
      median: spreadOf(rounds).median,
      ...(cpuTimes.length > 0 && { cpuUs: spreadOf(cpuTimes).median }),
      ...(name !== "opponent" && judged(line, name, rounds, opponent)),
    };
  }
  return {
    row: row.name,
    ...line,
    ...(row.opponent !== undefined && { opponentName: row.opponent }),
    sides,
  };
}

function judged(
  { judgement, target }: Line,
  name: "own" | "shared",
  rounds: readonly number[],
  opponent: readonly number[] | undefined,
): Pick<SideResult, "judged" | "meetsTarget"> {
  const spread = judge(judgement, rounds, opponent);
  if (spread === undefined) return {};
  const wanted = target[name];
  return {
    judged: spread,
    ...(wanted !== undefined && { meetsTarget: meets(judgement, spread.median, wanted) }),
  };
}
