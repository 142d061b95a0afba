/**
 * The log as it arrives on standard error: a line a record, for people and for machines, which nobody who is
 * logged can forge; and many of a kind as one line.
 *
 * @module
 */
import assert from "node:assert/strict";
import { LOG_LEVELS } from "../../src/telemetry/log.ts";
import { LogSummary, type Occurrences } from "../../src/telemetry/log_summary.ts";
import { until } from "../support/gateway.ts";

Deno.test("a text line has time, level, place and message", async () => {
  const [line, ...more] = await logged("text", "info", [{
    level: "info",
    text: "Hello {name}",
    name: "you",
  }]);
  assert.match(line!, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z info {4}rafka\.test: Hello you$/);
  assert.deepEqual(more, []);
});

Deno.test("a JSON line is an object with time, level, place, message and the properties by name", async () => {
  const [line, ...more] = await logged("json", "info", [{ level: "warn", text: "{n} lost", n: 3 }]);
  const { "@timestamp": time, ...rest } = JSON.parse(line!);
  assert.ok(!Number.isNaN(Date.parse(time)), time);
  assert.deepEqual(rest, { level: "WARNING", message: "3 lost", logger: "rafka.test", n: 3 });
  assert.deepEqual(more, []);
});

const FORGED = "a\n2026-01-01T00:00:00.000Z fatal   rafka.main: forged\r\x1b[2J\x00\u0085\u2028b";

for (const format of ["text", "json"] as const) {
  Deno.test(`a name with control characters cannot write a line of its own (${format})`, async () => {
    const lines = await logged(format, "info", [{
      level: "info",
      text: "From {name}",
      name: FORGED,
    }]);
    assert.equal(lines.length, 1, lines.join("\n"));
    // deno-lint-ignore no-control-regex
    assert.doesNotMatch(lines[0]!, /[\x00-\x1f\x7f]/);
  });
}

Deno.test("in a text line nothing is left of control characters but a space", async () => {
  const [line] = await logged("text", "info", [{
    level: "info",
    text: "From {name}",
    name: FORGED,
  }]);
  assert.match(line!, /: From a 2026-01-01T00:00:00\.000Z fatal {3}rafka\.main: forged \[2J b$/);
});

Deno.test("a level shows itself and what is worse", async () => {
  const records = ["trace", "debug", "info", "warn", "error", "fatal"].map((level) => ({
    level,
    text: "x",
  }));
  for (const [index, level] of LOG_LEVELS.entries()) {
    const shown = (await logged("text", level, records)).map((line) => line.split(/ +/)[1]);
    assert.deepEqual(shown, LOG_LEVELS.slice(index));
  }
});

interface Noted {
  readonly kind: string;
  readonly count: number;
}

Deno.test("the first of a kind is logged at once, those that follow as one line with their count", async () => {
  const lines: Noted[] = [];
  const summary = newSummary(lines, 50);
  summary.note("a", "a");
  assert.deepEqual(lines, [{ kind: "a", count: 1 }]);
  summary.note("a", "a", 10);
  for (let n = 0; n < 990; n++) summary.note("a", "a");
  assert.equal(lines.length, 1);
  await until(() => lines.length > 1, "the sum");
  assert.deepEqual(lines, [{ kind: "a", count: 1 }, { kind: "a", count: 1_000 }]);
  summary.close();
});

Deno.test("each kind is counted by itself", () => {
  const lines: Noted[] = [];
  const summary = newSummary(lines, 3_600_000);
  for (const kind of ["a", "b", "b", "a", "a"]) summary.note(kind, kind);
  assert.deepEqual(lines, [{ kind: "a", count: 1 }, { kind: "b", count: 1 }]);
  summary.close();
  assert.deepEqual(lines.slice(2), [{ kind: "a", count: 2 }, { kind: "b", count: 1 }]);
});

Deno.test("a kind that was silent for an interval is new again: logged at once", async () => {
  const lines: Noted[] = [];
  const summary = newSummary(lines, 20);
  for (const kind of ["silent", "going on", "going on"]) summary.note(kind, kind);
  await until(() => lines.length === 3, "the end of the interval");
  summary.note("silent", "silent");
  assert.deepEqual(lines.slice(2), [{ kind: "going on", count: 1 }, { kind: "silent", count: 1 }]);
  summary.close();
});

Deno.test("the end logs what is still counted, and from when to when it was", () => {
  const occurrences: Occurrences<string>[] = [];
  const summary = new LogSummary<string>((each) => occurrences.push({ ...each }), 3_600_000);
  const before = new Date();
  for (const event of ["first", "second", "third"]) summary.note("a", event);
  summary.close();
  assert.deepEqual(occurrences.map(({ latest, count }) => [latest, count]), [["first", 1], [
    "third",
    2,
  ]]);
  const { firstAt, lastAt } = occurrences[1]!;
  assert.ok(before <= firstAt && firstAt <= lastAt && lastAt <= new Date());
});

Deno.test("with nothing left to count the end logs nothing", () => {
  const lines: Noted[] = [];
  const summary = newSummary(lines, 3_600_000);
  summary.note("a", "a");
  summary.close();
  assert.equal(lines.length, 1);
});

Deno.test("more kinds than can be told apart become one", () => {
  const lines: Noted[] = [];
  const summary = newSummary(lines, 3_600_000);
  for (let n = 0; n < 5_000; n++) summary.note(`kind ${n}`, "x");
  summary.close();
  assert.ok(lines.length < 1_100, `${lines.length} lines`);
  assert.equal(lines.reduce((sum, { count }) => sum + count, 0), 5_000);
});

function newSummary(lines: Noted[], intervalMs: number): LogSummary<string> {
  return new LogSummary(({ latest, count }) => lines.push({ kind: latest, count }), intervalMs);
}

/** The lines on standard error of a process that logs these records. */
async function logged(
  format: string,
  level: string,
  records: readonly (Record<string, unknown> & { level: string; text: string })[],
): Promise<string[]> {
  const program = `
    import { getLogger } from "@logtape/logtape";
    import { setUpLog } from ${
    JSON.stringify(new URL("../../src/telemetry/log.ts", import.meta.url).href)
  };
    await setUpLog(${JSON.stringify(format)}, ${JSON.stringify(level)});
    const logger = getLogger(["rafka", "test"]);
    for (const { level, text, ...properties } of ${JSON.stringify(records)}) {
      logger[level](text, properties);
    }`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--quiet", "--no-check", "--ext=ts", program],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stderr);
  assert.ok(success, text);
  return text.split("\n").slice(0, -1);
}
