/**
 * A machine with only the C library and the compiled binary: a folder as the root of the program's own mount namespace,
 * with /proc, an empty working directory and an empty environment; and /noexec, which denies execution.
 *
 * @module
 */
import assert from "node:assert/strict";
import { compiledBinary } from "./machine.ts";
import type { Launcher } from "./program.ts";

/**
 * Creates the namespace, then becomes the program, so that a signal to the process reaches the program. `env -i`
 * removes the path to unshare with all other variables.
 */
const ENTER =
  'mount --rbind /proc "$0/proc" && mount -t tmpfs -o noexec none "$0/noexec" && exec env -i "$@"';

/** A bare machine, removed at the end of the test. */
export class BareMachine implements Disposable {
  readonly #root: string;

  private constructor(root: string) {
    this.#root = root;
  }

  /** With a copy of the binary as /rafka. */
  static async create(): Promise<BareMachine> {
    const root = await Deno.makeTempDir({ prefix: "rafka-bare-" });
    const machine = new BareMachine(root);
    for (const folder of ["proc", "home", "noexec"]) await Deno.mkdir(`${root}/${folder}`);
    await Deno.copyFile(compiledBinary!, `${root}/rafka`);
    for (const path of await librariesOf(compiledBinary!)) {
      await copyInto(root, path);
    }
    return machine;
  }

  /** Writes a file to the program's working directory. */
  writeFile(name: string, text: string): void {
    Deno.writeTextFileSync(`${this.#root}/home/${name}`, text);
  }

  /** All paths outside of /proc. */
  files(): string[] {
    return [...walk(this.#root)].map((path) => path.slice(this.#root.length)).sort();
  }

  /** Starts /rafka there; `env` is all of its environment. */
  readonly launch: Launcher = (args, env) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    return Promise.resolve({
      command: "unshare",
      args: [
        "--mount",
        "sh",
        "-c",
        ENTER,
        this.#root,
        ...variables,
        "/usr/bin/unshare",
        `--root=${this.#root}`,
        "--wd=/home",
        "/rafka",
        ...args,
      ],
    });
  };

  [Symbol.dispose](): void {
    Deno.removeSync(this.#root, { recursive: true });
  }
}

function* walk(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (name === "proc") continue;
    if (isDirectory) yield* walk(path);
    else yield path;
  }
}

/** Copies a file of this machine to the same path below another root. */
export async function copyInto(root: string, path: string): Promise<void> {
  await Deno.mkdir(root + path.slice(0, path.lastIndexOf("/")), { recursive: true });
  await Deno.copyFile(path, root + path);
}

/** Paths of the shared libraries that a program needs. */
export async function librariesOf(binary: string): Promise<string[]> {
  const { success, stdout } = await new Deno.Command("ldd", { args: [binary] }).output();
  assert.ok(success);
  return new TextDecoder().decode(stdout).match(/\/\S+/g) ?? [];
}
