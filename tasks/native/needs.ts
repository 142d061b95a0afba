/**
 * What a built library needs of the machine it is to run on.
 *
 * @module
 */
import { TaskError } from "../say.ts";
import { glibcWith, neededOfGlibc, tooNew } from "./glibc.ts";

/** What must be there. */
export interface Needs {
  /** Shared libraries, other than the system's own, that it cannot do without. */
  readonly libraries: readonly string[];
  /** The oldest glibc that it runs with; undefined where there is none. */
  readonly glibc: string | undefined;
  /** The functions that make it newer than it should be. */
  readonly tooNew: readonly string[];
}

/** Reads it from the file, which may be for another processor. */
export async function readNeeds(path: string): Promise<Needs> {
  const [command, ...args] = Deno.build.os === "darwin"
    ? ["otool", "-L", path]
    : ["readelf", "--dynamic", "--dyn-syms", "--version-info", "--wide", path];
  const { success, stdout, stderr } = await new Deno.Command(command!, { args }).output();
  // readelf is content with a file that it can make nothing of
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
