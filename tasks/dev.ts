/**
 * `deno task dev [options of the gateway]`: the gateway with an embedded Kafka, restarted whenever a source changes. A
 * port in use ends it: a watcher would wait for a change of a source, which does not help.
 *
 * @module
 */
import { parseFlags } from "../src/app/cli.ts";
import { serverDefaults } from "../src/config/schema.ts";
import { runTask } from "./run_task.ts";
import { TaskError } from "./say.ts";
import { startFlags } from "./start_flags.ts";

const HOST = "127.0.0.1";
/** Signals this soon after another count as the same one. */
const SAME_SIGNAL_MS = 500;

if (import.meta.main) await runTask(main);

async function main(): Promise<void> {
  checkPort();
  const args = ["--watch", "--no-clear-screen", ...startFlags, "src/main.ts", "--dev", "--host"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...args, HOST, ...Deno.args],
    detached: true, // a terminal's Ctrl-C arrives through here only, and once
  }).spawn();
  const interrupt = interrupter(child);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, interrupt);
  }
  const { code } = await child.status;
  Deno.exit(code);
}

/** A port in a configuration file is not checked here. */
function checkPort(): void {
  const { host = HOST, port = serverDefaults.port, config } = readFlags();
  if (config !== undefined) return;
  try {
    Deno.listen({ hostname: host, port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) return; // the gateway reports other errors
    throw new TaskError(
      `Port ${port} of ${host} is in use: another one is had with deno task dev --port <number>, any free one with ` +
        "--port 0",
    );
  }
}

/** The gateway rejects invalid arguments itself. */
function readFlags(): Partial<ReturnType<typeof parseFlags>> {
  try {
    return parseFlags(Deno.args);
  } catch {
    return { config: "" };
  }
}

/** Forwards a signal as the one that also ends a watcher. A terminal and `deno task` each send it. */
function interrupter(child: Deno.ChildProcess): () => void {
  let lastAtMs = -Infinity;
  return () => {
    const isSame = performance.now() - lastAtMs < SAME_SIGNAL_MS;
    lastAtMs = performance.now();
    try {
      if (!isSame) child.kill("SIGINT");
    } catch {
      // already ended
    }
  };
}
