/**
 * `deno task test [arguments of deno test]`: lists what this machine cannot test, runs `deno test`, and prints
 * `N passed, N failed[, N skipped]` as the last line. A run without any test is a failure.
 *
 * @module
 */
import { clients } from "../tests/clients/clients.ts";
import { extras } from "../tests/support/machine.ts";
import { say } from "./say.ts";
import { type Counts, TestOutput } from "./test_output.ts";

const permissions = [
  "--no-prompt",
  "--allow-net",
  "--allow-ffi",
  "--allow-read",
  "--allow-write",
  "--allow-run",
  "--allow-env",
  "--allow-sys",
];

if (import.meta.main) {
  sayWhatIsMissing();
  Deno.exit(await runTests(Deno.args.length > 0 ? Deno.args : ["tests/"]));
}

function sayWhatIsMissing(): void {
  const onlyClients = Deno.args.some((arg) => arg.startsWith("tests/clients"));
  for (const { name, present, leavesOut, howToGet } of extras) {
    if (!onlyClients && !present()) {
      say(`Without ${name} not tested: ${leavesOut} (${howToGet})`, Deno.stdout);
    }
  }
  for (const { client, version, command, howToGet } of clients) {
    if (command === undefined) say(`Not tested: ${client} ${version} (${howToGet})`, Deno.stdout);
  }
}

async function runTests(args: readonly string[]): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", ...permissions, ...args],
    // deno test does not detect the terminal: its output is piped through here
    env: Deno.stdout.isTerminal() ? {} : { NO_COLOR: "1" },
    stdin: "null",
    stdout: "piped",
    detached: true, // a separate process group, so that it can be stopped with all processes of the tests
  }).spawn();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, () => signalGroup(child.pid, signal));
  }
  const output = new TestOutput();
  const shown = show(child.stdout, output);
  const { code } = await child.status;
  signalGroup(child.pid, "SIGKILL"); // a leftover process would keep the output open
  await shown;
  if (output.isMidLine) say("", Deno.stdout); // stopped or crashed
  return report(output, code);
}

function signalGroup(leader: number, signal: Deno.Signal): void {
  try {
    Deno.kill(-leader, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error; // the group has ended
  }
}

async function show(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  output: TestOutput,
): Promise<void> {
  const watch = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller): void {
      output.push(chunk);
      controller.enqueue(chunk);
    },
  });
  await stream.pipeThrough(watch).pipeTo(Deno.stdout.writable, { preventClose: true });
}

/** Prints the closing lines and returns the exit code. */
function report({ counts, ignoredNames }: TestOutput, code: number): number {
  const { passed, failed, ignored } = believable(counts, code);
  if (Deno.env.get("CI") === "true") {
    for (const name of ignoredNames) say(`skipped: ${name}`, Deno.stdout);
  }
  const skipped = ignored > 0 ? `, ${ignored} skipped` : "";
  say(`${passed} passed, ${failed} failed${skipped}`, Deno.stdout);
  return code !== 0 ? code : Number(passed === 0 || failed > 0);
}

/** Deno's counts, unless they are absent or hide a failure. */
function believable(counts: Counts | undefined, code: number): Counts {
  if (counts === undefined) {
    say(`deno test ended with code ${code} before it had counted`, Deno.stdout);
    return { passed: 0, failed: 1, ignored: 0 };
  }
  if (code !== 0 && counts.failed === 0) {
    say(`deno test ended with code ${code} although no test failed`, Deno.stdout);
    return { ...counts, failed: 1 };
  }
  if (counts.passed + counts.failed === 0) say("No test was run: a failure", Deno.stdout);
  return counts;
}
