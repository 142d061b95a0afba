/**
 * A control group of Linux that lets a program have so many threads, as a container or a service has.
 *
 * @module
 */
import { type Launcher, startArguments } from "./program.ts";

const project = new URL("../../", import.meta.url);
/** Where the controller of pids is, in the first version of control groups and in the second. */
const HIERARCHIES = ["/sys/fs/cgroup/pids", "/sys/fs/cgroup"];

/** One can be made here: that takes root. */
export function canLimitPids(): boolean {
  return Deno.build.os === "linux" && HIERARCHIES.some(tryOut);
}

/** A group that is there until the test ends; what is started in it must have ended by then. */
export class PidLimit implements Disposable {
  readonly #folder: string;

  /** @param limit how many threads it allows */
  constructor(limit: number) {
    const hierarchy = HIERARCHIES.find(tryOut)!;
    this.#folder = `${hierarchy}/rafka-test-${crypto.randomUUID().slice(0, 8)}`;
    run(`mkdir ${this.#folder} && echo ${limit} > ${this.#folder}/pids.max`);
  }

  /** Starts the gateway in it. */
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
