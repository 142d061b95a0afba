/**
 * `deno task bench`: Rafka beside Redis and librdkafka. Starts all that it needs and ends it, also when it is told to
 * stop. The exit code is 1 when a row failed; missing a target is no failure.
 *
 * @module
 */
import { runTask } from "../../tasks/run_task.ts";
import { say, sayOver, TaskError } from "../../tasks/say.ts";
import type { Bench } from "./bench.ts";
import { Broker } from "./broker.ts";
import { describeMachine } from "./machine.ts";
import { measureRow, type RowResult } from "./measure.ts";
import { HELP, type Options, readOptions } from "./options.ts";
import { killChildren } from "./process.ts";
import { Checkout } from "./rafka.ts";
import { aligned, comparison, markdown, notes, remarks, type Report, table } from "./report.ts";
import { rows } from "./rows.ts";

const EXIT_SIGNAL = 130;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  Deno.addSignalListener(signal, async () => {
    await killChildren();
    Deno.exit(EXIT_SIGNAL);
  });
}

await runTask(async () => {
  const options = readOptions(Deno.args, rows.map(({ name }) => name));
  if (options.help) return print(`${HELP}\nRows:\n${listOfRows()}`);
  const before = options.compare === undefined
    ? undefined
    : await readReport(options.compare, options);
  if (options.json) await checkWritable(options.json);
  const report = await measure(options);
  if (options.json) await Deno.writeTextFile(options.json, JSON.stringify(report, null, 2) + "\n");
  print(show(report, options));
  if (before) print(`\n${aligned(comparison(before, report))}`);
  for (const remark of remarks(report)) say(remark);
  if (report.results.some(({ failure }) => failure !== undefined)) Deno.exit(1);
});

async function measure(options: Options): Promise<Report> {
  const chosen = rows.filter(({ name }) => options.rows?.includes(name) ?? true);
  const checkout = await Checkout.open(options.rafka ?? Deno.cwd());
  const machine = await describeMachine();
  await using broker = options.brokers ? Broker.real(options.brokers) : await Broker.mock();
  const bench: Bench = {
    checkout,
    broker,
    realBrokers: options.brokers ?? (Deno.env.get("KAFKA_BROKERS") || undefined),
    quick: options.quick,
  };
  const results: RowResult[] = [];
  for (const row of chosen) {
    if (Deno.stderr.isTerminal()) sayOver(`${row.name} …`);
    results.push(await measureRow(row, bench, options.rounds));
  }
  return { machine, quick: options.quick, results };
}

function show(report: Report, options: Options): string {
  const cells = table(report);
  const lines = options.markdown ? markdown(cells) : aligned(cells);
  const kafka = options.brokers ? `Kafka at ${options.brokers}` : "librdkafka's mock cluster";
  const sentences = [
    `Medians of ${options.rounds} rounds on ${kafka}`,
    ...notes(report),
    report.machine,
    ...(report.quick ? ["Small loads: the figures mean little"] : []),
  ];
  return `${lines}\n${sentences.join(".\n")}.\n`;
}

function listOfRows(): string {
  const lines = rows.flatMap(({ name, lines }) => lines.map(({ title }) => [`  ${name}`, title]));
  return aligned(lines);
}

async function readReport(path: string, { quick }: Options): Promise<Report> {
  const text = await Deno.readTextFile(path).catch((error) => {
    throw new TaskError(`--compare is '${path}', which can't be read: ${error.message}`);
  });
  const report = parseReport(text);
  if (!report) {
    throw new TaskError(`--compare is '${path}', which is not a file that --json has written`);
  }
  if (report.quick !== quick) {
    const how = report.quick ? "with --quick" : "without --quick";
    throw new TaskError(`--compare is '${path}', which was measured ${how}: this must be, too`);
  }
  return report;
}

function parseReport(text: string): Report | undefined {
  try {
    const report = JSON.parse(text);
    return Array.isArray(report?.results) ? report : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Before minutes are spent. */
async function checkWritable(path: string): Promise<void> {
  try {
    (await Deno.open(path, { write: true, create: true })).close();
  } catch (error) {
    throw new TaskError(`--json is '${path}', which can't be written: ${(error as Error).message}`);
  }
}

function print(text: string): void {
  let rest = new TextEncoder().encode(text);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
