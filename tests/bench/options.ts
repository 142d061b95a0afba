/**
 * The command line of `deno task bench`.
 *
 * @module
 */
import { readArgs } from "../../tasks/run_task.ts";
import { TaskError } from "../../tasks/say.ts";

/** What is asked for. */
export interface Options {
  readonly help: boolean;
  /** Small loads and few rounds: shows that the bench works, not how fast Rafka is. */
  readonly quick: boolean;
  /** Names of the rows to measure; undefined for all. */
  readonly rows: readonly string[] | undefined;
  readonly rounds: number;
  /** The checkout whose Rafka is measured; undefined for this one. */
  readonly rafka: string | undefined;
  /** A real Kafka for all rows. */
  readonly brokers: string | undefined;
  /** A file for the result. */
  readonly json: string | undefined;
  /** An earlier result. */
  readonly compare: string | undefined;
  readonly markdown: boolean;
}

/** What `--help` prints before the names of the rows. */
export const HELP = `Rafka beside Redis and librdkafka, in rounds that alternate; on Linux

Usage: deno task bench [options]

  --quick             small loads, 2 rounds: to see that all of it works
  --rows <a,b>        only these rows, see below
  --rounds <n>        rounds of each side (7, with --quick 2)
  --rafka <folder>    measure the Rafka of another checkout
  --brokers <h:p>     a real Kafka for all rows, instead of librdkafka's mock
                      cluster; rows that are about delays also take
                      KAFKA_BROKERS
  --json <file>       write the result to a file
  --compare <file>    show what has changed since that result, judged by the
                      CPU time of a message
  --markdown          print the table for docs/performance.md
  --help              print this
`;

const MAX_ROUNDS = 1_000;

/**
 * Reads the command line.
 *
 * @param rowNames all that there are
 * @throws {TaskError} that names what can't be used
 */
export function readOptions(args: readonly string[], rowNames: readonly string[]): Options {
  const values = readArgs(args, {
    help: { type: "boolean", short: "h" },
    quick: { type: "boolean" },
    markdown: { type: "boolean" },
    rows: { type: "string" },
    rounds: { type: "string" },
    rafka: { type: "string" },
    brokers: { type: "string" },
    json: { type: "string" },
    compare: { type: "string" },
  }, "deno task bench [options], see deno task bench --help");
  const { help = false, quick = false, markdown = false, rafka, brokers, json, compare } = values;
  return {
    help,
    quick,
    markdown,
    rafka,
    json,
    compare,
    brokers: brokers && readBrokers(brokers),
    rows: values.rows === undefined ? undefined : readRows(values.rows, rowNames),
    rounds: values.rounds === undefined ? (quick ? 2 : 7) : readRounds(values.rounds),
  };
}

function readRounds(text: string): number {
  const rounds = Number(text);
  if (!/^\d+$/.test(text) || rounds < 1 || rounds > MAX_ROUNDS) {
    throw new TaskError(`--rounds is '${text}': it must be a whole number from 1 to ${MAX_ROUNDS}`);
  }
  return rounds;
}

function readRows(text: string, rowNames: readonly string[]): string[] {
  const rows = text.split(",");
  const unknown = rows.filter((name) => !rowNames.includes(name));
  if (unknown.length > 0) {
    const names = unknown.map((name) => `'${name}'`).join(", ");
    throw new TaskError(`--rows names ${names}: the rows are ${rowNames.join(", ")}`);
  }
  return rows;
}

function readBrokers(text: string): string {
  if (!text.split(",").every((broker) => /^[^\s,]+:\d+$/.test(broker))) {
    throw new TaskError(`--brokers is '${text}': it must be host:port, or several with commas`);
  }
  return text;
}
