/**
 * A control group of Linux that limits a program's threads, as for a container or a service.
 *
 * @module
 */
import { type Launcher, startArguments } from "./program.ts";

const project = new URL("../../", import.meta.url);
/** The paths of the pids controller, in version 1 and 2 of control groups. */
const HIERARCHIES = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];

/** Whether a control group can be created here: that requires root. */
export function canLimitPids(): boolean {
  return Deno.build.os === "linux" && HIERARCHIES.some(tryOut);
}

/** A group that exists until the end of the test; its processes must have exited by then. */
export class PidLimit implements Disposable {
  readonly #folder: string;

  /** @param limit maximum number of threads */
  constructor(limit: number) {
    const hierarchy = HIERARCHIES.find(tryOut)!;
    this.#folder = `${hierarchy}/rafka-test-${crypto.randomUUID().slice(0, 8)}`;
    run(`mkdir ${this.#folder} && echo ${limit} > ${this.#folder}/pids.max`);
  }

  /** Starts the gateway in the group. */
  readonly launcher: Launcher = (args, env) => {
    const script = `echo $$ > ${this.#folder}/cgroup.procs; exec "$0" "$@"`;
    const command = [Deno.execPath(), ...startArguments, ...args];
    return { command: "bash", args: ["-c", script, ...command], cwd: project, env };
  };

  [Symbol.dispose](): void {
    run(`rmdir ${this.#folder}`);
  }
}

function tryOut(hierarchy: string): boolean {
  const folder = `${hierarchy}/rafka-test-${crypto.randomUUID().slice(0, 8)}`;
  try {
    run(`mkdir ${folder} && { echo 100 > ${folder}/pids.max; ok=$?; rmdir ${folder}; exit $ok; }`);
    return true;
  } catch {
    return false;
  }
}

function run(script: string): void {
  const { success, stderr } = new Deno.Command("sh", { args: ["-c", script] }).outputSync();
  if (!success) throw new Error(`${script}: ${new TextDecoder().decode(stderr)}`);
}
