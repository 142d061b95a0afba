/**
 * `deno task dev [options of the gateway]`: the gateway with an embedded Kafka, again whenever a source changes. A port
 * that is taken ends it: a watcher would wait for a change of a source, which is no help.
 *
 * @module
 */
import { parseFlags } from "../src/app/cli.ts";
import { serverDefaults } from "../src/config/schema.ts";
import { runTask } from "./run_task.ts";
import { TaskError } from "./say.ts";
import { startFlags } from "./start_flags.ts";

const HOST = "127.0.0.1";
/** Signals that come so soon after another are the same one. */
const SAME_SIGNAL_MS = 500;
/**
 * A shutdown takes less. When the gateway ends in the moment in which the watcher hears of the signal, the watcher may
 * wait for a change of a source instead of ending.
 */
const AGAIN_MS = 30_000;

if (import.meta.main) await runTask(main);

async function main(): Promise<void> {
  checkPort();
  const args = ["--watch", "--no-clear-screen", ...startFlags, "src/main.ts", "--dev", "--host"];
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", ...args, HOST, ...Deno.args],
    detached: true, // a terminal's Ctrl-C comes from here only, and once
  }).spawn();
  let isMissed = false;
  const interrupt = interrupter(child, () => isMissed = true);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    Deno.addSignalListener(signal, interrupt);
  }
  const { code } = await child.status;
  Deno.exit(isMissed ? 0 : code);
}

/** Of a port that a file of the configuration names nothing is known here. */
function checkPort(): void {
  const { host = HOST, port = serverDefaults.port ?? 0, config } = readFlags();
  if (config !== undefined) return;
  try {
    Deno.listen({ hostname: host, port }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) return; // the gateway says what else is wrong
    throw new TaskError(
      `Port ${port} of ${host} is in use: another one is had with deno task dev --port <number>, any free one with ` +
        "--port 0",
    );
  }
}

/** The gateway refuses what can't be read. */
function readFlags(): Partial<ReturnType<typeof parseFlags>> {
  try {
    return parseFlags(Deno.args);
  } catch {
    return { config: "" };
  }
}

/**
 * Passes a signal on as the one that ends a watcher, too; again if it has not. A terminal and `deno task` each send it.
 */
function interrupter(child: Deno.ChildProcess, onMissed: () => void): () => void {
  let lastAtMs = -Infinity;
  return () => {
    const isFirst = lastAtMs === -Infinity;
    const isSame = performance.now() - lastAtMs < SAME_SIGNAL_MS;
    lastAtMs = performance.now();
    if (!isSame) interrupt(child);
    if (!isFirst) return;
    setTimeout(() => {
      onMissed();
      interrupt(child);
    }, AGAIN_MS);
  };
}

function interrupt(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGINT");
  } catch {
    // it has ended already
  }
}
