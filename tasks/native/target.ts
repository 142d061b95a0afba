/**
 * The target of a library: this machine, or another that Debian has a compiler for. Holds the names of its tools and
 * packages, and the path of its library.
 *
 * @module
 */
import { libraryName } from "./library.ts";
import { readArgs } from "../run_task.ts";
import { TaskError } from "../say.ts";
import { findMachine, type Machine, machines } from "../targets.ts";

/** A target to build for. */
export interface Target {
  /** Deno's and Rust's name. */
  readonly triple: string;
  /** Debian's name; undefined for this machine, where tools need no prefix. */
  readonly cross: Machine | undefined;
  /** The folder of all output. */
  readonly folder: string;
  /** The finished library. */
  readonly library: string;
}

/** The parsed command line. */
export interface Options {
  readonly target: Target;
  /** The target was named, so that only a library built for it is accepted. */
  readonly isTargetNamed: boolean;
  readonly rebuild: boolean;
}

/** Parses the command line of `deno task native` and of `deno task compile`. */
export function readOptions(args: string[]): Options {
  const options = { target: { type: "string" }, rebuild: { type: "boolean" } } as const;
  const usage = "deno task (native | compile) [--target <triple>] [--rebuild]";
  const { target, rebuild = false } = readArgs(args, options, usage);
  return {
    target: targetOf(target ?? Deno.build.target),
    isTargetNamed: target !== undefined,
    rebuild,
  };
}

/** Finds a target by its name (a triple, or x64 and arm64), if this machine can build for it. */
export function targetOf(name: string): Target {
  const machine = findMachine(name);
  const triple = machine?.triple ?? name;
  const isHost = triple === Deno.build.target;
  const names = Deno.build.os === "linux" ? machines.map(({ triple }) => triple) : [];
  if (!isHost && !names.includes(triple)) {
    const known = [...new Set([Deno.build.target, ...names])].join(", ");
    throw new TaskError(`Cannot build for ${triple}: on this machine --target can be ${known}`);
  }
  const folder = `native/${triple}`;
  const cross = isHost ? undefined : machine;
  return { triple, cross, folder, library: `${folder}/${libraryName}` };
}

/** The C compiler; for this machine it may be the user's choice. */
export function compilerFor(target: Target): string {
  return target.cross ? toolFor(target, "gcc") : Deno.env.get("CC") ?? "cc";
}

/** The name of a tool that builds for the target. */
export function toolFor({ cross }: Target, name: string): string {
  return `${cross?.tools ?? ""}${name}`;
}

/** The command that installs these development packages, for the target, on Debian and Ubuntu. */
export function debianInstall({ cross }: Target, packages: readonly string[]): string {
  if (!cross) return `apt-get install -y ${packages.join(" ")}`;
  const names = packages.map((name) =>
    name === "build-essential" ? `crossbuild-essential-${cross.debian}` : `${name}:${cross.debian}`
  );
  return `dpkg --add-architecture ${cross.debian} && apt-get update && ` +
    `apt-get install -y ${names.join(" ")}`;
}

/** The command that installs everything a full build needs. */
export function debianBuild(target: Target): string {
  return debianInstall(target, ["build-essential", "libssl-dev", "zlib1g-dev", "libzstd-dev"]);
}
