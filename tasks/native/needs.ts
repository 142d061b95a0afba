/**
 * The requirements of a built library on the machine that runs it.
 *
 * @module
 */
import { TaskError } from "../say.ts";
import { glibcWith, neededOfGlibc, tooNew } from "./glibc.ts";

/** Requirements of a library. */
export interface Needs {
  /** Required shared libraries beside the system's own. */
  readonly libraries: readonly string[];
  /** The oldest glibc that it runs with; undefined without any. */
  readonly glibc: string | undefined;
  /** The functions that need a newer glibc than the oldest supported one. */
  readonly tooNew: readonly string[];
}

/** Reads the requirements from a file, which may be for another processor. */
export async function readNeeds(path: string): Promise<Needs> {
  const [command, ...args] = Deno.build.os === "darwin"
    ? ["otool", "-L", path]
    : ["readelf", "--dynamic", "--dyn-syms", "--version-info", "--wide", path];
  const { success, stdout, stderr } = await new Deno.Command(command!, { args }).output();
  // readelf succeeds with a file that it cannot parse
  if (!success || (stdout.length === 0 || stderr.length > 0)) {
    throw new TaskError(
      `${command} cannot read ${path}: ${new TextDecoder().decode(stderr).trim()}`,
    );
  }
  const text = new TextDecoder().decode(stdout);
  const names = [...text.matchAll(/NEEDED.*\[(.+)\]|^\s+(\/\S+)/gm)].map(([, linux, mac]) =>
    linux ?? mac!
  );
  const symbols = neededOfGlibc(text);
  return {
    libraries: names.filter((name) => !isPlatform(name)),
    glibc: glibcWith(symbols),
    tooNew: tooNew(symbols),
  };
}

function isPlatform(name: string): boolean {
  return /^(lib(c|m|dl|rt|pthread|gcc_s)\.|ld-|libc\.musl)|^\/(usr\/lib|System)\/|librdkafka/.test(
    name,
  );
}
